"""A module of SQLAlchemy models as its syntax tree: names, calls, texts; nothing is imported or run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from knowledge.formats.models.byte_columns import ByteColumns
from knowledge.formats.models.reading import Reading
from knowledge.report import Location


@dataclass
class Module:
    """What a module declares at its top."""

    path: str
    columns: ByteColumns
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)
    calls: list[ast.Call] = field(default_factory=list)
    """Calls that stand alone, as ``Index(...)`` after a class does."""

    def at(self, node: ast.expr | ast.stmt) -> Location:
        """Line and column."""
        return Location(path=self.path, line=node.lineno, column=self.columns.at(node.lineno, node.col_offset))


def read_module(text: str, path: str, reading: Reading) -> Module:
    """Parse a module; a fault of syntax is a problem, and nothing is known then."""
    module = Module(path, ByteColumns(text.encode()))
    try:
        with warnings.catch_warnings(action="ignore"):  # of the user's escapes
            tree = ast.parse(text)
    except SyntaxError as error:
        place = Location(path=path, line=max(error.lineno or 0, 0), column=max(error.offset or 0, 0))
        reading.problem(place, f"this is not Python: {error.msg}", (error.text or "").strip())
        return module
    except (RecursionError, MemoryError, ValueError) as error:
        reading.problem(Location(path=path, line=1), f"this is nested too deeply to be read ({type(error).__name__})")
        return module
    for statement in _statements(tree.body):
        if isinstance(statement, ast.ClassDef):
            if module.classes.setdefault(statement.name, statement) is not statement:
                told = f"the class {statement.name} is declared twice; the first declaration counts"
                reading.problem(module.at(statement), told)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            module.calls.append(statement.value)
        else:
            for name, value in assigned(statement):
                module.values.setdefault(name, value)
                if isinstance(value, ast.Call):
                    module.calls.append(value)
    return module


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at the top, those under ``if`` and ``try`` included."""
    waiting = list(reversed(body))
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, (ast.If, ast.Try)):
            waiting.extend(reversed([*statement.body, *statement.orelse]))
        else:
            yield statement


def assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Names and the values they get."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, statement.value
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        yield statement.target.id, statement.value


def word(node: ast.expr | None) -> str:
    """The last name of ``sa.String`` or ``String``; of a text the text; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return text(node)


def called(node: ast.expr | None) -> str:
    """The name of the function that is called, or ``""``."""
    return word(node.func) if isinstance(node, ast.Call) and not isinstance(node.func, ast.Constant) else ""


def text(node: ast.expr | None) -> str:
    """The value of a string, or ``""``."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def is_true(node: ast.expr | None) -> bool:
    """Whether a node is the constant ``True``."""
    return isinstance(node, ast.Constant) and node.value is True


def is_false(node: ast.expr | None) -> bool:
    """Whether a node is the constant ``False``."""
    return isinstance(node, ast.Constant) and node.value is False


def number(node: ast.expr | None) -> str:
    """The digits of a whole number, or ``""``."""
    whole = isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)
    return str(node.value) if whole and isinstance(node, ast.Constant) else ""


def texts(node: ast.expr | None) -> list[str]:
    """The strings of a list or tuple, or the words of its names."""
    return [word(each) for each in node.elts] if isinstance(node, (ast.List, ast.Tuple)) else []
