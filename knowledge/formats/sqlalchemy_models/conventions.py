"""Names of constraints that models do not spell out: by a naming convention, or as PostgreSQL and SQLAlchemy do."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from knowledge.formats.models.reading import cut
from knowledge.formats.sqlalchemy_models.module import Module, called, keyword, text

_PART = re.compile(r"%\((\w+)\)s")
_DEFAULT = {"ix": "ix_%(column_0_label)s"}


class Conventions:
    """The naming convention of a module's metadata, if it has one."""

    def __init__(self, module: Module) -> None:
        self._templates = dict(_DEFAULT)
        for call in _metadata(module):
            convention = keyword(call, "naming_convention")
            if isinstance(convention, ast.Name):
                convention = module.values.get(convention.id)
            if isinstance(convention, ast.Dict):
                pairs = zip(convention.keys, convention.values, strict=True)
                self._templates |= {text(key): text(value) for key, value in pairs if key is not None and text(value)}

    def name(
        self, kind: str, table: str, columns: Sequence[str], given: str = "", target: str = "", *, fixed: bool = False
    ) -> str:
        """A constraint's name. ``kind`` is pk, uq, fk, ck or ix; ``fixed``: ``given`` stands as it is (``conv``)."""
        template = self._templates.get(kind, "")
        if given and (fixed or "%(constraint_name)s" not in template):
            return given
        if not template:
            return _by_postgres(kind, table, columns)
        first = columns[0] if columns else ""
        words = {
            "table_name": table,
            "column_0_name": first,
            "column_0_N_name": "_".join(columns),
            "column_0_label": f"{table}_{first}",
            "column_0_N_label": "_".join(f"{table}_{column}" for column in columns),
            "column_0_key": first,
            "referred_table_name": target.rpartition(".")[2],
            "constraint_name": given,
        }
        return cut(_PART.sub(lambda found: words.get(found[1], found[0]), template), "")


def _metadata(module: Module) -> list[ast.Call]:
    found = [value for value in module.values.values() if isinstance(value, ast.Call)]
    for declared in module.classes.values():
        for statement in declared.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and isinstance(statement.value, ast.Call):
                found.append(statement.value)
    direct = [call for call in found if called(call) == "MetaData"]
    inner = [keyword(call, "metadata") for call in found]
    return direct + [call for call in inner if isinstance(call, ast.Call) and called(call) == "MetaData"]


def _by_postgres(kind: str, table: str, columns: Sequence[str]) -> str:
    suffix = {"pk": "_pkey", "uq": "_key", "fk": "_fkey", "ck": "_check"}.get(kind, "_idx")
    return cut("_".join((table, *([] if kind == "pk" else columns))), suffix)
