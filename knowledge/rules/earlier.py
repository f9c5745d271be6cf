"""What stands before a statement in its file: some things are said once a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from knowledge.rules.rule import StatementContext
from knowledge.statement import Statement


def before_it(context: StatementContext, kinds: Collection[str]) -> Iterator[Statement]:
    """The statements of some kinds before this one: those of its transaction, then those of its whole file."""
    for statement in context.earlier:
        if statement.kind in kinds and statement.node is not None:
            yield statement
    for statement in context.script.statements if context.script is not None else ():
        if statement.offset >= context.statement.offset:
            return
        if statement.kind in kinds and statement.node is not None:
            yield statement
