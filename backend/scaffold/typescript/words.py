"""Names in the manner of TypeScript."""

from __future__ import annotations

import re

from backend.scaffold.rendering.fields import unused

TAKEN = frozenset(
    # reserved by the language (ECMA-262, 12.7.2), or meaning something where modules are strict
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends "
    "false finally for function if implements import in instanceof interface let new null package private protected "
    "public return static super switch this throw true try typeof undefined var void while with yield "
    # what generated modules import or call their own
    "alias and api appErrorOf asc at behind bigint body boolean bytes caller changes check connection contains context "
    "count created createdOnce data database day decimal desc document done emitChange endpoint enveloped envelope "
    "eq equals errors etagOfVersion exists fields foreignKey given headers index input isNull lt missingReference "
    "moment moments ne now offsetOf only or page pageOf params pgTable primaryKey procedure protectedProcedure "
    "publicly privately query read readCursor representation requireIfMatch requireMatch router row rows schemas "
    "service services sql success table text total uniqueIndex used uuid uuid7 values varchar within z".split()
)
"""Names that no table may have in the code."""


def camel(name: str) -> str:
    """As in ``orderLine``."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def variable(name: str) -> str:
    """The same, lengthened where it would be something else's name."""
    return unused(camel(name), TAKEN, "Table")


def key(name: str) -> str:
    """A name of a property as it stands in an object."""
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else f'"{name}"'
