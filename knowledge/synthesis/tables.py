"""Tables that the text uses and does not create, as they are taken to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.identifiers import qualified, quoted, quoted_list
from knowledge.synthesis.guesses import type_by_name
from knowledge.synthesis.rows import ROWS, value


@dataclass
class AssumedColumn:
    """A column nobody declared. ``kind`` is empty until some use says it; ``held`` is the type whose values a
    text column holds, where the script later converts it."""

    name: str
    kind: str = ""
    certain: bool = False
    held: str = ""
    seeded_as: str = ""
    """The column whose values this one repeats, because a foreign key joins them."""
    literals: dict[str, None] = field(default_factory=dict)
    distinct: bool = False

    def note(self, kind: str, literals: tuple[str, ...] = (), *, certain: bool = False) -> None:
        """Take in what one use says; a certain use (a foreign key, a conversion) overrules the others."""
        self.literals.update(dict.fromkeys(literals))
        if kind and (certain or not self.certain) and (certain or not self.kind or self.kind == "text"):
            self.kind, self.certain = kind, certain

    @property
    def type(self) -> str:
        """The type it is created with: what is evident, else what the name suggests."""
        guess = type_by_name(self.name)
        if not self.kind or (self.kind == "integer" and guess in ("bigint", "numeric")):
            return guess
        if self.kind == "date" and guess.startswith("timestamp"):
            return guess
        return self.kind

    def value(self, row: int) -> str:
        """Its value in the ``row``-th row."""
        literals = () if self.distinct or self.type != "text" else tuple(self.literals)
        return value(self.held or self.type, self.seeded_as or self.name, row, literals)


@dataclass
class AssumedTable:
    """A table nobody created."""

    schema: str
    name: str
    columns: dict[str, AssumedColumn] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)
    """Columns the script itself adds or renames to: not to be created."""
    keyed: bool = True
    """Whether it gets a primary key on ``id``; not where the script adds one."""
    key_name: str = ""
    unique: dict[tuple[str, ...], None] = field(default_factory=dict)
    """Column lists that something needs to be unique: a foreign key's target, ON CONFLICT."""
    filled: bool = True
    numbered: bool = False
    """Whether the script inserts rows without naming the key, so that it must come from somewhere."""
    checks: dict[str, bool] = field(default_factory=dict)
    """Constraints the script drops or validates, by name; whether they are valid."""
    own_constraints: set[str] = field(default_factory=set)
    """Names of constraints the script adds itself."""
    indexes: dict[str, bool] = field(default_factory=dict)
    """Indexes the script drops, renames or adopts, by name; whether they are unique."""
    partition_by: str = ""

    @property
    def qualified(self) -> str:
        """``schema.table``."""
        return f"{self.schema}.{self.name}"

    def need(self, name: str) -> AssumedColumn | None:
        """The column called ``name``, assumed from now on; ``None`` if the script adds it itself."""
        if name in self.added:
            return None
        return self.columns.setdefault(name, AssumedColumn(name))

    def need_constraint(self, name: str, *, valid: bool = True) -> None:
        """Assume a constraint, unless the script adds it itself."""
        if name not in self.own_constraints:
            self.checks.setdefault(name, valid)

    def create(self) -> list[str]:
        """The statements that make the table and its rows."""
        key = "id"
        if self.keyed and not self.partition_by and key not in self.added:
            self.columns = {key: self.need(key) or AssumedColumn(key), **self.columns}
        parts = [f"{quoted(column.name)} {column.type}{self._source(column)}" for column in self.columns.values()]
        if self.keyed and not self.partition_by and key in self.columns:
            named = f"CONSTRAINT {quoted(self.key_name)} " if self.key_name else ""
            parts.append(f"{named}PRIMARY KEY (id)")
        parts += [f"UNIQUE ({quoted_list(columns)})" for columns in self.unique if columns != (key,) or not self.keyed]
        target = qualified(self.schema, self.name)
        partitioned = f" PARTITION BY {self.partition_by}" if self.partition_by else ""
        made = [f"CREATE TABLE {target} ({', '.join(parts)}){partitioned}"]
        for name, valid in self.checks.items():
            late = "" if valid else " NOT VALID"
            made.append(f"ALTER TABLE {target} ADD CONSTRAINT {quoted(name)} CHECK (true){late}")
        for name, unique in self.indexes.items():
            column = next(iter(self.columns), "")
            if column:
                kind = "UNIQUE INDEX" if unique else "INDEX"
                made.append(f"CREATE {kind} {quoted(name)} ON {target} ({quoted(column)})")
        if self.has_rows:
            made.append(self.fill())
        return made

    def _source(self, column: AssumedColumn) -> str:
        """Where the key's values come from; numbers start above those of the made-up rows."""
        if column.name != "id" or not self.numbered:
            return ""
        if column.type in ("smallint", "integer", "bigint"):
            return " GENERATED BY DEFAULT AS IDENTITY (START WITH 1001)"
        return " DEFAULT gen_random_uuid()" if column.type == "uuid" else ""

    @property
    def has_rows(self) -> bool:
        """Whether it gets rows; a partition and its parent do not, as nothing says which would fit."""
        return bool(self.columns) and self.filled and not self.partition_by

    def fill(self) -> str:
        """The INSERT of a few rows."""
        for columns in (*self.unique, ("id",)):
            for name in columns:
                if name in self.columns:
                    self.columns[name].distinct = True
        rows = (f"({', '.join(column.value(row) for column in self.columns.values())})" for row in range(1, ROWS + 1))
        names = quoted_list(list(self.columns))
        return f"INSERT INTO {qualified(self.schema, self.name)} ({names}) VALUES {', '.join(rows)}"

    def describe(self) -> str:
        """One sentence for the reader of a report."""
        columns = ", ".join(f"{column.name} {column.type}" for column in self.columns.values())
        shape = f"with columns {columns}" if columns else "without columns"
        rows = f" and {ROWS} rows" if self.has_rows else ""
        return f"table {self.qualified} was assumed {shape}{rows}; nothing in the input creates it"
