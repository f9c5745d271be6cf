"""An index that does not exist yet: its parts, its name, its SQL."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from knowledge.ddl import chosen_name
from knowledge.identifiers import qualified, quoted, quoted_list

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CALL = re.compile(r"[a-z_][a-z0-9_.]*\((?:[^()]|\([^()]*\))*\)\Z", re.IGNORECASE)


@dataclass(frozen=True)
class IndexKey:
    """One key part of an index."""

    column: str = ""
    expression: str = ""
    """As SQL with bare column names; ``""`` for a column itself."""
    operator_class: str = ""
    descending: bool = False
    nulls_first: bool = False

    @property
    def name(self) -> str:
        """What it is called in a name: the column, or the words of the expression."""
        return self.column or "_".join(_WORD.findall(self.expression)[:3]).lower() or "expr"

    @property
    def sql(self) -> str:
        """As a member of CREATE INDEX's list."""
        words = [quoted(self.column) if self.column else _bracketed(self.expression)]
        if self.operator_class:
            words.append(self.operator_class)
        if self.descending:
            words.append("DESC")
        if self.nulls_first != self.descending:
            words.append("NULLS FIRST" if self.nulls_first else "NULLS LAST")
        return " ".join(words)

    def flipped(self) -> IndexKey:
        """The same key read backwards."""
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)


@dataclass(frozen=True)
class Candidate:
    """An index worth trying for a query."""

    table: str
    """``schema.table``, unquoted."""
    keys: tuple[IndexKey, ...]
    method: str = "btree"
    include: tuple[str, ...] = ()
    predicate: str = ""
    """As SQL with bare column names; ``""`` for an index over all rows."""
    name: str = ""
    kind: str = ""
    """What it is for, in a word or two: ``equality``, ``sort``, ``partial``, ``covering``, ``trigram``."""
    why: str = ""
    rank: float = 0.0
    """Higher is tried first."""
    requires: str = ""
    """The extension it needs, or ``""``."""

    @property
    def identity(self) -> tuple[str, str, tuple[IndexKey, ...], tuple[str, ...], str]:
        """What makes two candidates the same index."""
        return self.table, self.method, self.keys, tuple(sorted(self.include)), self.predicate

    @property
    def body(self) -> str:
        """What follows the name in CREATE INDEX."""
        schema, _, table = self.table.partition(".")
        method = "" if self.method == "btree" else f"USING {self.method} "
        text = f"ON {qualified(schema, table)} {method}({', '.join(key.sql for key in self.keys)})"
        if self.include:
            text += f" INCLUDE ({quoted_list(self.include)})"
        return f"{text} WHERE {self.predicate}" if self.predicate else text

    @property
    def ddl(self) -> str:
        """For a database nobody else uses."""
        return f"CREATE INDEX {quoted(self.name)} {self.body}"

    @property
    def online_ddl(self) -> str:
        """For a database in use: writers are not kept out. Not inside a transaction, not on a partitioned table."""
        return f"CREATE INDEX CONCURRENTLY {quoted(self.name)} {self.body}"

    @property
    def complexity(self) -> tuple[int, int, int]:
        """What makes it harder to live with: included columns, key parts, a predicate."""
        return len(self.include), len(self.keys), int(bool(self.predicate))


def named(candidate: Candidate, taken: Collection[str]) -> Candidate:
    """The candidate with a name by the usual convention, ``table_column_idx``, in at most 63 bytes.

    Args:
        candidate: the index.
        taken: names in use in its schema.
    """
    table = candidate.table.partition(".")[2]
    parts = (*(key.name for key in candidate.keys), *candidate.include)
    return replace(candidate, name=chosen_name(table, parts, "idx", taken))


def _bracketed(expression: str) -> str:
    return expression if _CALL.match(expression) else f"({expression})"
