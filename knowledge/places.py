"""Where in the user's text each object of a schema was made."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.report import Location
from knowledge.statement import Statement


@dataclass
class Places:
    """Statements and byte positions by subject: ``schema.table``, or ``schema.table.member`` where a member
    is a column, a constraint or an index. The latest mark counts."""

    _marks: dict[str, tuple[Statement, int]] = field(default_factory=dict)

    def mark(self, subject: str, statement: Statement, byte: int) -> None:
        """``subject`` is made (or last changed) by ``statement``, at ``byte`` of its tree's text."""
        self._marks[subject] = (statement, byte)

    def move(self, old: str, new: str) -> None:
        """``old`` and everything inside it is called ``new`` from here on."""
        for name in [name for name in self._marks if name == old or name.startswith(f"{old}.")]:
            self._marks[new + name[len(old) :]] = self._marks.pop(name)

    def statement(self, subject: str) -> Statement | None:
        """The statement that made ``subject``, or its table where the member has no mark of its own."""
        mark = self._marks.get(subject) or self._marks.get(subject.rpartition(".")[0])
        return mark[0] if mark else None

    def location(self, subject: str) -> Location:
        """Line and column of ``subject``; unknown where no statement made it."""
        mark = self._marks.get(subject)
        if mark is None and subject.count(".") > 1:
            mark = self._marks.get(subject.rpartition(".")[0])
        if mark is None:
            return Location()
        return inside(*mark)


def inside(statement: Statement, byte: int) -> Location:
    """The location of a byte position that ``statement``'s tree carries."""
    raw = statement.sql.encode()
    start = byte - statement.first_byte
    if not 0 <= start < len(raw):
        return statement.location
    before = raw[:start].decode(errors="ignore")
    line = statement.location.line + before.count("\n")
    last = before.rpartition("\n")[2]
    column = len(last) + (1 if "\n" in before else statement.location.column)
    return Location(path=statement.location.path, line=line, column=column)
