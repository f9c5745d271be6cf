"""Reading SQLite scripts: where statements end, what they are, and text that is none."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.formats.sqlite_sql import read, slices
from knowledge.statement import Script

TRIGGER = """CREATE TEMP TRIGGER tr AFTER UPDATE ON t WHEN new.a = 'x; END;' BEGIN
  UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END; -- END;
  DELETE FROM "end;" WHERE [;] = 1;
END"""


def kinds(script: Script) -> list[str]:
    return [statement.kind for statement in script.statements]


def test_statements_end_where_sqlite_ends_them() -> None:
    script = read(f"-- a; b\nCREATE TABLE t (a DEFAULT ';', `;` int);\n{TRIGGER};\n/* ; */ SELECT 1", "x.sql", line=5)
    assert kinds(script) == ["CreateTable", "CreateTrigger", "Select"]
    assert script.statements[1].sql == TRIGGER
    assert [str(s.location) for s in script.statements] == ["x.sql:6:1", "x.sql:7:1", "x.sql:11:9"]
    assert not script.problems


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("create unique index i on t (a)", "CreateIndex"),
        ("CREATE TEMPORARY VIEW v AS SELECT 1", "CreateView"),
        ("CREATE VIRTUAL TABLE f USING fts5(a)", "CreateVirtualTable"),
        ("CREATE /* the */ TABLE t (a)", "CreateTable"),
        ("ALTER TABLE t ADD b", "AlterTable"),
        ("DROP INDEX i", "DropIndex"),
        ("WITH x AS (SELECT 1) DELETE FROM t", "With"),
        ("REPLACE INTO t VALUES (1)", "Insert"),
        ("PRAGMA foreign_keys = ON", "Pragma"),
        ("END TRANSACTION", "Commit"),
    ],
)
def test_kinds_come_from_the_first_words(sql: str, kind: str) -> None:
    assert kinds(read(sql)) == [kind]


def test_the_shells_own_commands_are_told_apart() -> None:
    script = read(".mode csv\nSELECT .5;\n  .import x.csv t\nSELECT 2;")
    assert kinds(script) == ["ShellMeta", "Select", "ShellMeta", "Select"]


def test_what_is_no_statement_costs_only_itself() -> None:
    script = read("SELECT 1;\nCREAT TABLE t (a);\nCREATE SCHEMA s;\nSELECT 2;")
    assert kinds(script) == ["Select", "Select"]
    assert [(p.location.line, p.message) for p in script.problems] == [
        (2, "no SQLite statement begins with 'CREAT'"),
        (3, "no SQLite statement begins with 'CREATE'"),
    ]


def test_a_quote_that_is_never_closed_is_placed_and_ends_at_the_next_semicolon() -> None:
    script = read("SELECT 1;\nSELECT 'it;\nSELECT 2;")
    assert [s.sql for s in script.statements] == ["SELECT 1", "SELECT 2"]
    assert (script.problems[0].location.line, script.problems[0].location.column) == (2, 8)


def test_a_trigger_without_its_end_is_a_problem() -> None:
    script = read("SELECT 1; CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END;")
    assert kinds(script) == ["Select"]
    assert "END is missing" in script.problems[0].message


def test_nul_half_characters_and_too_much_text_are_refused_in_words() -> None:
    for text, word in (("\0", "NUL"), ("\ud800", "Unicode"), ("x " * 10_000_000, "limit")):
        assert word in read(text).problems[0].message


@pytest.mark.parametrize("scrap", ["(", "/*", "';", "[", "CREATE TRIGGER t BEGIN ;", ";END", "x;", "--\n", ".a\n", '"'])
def test_much_of_anything_is_read_in_time(scrap: str) -> None:
    read(scrap * (300_000 // len(scrap)))


SCRAPS = [
    "SELECT 1", ";", "'", '"', "`", "[", "]", "/*", "*/", "--", "\n", ".read x\n", "CREATE TRIGGER t", "BEGIN", "END",
    "CASE", "EXPLAIN", "TEMP", "CREATE TABLE t (a)", "é", "🐎", "\0", "\ud800", "\u00a0", "END;", ";END;", "(", "$1",
]  # fmt: skip
scripts = st.one_of(
    st.text(), *(st.lists(st.sampled_from(SCRAPS), max_size=25).map(joint.join) for joint in ("", " ", "\n"))
)


@settings(max_examples=600, deadline=None)
@given(scripts)
@example("CREATE TRIGGER t BEGIN SELECT 1; END")
def test_any_text_is_read_and_every_statement_is_a_slice_of_it(text: str) -> None:
    script = read(text, "x.sql")
    reached = 0
    for statement in script.statements:
        assert statement.sql
        assert text[statement.offset : statement.offset + len(statement.sql)] == statement.sql
        assert statement.offset >= reached
        reached = statement.offset + len(statement.sql)
        before = text[: statement.offset]
        assert statement.location.line == before.count("\n") + 1
        assert statement.location.column == len(before) - (before.rfind("\n") + 1) + 1
    joined = "".join(s.sql + ("\n" if s.kind == "ShellMeta" else "\n;\n") for s in script.statements)
    again = read(joined)
    if not script.problems:
        assert [(s.sql, s.kind) for s in again.statements] == [(s.sql, s.kind) for s in script.statements]


@settings(max_examples=400, deadline=None)
@example("EXPLAIN:CREATE TRIGGER; x; END; y")
@given(scripts.filter(lambda text: "\0" not in text and "\ud800" not in text and "." not in text))
def test_each_statement_ends_where_the_library_calls_it_complete(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    for piece in slices(text):
        if piece.fault or piece.after >= len(text):
            continue
        assert sqlite3.complete_statement(text[piece.begin : piece.after])
        inside = [place for place in range(piece.begin, piece.end) if text[place] == ";"]
        assert not any(sqlite3.complete_statement(text[piece.begin : place + 1]) for place in inside)
