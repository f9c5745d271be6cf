"""Review from the text alone: nothing is executed, every finding is derived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from backend.judge import RulesByKind, by_kind, judge
from backend.review.found import Found, Review, Source, unreadable
from backend.review.position import Position
from knowledge.derivation import SchemaBuilder
from knowledge.places import Places
from knowledge.report import Basis, Evidence, Finding
from knowledge.rules.rule import Hit, Rule, SchemaRule
from knowledge.schema import Schema

NOT_GIVEN = Evidence(
    basis=Basis.ASSUMED,
    action="took the table as the text shows it, which does not create it",
    result="no index or constraint besides those in the text",
    flips="the real table has other indexes or constraints on these columns",
)


def static_review(sources: Sequence[Source], rules: Sequence[Rule]) -> Review:
    """Judge every statement by its syntax tree, and the schema that all sources together leave behind."""
    review = Review()
    table = {kind: found for kind, found in by_kind(rules).items() if kind != "*"}  # "*" asks executions only
    builder = SchemaBuilder()
    for source in sources:
        _judge_script(source, table, builder, review)
    schema_rules = [rule for rule in rules if isinstance(rule, SchemaRule)]
    if schema_rules:
        opaque = {name for name, made in builder.tables.items() if made.opaque}
        schema = builder.build()
        review.found += inspect_schema(
            schema, builder.places, schema_rules, observed=False, made_up=opaque.__contains__
        )
    return review


def _judge_script(source: Source, table: RulesByKind, builder: SchemaBuilder, review: Review) -> None:
    position = Position(source.script, source.transactional)
    for statement in source.script.statements:
        if statement.node is not None and statement.kind in table:
            context = position.context(statement, derived=builder.relation)
            for judgement in judge(context, table):
                review.found.append(Found(judgement.finding, statement, judgement, context))
        position.advance(statement)
        builder.apply(statement)
    review.statements += len(source.script.statements)
    review.found += [unreadable(problem) for problem in source.script.problems]


def inspect_schema(
    schema: Schema,
    places: Places,
    rules: Iterable[SchemaRule],
    *,
    observed: bool,
    made_up: Callable[[str], bool],
) -> list[Found]:
    """What the schema rules say about a finished schema; only objects the text made or changed count.

    Args:
        schema: derived from the text, or read from the engine's catalog.
        places: where the text made what.
        rules: the rules to ask.
        observed: whether the schema was read from a catalog after executing the text.
        made_up: whether nothing in the text creates a table.
    """
    found = []
    for rule in rules:
        for hit in rule.inspect(schema):
            statement = places.statement(hit.subject)
            if statement is None:
                continue
            fix = rule.remedy(hit, schema) if rule.remedy else None
            evidence = [_evidence(schema, hit, observed=observed)]
            if made_up(".".join(hit.subject.split(".")[:2])):
                evidence.append(NOT_GIVEN)
            finding = Finding(
                rule=rule.id,
                severity=rule.severity,
                message=hit.message,
                location=places.location(hit.subject),
                subject=hit.subject,
                evidence=evidence,
                fixes=[fix] if fix else [],
            )
            found.append(Found(finding, statement, schema_rule=rule, hit=hit))
    return found


def _evidence(schema: Schema, hit: Hit, *, observed: bool) -> Evidence:
    seen = catalog_entry(schema, hit.subject)
    if observed:
        return Evidence(
            basis=Basis.OBSERVED,
            action="executed the SQL, then read pg_class, pg_attribute, pg_constraint and pg_index",
            result=seen,
        )
    return Evidence(basis=Basis.DERIVED, action="followed the definitions in the text, not executed", result=seen)


def catalog_entry(schema: Schema, subject: str) -> str:
    """What the catalog says of a table, column, constraint or index, and which indexes its table has."""
    table = schema.by_name.get(subject) or schema.by_name.get(subject.rpartition(".")[0])
    if table is None:
        return f"{subject} is not in the catalog"
    member = subject[len(table.qualified) + 1 :]
    said = []
    if (column := table.column(member)) is not None:
        said.append(f"column {member} {column.type}{'' if column.nullable else ' NOT NULL'}")
    said += [f"constraint {item.name} {item.definition}" for item in table.constraints if item.name == member]
    said += [
        f"foreign key {item.name} {item.definition}"
        for item in table.constraints_of("foreign")
        if member in item.columns and item.name != member
    ]
    if not member:
        said.append(f"{table.qualified} primary key: {', '.join(table.primary_key) or 'none'}")
    indexes = [f"{item.name} {item.definition.partition(' USING ')[2]}" for item in table.indexes]
    more = f" and {len(indexes) - 8} more" if len(indexes) > 8 else ""
    said.append(f"indexes of {table.qualified}: {', '.join(indexes[:8]) or 'none'}{more}")
    return "; ".join(said)
