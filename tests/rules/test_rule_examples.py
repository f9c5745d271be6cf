"""Every rule is held to its own record: both examples are run, and its fix is proven."""

from __future__ import annotations

import pytest
from rule_help import MARK, by_engine, by_text, halves, on_engine, proven, run_setup

from backend.engines.postgres.host import PostgresHost
from knowledge.report import Basis, Severity
from knowledge.rules import FAMILIES, all_rules
from knowledge.rules.rule import Rule, SchemaRule, StatementRule
from knowledge.schema import Schema

RULES = all_rules()
STATEMENT_RULES = [rule for rule in RULES if isinstance(rule, StatementRule)]
SCHEMA_RULES = [rule for rule in RULES if isinstance(rule, SchemaRule)]
ONLY_RUNNING_TELLS = {"migration-fails", *(rule.id for rule in STATEMENT_RULES if rule.observed_only)}
ONLY_RUNNING_CLEARS = {"drop-table"}
"""DROP TABLE IF EXISTS of a table that is not there: no text says that."""


def named(rules: list[Rule]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rule", rules, ids=lambda rule: rule.id)


async def schema_after(host: PostgresHost, example: str) -> Schema:
    setup, script = halves(example)
    async with host.scratch() as scratch:
        await run_setup(scratch, setup)
        _, schema = await on_engine(scratch, script, [])
        return schema


def test_ids_are_unique_and_readable() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert all(name == name.lower() and " " not in name and "_" not in name for name in ids)


@named(RULES)
def test_a_rule_is_completely_described(rule: Rule) -> None:
    assert rule.family in FAMILIES
    assert isinstance(rule.severity, Severity)
    assert rule.claim.endswith(".") and "\n" not in rule.claim
    assert rule.why and rule.unless
    assert rule.failing != rule.passing
    assert rule.sources and all(source.startswith("https://") for source in rule.sources)
    assert rule.versions
    assert rule.fix_safety in ("safe", "review", "none")
    assert (rule.remedy is None) == (rule.fix_safety == "none")


@named(STATEMENT_RULES)
async def test_the_failing_example_is_found_by_running_it(postgres: PostgresHost, rule: StatementRule) -> None:
    found = [item for item in await by_engine(postgres, rule.failing) if item.rule == rule.id]
    assert found
    for item in found:
        finding = item.judgement.finding
        assert finding.basis is Basis.OBSERVED
        assert finding.evidence[0].action and finding.evidence[0].result
        assert finding.location.path == "example.sql" and finding.location.line > 1
        assert finding.subject and finding.message


@named(STATEMENT_RULES)
async def test_the_passing_example_is_not_found_by_running_it(postgres: PostgresHost, rule: StatementRule) -> None:
    judged = await by_engine(postgres, rule.passing)
    assert [item.judgement.finding.message for item in judged if item.rule == rule.id] == []
    assert [item.judgement.finding.message for item in judged if item.rule == "migration-fails"] == []


@named([rule for rule in STATEMENT_RULES if rule.id not in ONLY_RUNNING_TELLS])
def test_the_failing_example_is_suspected_by_its_text(rule: StatementRule) -> None:
    found = [item.judgement.finding for item in by_text(rule.failing) if item.rule == rule.id]
    assert found
    assert all(finding.basis is not Basis.OBSERVED for finding in found)


@named([rule for rule in STATEMENT_RULES if rule.id not in ONLY_RUNNING_CLEARS])
def test_the_passing_example_is_not_suspected_by_its_text(rule: StatementRule) -> None:
    assert [item.judgement.finding.message for item in by_text(rule.passing) if item.rule == rule.id] == []


@named([rule for rule in STATEMENT_RULES if rule.fix_safety == "safe"])
async def test_a_safe_fix_is_proven(postgres: PostgresHost, rule: StatementRule) -> None:
    found = [item for item in await by_engine(postgres, rule.failing) if item.rule == rule.id]
    for item in found:
        fix = await proven(postgres, rule.failing, item)
        assert fix.steps
        assert fix.proven, fix.proof
        assert fix.proof.startswith("end catalog identical")


@named([rule for rule in STATEMENT_RULES if rule.fix_safety == "review"])
async def test_a_fix_to_review_has_words_and_never_runs_into_an_error(
    postgres: PostgresHost, rule: StatementRule
) -> None:
    item = next(item for item in await by_engine(postgres, rule.failing) if item.rule == rule.id)
    fix = await proven(postgres, rule.failing, item)
    assert fix.summary
    assert "fails itself" not in fix.proof and "could not be read" not in fix.proof
    assert fix.proven <= bool(fix.steps)


@named(SCHEMA_RULES)
async def test_the_failing_schema_is_found(postgres: PostgresHost, rule: SchemaRule) -> None:
    schema = await schema_after(postgres, rule.failing)
    hits = list(rule.inspect(schema))
    assert hits and all(hit.subject and hit.message for hit in hits)


@named(SCHEMA_RULES)
async def test_the_passing_schema_is_not_found(postgres: PostgresHost, rule: SchemaRule) -> None:
    schema = await schema_after(postgres, rule.passing)
    assert [hit.message for hit in rule.inspect(schema)] == []


def test_examples_say_what_was_there_before() -> None:
    without = [rule.id for rule in STATEMENT_RULES if MARK not in rule.failing or MARK not in rule.passing]
    assert without == []
