"""Damaged, hostile and huge texts: readers answer with problems, never with an exception, and in linear time."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import process_time

import pytest
from data_formats_catalog import example
from data_formats_node import HERE
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.formats.drizzle import read_drizzle, write_drizzle
from knowledge.formats.models.reading import MAX_PROBLEMS, ReadModels
from knowledge.formats.mongodb import read_mongodb, write_mongodb
from knowledge.formats.prisma import read_prisma, write_prisma
from knowledge.formats.sqlalchemy_models import read_sqlalchemy, write_sqlalchemy
from knowledge.formats.text_position import MAX_CHARACTERS

Reader = Callable[[str, str], ReadModels]
READERS: dict[str, Reader] = {
    "prisma": read_prisma,
    "drizzle": read_drizzle,
    "sqlalchemy": read_sqlalchemy,
    "mongodb": read_mongodb,
}
SAMPLES = {
    "prisma": [(HERE / "samples" / "blog.prisma").read_text(), write_prisma(example("blog"))["prisma/schema.prisma"]],
    "drizzle": [(HERE / "samples" / "blog.ts").read_text(), write_drizzle(example("blog"))["postgres/schema.ts"]],
    "sqlalchemy": [(HERE / "samples" / "blog.py").read_text(), write_sqlalchemy(example("blog"))["database/models.py"]],
    "mongodb": [
        write_mongodb(example("blog"))["mongodb/collections.js"],
        '[{"name": "users", "options": {"validator": {"$jsonSchema": {"properties": {"a": {"bsonType": "int"}}}}}}]',
        '{"users": {"$jsonSchema": {"required": ["a"], "properties": {"a": {"enum": ["x", null]}}}}}',
        'db.u.createIndex({a: 1}); const s = {validator: {$jsonSchema: {properties: {}}}}; db.createCollection("x", s)',
    ],
}
PIECES = [
    *"{}[]()<>@\"'`,.:;=|\\$\n\t \0\ud800é😀0-",
    "model ",
    "@@index([",
    "sql`${",
    "=> ",
    "null",
    "None",
    "lambda: ",
    "...",
    "1e999",
    "true",
    '"""',
    "/*",
    "//",
    "#",
    "x" * 100,
]


@st.composite
def damaged(draw: st.DrawFn, name: str) -> str:
    """A sample with some of it cut out, doubled, moved, or overwritten."""
    text = draw(st.sampled_from(SAMPLES[name]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        piece = draw(st.sampled_from(PIECES) | st.text(max_size=5))
        match draw(st.sampled_from(["cut", "put", "over", "double", "rest"])):
            case "cut":
                text = text[:start] + text[end:]
            case "put":
                text = text[:start] + piece + text[start:]
            case "over":
                text = text[:start] + piece + text[end:]
            case "double":
                text = text[:end] + text[start:]
            case "rest":
                text = text[:start]
    return text


@pytest.mark.parametrize("name", READERS)
def test_damaged_texts_give_problems_and_places_never_an_exception(name: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(damaged(name))
    def check(text: str) -> None:
        found = READERS[name](text, "file")
        assert len(found.problems) <= MAX_PROBLEMS + 1
        lines = text.count("\n") + text.count("\r") + 1
        for problem in found.problems:
            assert problem.message
            assert 0 <= problem.location.line <= lines
        for table in found.schema.tables:
            assert table.qualified in found.places

    check()


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "\ud800",
        "(" * 50_000,
        "[" * 50_000,
        "{" * 50_000,
        "a.b" * 20_000,
        "`${" * 10_000,
        "x" * (MAX_CHARACTERS + 1),
    ],
    ids=["empty", "nul", "surrogate", "round", "square", "curly", "dots", "templates", "huge"],
)
def test_hostile_texts(name: str, text: str) -> None:
    READERS[name](text, "file")


DEEP = {
    "prisma": "model A {\n  id Int @x(" + "[" * 30_000 + "\n}\n",
    "drizzle": 'const t = pgTable("t", { a: ' + "f(" * 30_000 + ")" * 30_000 + " });",
    "sqlalchemy": 'class A(Base):\n    __tablename__ = "a"\n    x = Column(' + "f(" * 30_000 + ")" * 30_000 + ")\n",
    "mongodb": 'db.createCollection("a", ' + '{"a":' * 30_000 + "1" + "}" * 30_000 + ");",
}


@pytest.mark.parametrize("name", READERS)
def test_deep_texts_are_a_problem(name: str) -> None:
    assert READERS[name](DEEP[name], "file").problems


TABLES = {
    "prisma": """model M{n} {{
  id Int @id
  o Int
  s String @unique @map("é{n}")
  m M{before} @relation(fields: [o], references: [id])
  b M{after}[]
  @@index([o])
  @@map("m{n}")
}}
""",
    "drizzle": """export const m{n} = pgTable("m{n}", {{ id: integer("id").primaryKey(), s: text("é"),
  o: integer("o").references(() => m{before}.id) }}, (t) => [index("i{n}").on(t.o), check("c{n}", sql`o > 1`)]);""",
    "sqlalchemy": """class M{n}(Base):
    __tablename__ = "m{n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    é: Mapped[str]
    o: Mapped[int] = mapped_column(ForeignKey("m{before}.id"), index=True)
""",
    "mongodb": """db.createCollection("m{n}", {{ validator: {{ $jsonSchema: {{ required: ["é"], properties: {{
  é: {{ bsonType: "int", minimum: 1 }} }} }} }} }}); db.m{n}.createIndex({{ é: 1 }}); """,
}
COLUMNS = {
    "prisma": ("model M {\n", "  c{n} Int @unique @default(1)\n", "}\n"),
    "drizzle": ('const m = pgTable("m", { ', 'c{n}: text("é{n}").unique(), ', "});"),
    "sqlalchemy": (
        'class M(Base):\n    __tablename__ = "m"\n',
        '    c{n}: Mapped[str] = mapped_column(ForeignKey("m.c{n}"), index=True)\n',
        "",
    ),
    "mongodb": (
        'db.createCollection("m", { validator: { $jsonSchema: { properties: { ',
        'é{n}: { bsonType: "int", maximum: 1 }, ',
        "} } } });",
    ),
}


def tables_of(name: str, count: int) -> str:
    """A text with many tables, each pointing to the one before."""
    return "".join(TABLES[name].format(n=n, before=max(n - 1, 0), after=n + 1) for n in range(count))


def columns_of(name: str, count: int) -> str:
    """A text with one table of many columns."""
    head, column, tail = COLUMNS[name]
    return head + "".join(column.replace("{n}", str(n)) for n in range(count)) + tail


def rubbish(name: str, count: int) -> str:
    """A text of which no line is understood."""
    return "model x {{ ]\n= class: (\n" * count


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("text", [tables_of, columns_of, rubbish], ids=["tables", "columns", "rubbish"])
def test_four_times_the_text_takes_about_four_times_as_long(name: str, text: Callable[[str, int], str]) -> None:
    small, large = [min(seconds(READERS[name], text(name, count)) for _ in range(2)) for count in (200, 800)]
    assert large / small < 10  # sixteen, if each look-up went through the whole text


def seconds(reader: Reader, text: str) -> float:
    """Of processor time."""
    gc.collect()
    start = process_time()
    reader(text, "file")
    return process_time() - start


@pytest.mark.parametrize("name", READERS)
def test_what_is_declared_twice_is_a_problem(name: str) -> None:
    found = READERS[name](tables_of(name, 1) * 2, "file")
    assert len(found.schema.tables) == 1
    assert name == "mongodb" or "declared twice" in "".join(problem.message for problem in found.problems)
