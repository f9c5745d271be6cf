"""Suppressions and baselines: what they let pass, what they must not, and what is said about them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_harness import only, review, rules_of, toolbox_at

from backend.engines.postgres.host import PostgresHost
from knowledge.baseline import BaselineError, dump, fingerprint, is_new, load, normalised
from knowledge.formats.postgres_sql import read
from knowledge.report import Finding, Severity
from knowledge.suppression import EXPIRED, UNREADABLE, WITHOUT_REASON, complaint, in_force, suppressions
from tools.review_schema import ReviewSchemaRequest, run
from tools.spec import ToolError
from tools.toolbox import Toolbox

TODAY = date(2026, 11, 24)
DROP = "ALTER TABLE users DROP COLUMN nickname;\n"


@pytest.fixture
def box(tmp_path: Path, postgres: PostgresHost) -> Toolbox:
    return toolbox_at(tmp_path, postgres)


@pytest.mark.parametrize(
    "sql",
    [
        f"-- architect: allow drop-column because nobody reads it since 4.2\n{DROP}",
        f"-- architect: allow drop-column until 2026-11-24 because nobody reads it\n{DROP}",
        f"-- architect: allow drop-column because x\n-- removes the nickname\n{DROP}",
        "ALTER TABLE users DROP COLUMN nickname; -- architect: allow drop-column because nobody reads it\n",
        "ALTER TABLE users\n    -- Architect: Allow drop-column, no-lock-timeout because nobody reads it\n"
        "    DROP COLUMN nickname;\n",
    ],
)
async def test_a_suppression_with_a_reason_silences_its_rule_on_its_statement(box: Toolbox, sql: str) -> None:
    report = await review(box, sql, rules=["drop-column"], prove=False)
    assert rules_of(report) == []
    assert report.fact("suppressed") == "1"


@pytest.mark.parametrize(
    ("comment", "complaint_id"),
    [
        ("-- architect: allow drop-column until 2026-11-23 because it was urgent", EXPIRED),
        ("-- architect: allow drop-column", WITHOUT_REASON),
        ("-- architect: allow drop-column until 2027-01-31", WITHOUT_REASON),
        ("-- architect: allow drop-column because   ", WITHOUT_REASON),
        ("-- architect: allow drop-column until tomorrow because it is urgent", UNREADABLE),
        ("-- architect: allow drop-column until 2027-02-30 because it is urgent", UNREADABLE),
        ("-- architect: permit drop-column because it is urgent", UNREADABLE),
    ],
)
async def test_a_suppression_that_is_not_in_force_is_a_finding_and_silences_nothing(
    box: Toolbox, comment: str, complaint_id: str
) -> None:
    report = await review(box, f"{comment}\n{DROP}", rules=["drop-column"], prove=False)
    assert sorted(rules_of(report)) == sorted(["drop-column", complaint_id])
    assert only(report, complaint_id).location.line == 1


async def test_another_rule_or_another_statement_is_not_silenced(box: Toolbox) -> None:
    other_rule = "-- architect: allow drop-table because x\n" + DROP
    assert rules_of(await review(box, other_rule, rules=["drop-column"], prove=False)) == ["drop-column"]
    two = f"-- architect: allow drop-column because x\n{DROP}ALTER TABLE users DROP COLUMN email;\n"
    report = await review(box, two, rules=["drop-column"], prove=False)
    assert [finding.subject for finding in report.findings] == ["public.users.email"]


async def test_a_suppression_that_nothing_needed_is_told(box: Toolbox) -> None:
    report = await review(box, "-- architect: allow drop-table because x\n" + DROP, prove=False)
    assert any("not needed" in note and "drop-table" in note for note in report.not_tested)


async def test_schema_findings_are_silenced_at_the_line_of_their_table(box: Toolbox) -> None:
    sql = "-- architect: allow no-primary-key because it is a staging table\nCREATE TABLE staging (line text);\n"
    assert rules_of(await review(box, sql)) == []


async def test_a_baseline_hides_what_it_holds_and_nothing_new(box: Toolbox) -> None:
    first = await review(box, DROP, prove=False)
    saved = next(item for item in first.artifacts if item.name == "baseline.json").text
    (box.workspace.root / "baseline.json").write_text(saved)
    moved = "-- a comment above\n\nALTER  TABLE users\n  DROP COLUMN nickname;\n"
    again = await review(box, moved, prove=False, baseline="baseline.json")
    assert rules_of(again) == []
    assert again.fact("in baseline") == str(len(first.findings))
    new = await review(box, moved + "DROP TABLE posts;\n", prove=False, baseline="baseline.json")
    assert "drop-table" in rules_of(new)
    assert "drop-column" not in rules_of(new)


async def test_a_second_finding_equal_to_an_accepted_one_is_new(box: Toolbox) -> None:
    first = await review(box, "DELETE FROM users;", prove=False, rules=["update-or-delete-without-where"])
    (box.workspace.root / "b.json").write_text(first.artifacts[0].text)
    twice = await review(
        box, "DELETE FROM users;DELETE FROM users;", prove=False, baseline="b.json",
        rules=["update-or-delete-without-where"],
    )  # fmt: skip
    assert len(twice.findings) == 1


@pytest.mark.parametrize("text", ["{}", "[1]", "no json", '"x"'])
async def test_a_baseline_of_another_shape_is_refused(box: Toolbox, text: str) -> None:
    (box.workspace.root / "b.json").write_text(text)
    with pytest.raises(ToolError, match="JSON"):
        await run(ReviewSchemaRequest(sql=DROP, baseline="b.json"), box)


@given(st.lists(st.text(min_size=1, max_size=40), max_size=20))
def test_a_baseline_survives_being_written_and_read(fingerprints: list[str]) -> None:
    assert load(dump(fingerprints)) == Counter(fingerprints)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=6))
def test_as_many_findings_are_new_as_the_baseline_does_not_hold(found: list[str], known: list[str]) -> None:
    assert sum(is_new(found, Counter(known))) == sum((Counter(found) - Counter(known)).values())


@given(st.text(max_size=200))
def test_no_text_can_make_the_baseline_reader_fail_otherwise(text: str) -> None:
    try:
        load(text)
    except BaselineError as error:
        assert "baseline" in str(error)


def test_a_fingerprint_ignores_place_and_spacing_but_not_words() -> None:
    finding = Finding(rule="drop-column", severity=Severity.HIGH, message="m", subject="public.users.nickname")
    statements = [
        read(text).statements[0]
        for text in (DROP, "\n\n" + DROP.replace(" ", "   "), DROP.replace("nickname", "nick -- why\n"))
    ]
    one, spaced, other = (fingerprint(finding, statement) for statement in statements)
    assert one == spaced
    assert one != other
    assert normalised(statements[2].sql) == "ALTER TABLE users DROP COLUMN nick"


RULES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), min_size=1, max_size=3)
REASONS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 .,]{0,40}", fullmatch=True)
DATES = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 1, 1))


@given(RULES, st.none() | DATES, REASONS)
def test_what_is_written_by_the_grammar_is_read_back(rules: list[str], until: date | None, reason: str) -> None:
    limit = f" until {until}" if until else ""
    (found,) = suppressions([f"-- architect: allow {', '.join(rules)}{limit} because {reason}", "SELECT 1;"])
    assert found.problem == ""
    assert found.rules == tuple(rules)
    assert found.until == until
    assert found.reason == reason.strip()
    expired = until is not None and until < TODAY
    assert bool(in_force([found], TODAY)) is not expired
    assert (complaint(found, TODAY) is not None) is expired


@given(st.lists(st.text(max_size=60), max_size=6))
def test_no_text_can_make_the_reader_of_suppressions_raise(lines: list[str]) -> None:
    noise = [f"-- architect: {line}" for line in lines] + lines
    for found in suppressions(noise):
        assert 1 <= found.location.line <= len(noise)
        assert found.problem or found.reason
