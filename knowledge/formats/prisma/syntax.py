"""The blocks of a Prisma schema: models, enums, views, the datasource; what is not understood costs its line alone.

Grammar: https://www.prisma.io/docs/orm/prisma-schema/overview.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from knowledge.formats.prisma.lexer import Token, tokens

MAX_DEPTH = 40
"""Brackets within brackets; no real schema has over five."""

_BLOCKS = ("model", "view", "enum", "type", "datasource", "generator")


@dataclass(frozen=True)
class Value:
    """An argument's value; ``kind`` is string, number, name, call or list."""

    kind: str
    text: str = ""
    items: tuple[Argument, ...] = ()

    def named(self, name: str, place: int = -1) -> Value | None:
        """The argument of a call by name, or by its place among those without one."""
        found = next((item.value for item in self.items if item.name == name), None)
        if found is not None or place < 0:
            return found
        unnamed = [item.value for item in self.items if not item.name]
        return unnamed[place] if place < len(unnamed) else None

    @property
    def names(self) -> tuple[str, ...]:
        """The words of a list."""
        return tuple(item.value.text for item in self.items)


@dataclass(frozen=True)
class Argument:
    """A value, and the name it is passed by."""

    name: str
    value: Value


@dataclass(frozen=True)
class Attribute:
    """``@name(...)`` or ``@@name(...)``; ``call`` holds name and arguments."""

    call: Value
    offset: int

    @property
    def name(self) -> str:
        """As in ``id`` or ``db.VarChar``."""
        return self.call.text


@dataclass
class Member:
    """A line of a block: a field, a value of an enum, or a setting (whose ``value`` is set)."""

    name: str
    offset: int
    type: Value | None = None
    optional: bool = False
    many: bool = False
    value: Value | None = None
    attributes: list[Attribute] = field(default_factory=list)

    def attribute(self, name: str) -> Value | None:
        """The first attribute of that name."""
        return next((each.call for each in self.attributes if each.name == name), None)


@dataclass
class Block:
    """``kind name { ... }``."""

    kind: str
    name: str
    offset: int
    members: list[Member] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)

    def attribute(self, name: str) -> Value | None:
        """The first attribute of that name."""
        return next((each.call for each in self.attributes if each.name == name), None)


class _Unexpected(Exception):
    def __init__(self, token: Token) -> None:
        super().__init__(token.text)
        self.token = token


def blocks(text: str, problem: Callable[[int, str], None]) -> list[Block]:
    """All blocks; ``problem`` is told the place of what was not understood."""
    return _Parser(text, problem).blocks()


class _Parser:
    def __init__(self, text: str, problem: Callable[[int, str], None]) -> None:
        self._tokens = list(tokens(text))
        self._place = 0
        self._problem = problem

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._tokens[self._place]
        if token.kind != "end":
            self._place += 1
        return token

    def _is(self, mark: str) -> bool:
        return self._next.kind == "mark" and self._next.text == mark

    def _accept(self, mark: str) -> bool:
        found = self._is(mark)
        if found:
            self._take()
        return found

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise _Unexpected(self._next)

    def _name(self) -> Token:
        if self._next.kind != "name":
            raise _Unexpected(self._next)
        return self._take()

    def _skip_line(self) -> None:
        while self._next.kind not in ("line", "end"):
            self._take()

    def _skip_lines(self) -> None:
        while self._next.kind == "line":
            self._take()

    def _tell(self, error: _Unexpected) -> None:
        shown = error.token.text.strip()[:40]
        self._problem(error.token.offset, f"{shown!r} was not expected here" if shown else "something is missing here")

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        while True:
            self._skip_lines()
            if self._next.kind == "end":
                return found
            try:
                found.append(self._block())
            except _Unexpected as error:
                self._tell(error)
                self._skip_line()

    def _block(self) -> Block:
        kind = self._name()
        if kind.text not in _BLOCKS:
            raise _Unexpected(kind)
        name = self._name()
        block = Block(kind.text, name.text, name.offset)
        self._skip_lines()
        self._expect("{")
        while True:
            self._skip_lines()
            if self._next.kind == "end":
                self._problem(name.offset, f"the block of {name.text} is not closed")
                return block
            if self._accept("}"):
                return block
            try:
                self._line(block)
            except _Unexpected as error:
                self._tell(error)
                self._skip_line()

    def _line(self, block: Block) -> None:
        if self._is("@@"):
            block.attributes.append(self._attribute())
        elif block.kind in ("datasource", "generator"):
            name = self._name()
            self._expect("=")
            block.members.append(Member(name.text, name.offset, value=self._value(0)))
        else:
            block.members.append(self._member(block.kind))
        if self._next.kind not in ("line", "end") and not self._is("}"):
            raise _Unexpected(self._next)

    def _member(self, kind: str) -> Member:
        name = self._name()
        member = Member(name.text, name.offset)
        if kind != "enum":
            member.type = self._value(0)
            if member.type.kind not in ("name", "call"):
                raise _Unexpected(name)
            if self._accept("["):
                self._expect("]")
                member.many = True
            member.optional = self._accept("?")
            self._accept("!")
        while self._is("@"):
            member.attributes.append(self._attribute())
        return member

    def _attribute(self) -> Attribute:
        mark = self._take()
        call = self._value(0)
        if call.kind not in ("name", "call"):
            raise _Unexpected(mark)
        return Attribute(call, mark.offset)

    def _value(self, depth: int) -> Value:
        token = self._take()
        if depth > MAX_DEPTH:
            raise _Unexpected(token)
        if token.kind in ("string", "number"):
            return Value(token.kind, token.text)
        if token.kind == "mark" and token.text == "[":
            return Value("list", items=self._arguments("]", depth))
        if token.kind != "name":
            raise _Unexpected(token)
        words = [token.text]
        while self._accept("."):
            words.append(self._name().text)
        name = ".".join(words)
        return Value("call", name, self._arguments(")", depth)) if self._accept("(") else Value("name", name)

    def _arguments(self, end: str, depth: int) -> tuple[Argument, ...]:
        found: list[Argument] = []
        while True:
            self._skip_lines()
            if self._accept(end):
                return tuple(found)
            name = ""
            if self._next.kind == "name" and self._colon_follows():
                name = self._take().text
                self._take()
                self._skip_lines()
            found.append(Argument(name, self._value(depth + 1)))
            self._skip_lines()
            if not self._accept(",") and not self._is(end):
                raise _Unexpected(self._next)

    def _colon_follows(self) -> bool:
        following = self._tokens[min(self._place + 1, len(self._tokens) - 1)]
        return following.kind == "mark" and following.text == ":"
