"""Reading PostgreSQL scripts: positions, recovery, psql's own commands, and text that was made to hurt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.formats import sql_depth
from knowledge.formats.postgres_sql import read
from knowledge.statement import Script

ROOT = Path(__file__).parents[2]


def kinds(script: Script) -> list[str]:
    return [statement.kind for statement in script.statements]


def test_statements_carry_their_grammar_node_and_place() -> None:
    text = "-- first\n\nCREATE TABLE t (id int);\n  /* then */ ALTER TABLE t\n ADD c int;\n"
    script = read(text, "db/1.sql", line=10)
    create, alter = script.statements
    assert (create.kind, create.node.relation.relname) == ("CreateStmt", "t")
    assert str(create.location) == "db/1.sql:12:1"
    assert (alter.kind, str(alter.location), alter.sql) == (
        "AlterTableStmt",
        "db/1.sql:13:14",
        "ALTER TABLE t\n ADD c int",
    )


def test_positions_count_characters_where_the_grammar_counts_bytes() -> None:
    text = "SELECT 'žluťoučký 🐎'; -- 🐎\nSELECT 'ü', 1;  SELECT 2"
    script = read(text)
    assert [s.sql for s in script.statements] == ["SELECT 'žluťoučký 🐎'", "SELECT 'ü', 1", "SELECT 2"]
    assert [(s.location.line, s.location.column) for s in script.statements] == [(1, 1), (2, 1), (2, 17)]
    last = script.statements[-1]
    constant = last.node.target_list[0].res_target
    assert text.encode()[constant.location :][:1] == b"2"
    assert text.encode()[last.first_byte :].decode() == "SELECT 2"


def test_one_broken_statement_costs_only_itself() -> None:
    script = read("SELECT 1;\nCREATE TABEL t (id int);\nSELECT ';' || $$;$$ || \";\" /* ; */;\n", "a.sql")
    assert kinds(script) == ["SelectStmt", "SelectStmt"]
    (problem,) = script.problems
    assert (problem.location.line, problem.location.column) == (2, 8)
    assert 'syntax error at or near "TABEL"' in problem.message
    assert problem.sql == "CREATE TABEL t (id int)"


@pytest.mark.parametrize("opening", ["'", '"', "$x$", "/*", "E'"])
def test_a_quote_that_is_never_closed_ends_at_the_next_semicolon(opening: str) -> None:
    script = read(f"SELECT 1;\nSELECT {opening} oops;\nSELECT 3;\n")
    assert [s.sql for s in script.statements] == ["SELECT 1", "SELECT 3"]
    assert "unterminated" in script.problems[0].message


def test_only_an_open_comment_is_a_problem_too() -> None:
    assert "unterminated" in read("/* nothing else").problems[0].message


def test_a_problem_does_not_repeat_a_whole_file() -> None:
    problem = read("SELECT '" + "x" * 1_000_000).problems[0]
    assert len(problem.message) < 500
    assert len(problem.sql) <= 400


def test_psql_commands_are_statements_without_a_node() -> None:
    script = read("\\set ON_ERROR_STOP on\nSELECT 1;\n\\connect shop\nSELECT 2 \\gexec\n\\i other.sql\n")
    assert kinds(script) == ["PsqlMeta", "SelectStmt", "PsqlMeta", "SelectStmt", "PsqlMeta", "PsqlMeta"]
    assert [s.sql for s in script.statements if s.node is None] == [
        "\\set ON_ERROR_STOP on",
        "\\connect shop",
        "\\gexec",
        "\\i other.sql",
    ]
    assert not script.problems


def test_backslashes_inside_strings_are_no_commands() -> None:
    script = read("SELECT E'\\\\';\nSELECT $$\n\\x\n$$;\nSELECT '\\'; SELECT E'it''s \\' ; fine';\n")
    assert kinds(script) == ["SelectStmt"] * 4
    assert not script.problems


def test_copy_takes_the_rows_that_follow() -> None:
    text = "COPY t (a, b) FROM stdin;\n1\tx;y\n2\t\\N\n\\.\n\nSELECT 1;\nCOPY u FROM STDIN WITH (FORMAT csv);\n\\.\n"
    script = read(text)
    assert kinds(script) == ["CopyStmt", "SelectStmt", "CopyStmt"]
    assert script.statements[0].copy_data == "1\tx;y\n2\t\\N\n"
    assert script.statements[2].copy_data == ""
    assert script.statements[1].location.line == 6


def test_copy_data_that_never_ends_reaches_the_end() -> None:
    assert read("COPY t FROM stdin;\n1\n2").statements[0].copy_data == "1\n2"


def test_psql_variables_are_named() -> None:
    script = read("CREATE SCHEMA :\"app\";\nSELECT :limit, :'name', '12:30', 1::int;\nSELECT a[1:2], b::text FROM t;")
    assert [p.message.partition(": ")[2] for p in script.problems] == [':"app"', ":limit, :'name'"]
    assert all("psql variables need values" in p.message for p in script.problems)
    assert len(script.statements) == 1


def test_semicolons_inside_a_rule_or_an_atomic_body_do_not_part_statements() -> None:
    broken = "SELEC 1;\n"  # so that the script is cut without the grammar
    rule = "CREATE RULE r AS ON INSERT TO t DO INSTEAD (INSERT INTO u VALUES (1); DELETE FROM v);\n"
    body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\n"
    transaction = "BEGIN; SELECT 1; END;"
    script = read(broken + rule + body + transaction)
    assert kinds(script) == [
        "RuleStmt",
        "CreateFunctionStmt",
        "TransactionStmt",
        "SelectStmt",
        "TransactionStmt",
    ]


def test_dollar_signs_inside_names_open_nothing() -> None:
    script = read("\\x\nSELECT a$b$ FROM t; SELECT $1; SELECT $1$$;$$; SELECT é$x$ FROM t; SELECT $$;$$;")
    assert [s.sql for s in script.statements[1:]] == [
        "SELECT a$b$ FROM t",
        "SELECT $1",
        "SELECT é$x$ FROM t",
        "SELECT $$;$$",
    ]
    assert [problem.sql for problem in script.problems] == ["SELECT $1$$;$$"]  # two constants side by side


def test_a_no_break_space_belongs_to_a_name() -> None:
    script = read("SELECT 1 AS a\u00a0;SELEC;")
    assert script.statements[0].sql == "SELECT 1 AS a\u00a0"


def test_nul_and_half_characters_are_refused_in_words() -> None:
    assert "NUL" in read("SELECT 1;\nSELECT '\0'").problems[0].message
    assert read("SELECT 1;\nSELECT '\0'").problems[0].location.line == 2
    assert "Unicode" in read("SELECT '\ud800'").problems[0].message


def test_what_is_not_sql_is_given_up_in_time() -> None:
    assert "the limit is" in read("x " * 25_000_000).problems[0].message
    script = read("';" * 1_000_000)
    assert len(script.problems) == 1_001
    assert "left out" in script.problems[-1].message


def test_nothing_gives_nothing() -> None:
    for text in ("", " \n", ";;;", "-- only words\n", "/* /* */ */"):
        assert read(text) == Script("", text)


def test_an_unusual_depth_leaves_the_rest_readable() -> None:
    deep = "CREATE VIEW v AS SELECT " + " || ".join(["a"] * 300)
    script = read(f"SELECT 1;\n{deep};\nSELECT 2;")
    assert kinds(script) == ["SelectStmt", "ViewStmt", "SelectStmt"]
    assert [s.node is None for s in script.statements] == [False, True, False]


LINKS = {
    "operators": ("SELECT a", "||a"),
    "signs": ("SELECT 1", "+-"),
    "casts": ("SELECT 1", "::int"),
    "joins": ("SELECT 1 FROM a", " CROSS JOIN a"),
    "collations": ("SELECT a", ' COLLATE "C"'),
    "tests": ("SELECT a", " IS NULL"),
    "short tests": ("SELECT a", " NOTNULL"),
    "time zones": ("SELECT a", " AT TIME ZONE 'x'"),
    "local times": ("SELECT a", " AT LOCAL"),
    "named operators": ("SELECT a", " OPERATOR(pg_catalog.+) a"),
    "unions": ("SELECT 1, 2", " UNION SELECT 1, 2"),
    "calls and commas": ("SELECT f(a, b)", "||f(a, ';')"),
    "types with commas": ("SELECT 1", "::numeric(3,2)"),
    "parentheses": ("SELECT ", "("),
    "negations": ("SELECT ", "NOT "),
    "comments": ("SELECT 1", "/*"),
    "cases": ("SELECT ", "CASE WHEN a THEN "),
    "arrays": ("SELECT ", "ARRAY["),
    "hidden by a parameter": ("SELECT $1$$'$$", "::int"),
    "hidden by a comment": ("SELECT 1 /* ' /* */ ' */", "::int"),
    "hidden by an escape": ("SELECT E'\\''", "||E'\\''"),
}


@pytest.mark.parametrize("name", LINKS)
def test_no_nesting_ends_the_process_or_takes_for_ever(name: str) -> None:
    start, link = LINKS[name]
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        "from knowledge.formats.postgres_sql import read\n"
        "script = read(sys.argv[2] + sys.argv[3] * 100_000 + ';\\nSELECT 2')\n"
        "print(len(script.statements), len(script.problems))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT), start, link], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() in (["2", "0"], ["1", "1"], ["0", "1"])


def test_without_the_depth_guard_the_process_dies() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "import knowledge.formats.postgres_sql as module\n"
        "module.too_deep = lambda text: False\n"
        "module.read('SELECT 1' + '::int' * 200_000)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(ROOT)], capture_output=True, check=False)
    assert done.returncode < 0


def test_long_flat_statements_are_not_called_deep() -> None:
    rows = ",\n".join(f"({n}, -1.5, '{{}}'::jsonb, now() - interval '1 day', 'a/*b')" for n in range(5_000))
    flat = " OR ".join(["(a = 1 AND b <> 2)"] * 1_500)
    columns = ", ".join(f"c{n} numeric(12, 2) NOT NULL DEFAULT 0 CHECK (c{n} >= 0)" for n in range(1_000))
    for sql in (f"INSERT INTO t VALUES {rows}", f"CREATE TABLE t ({columns})"):
        assert not sql_depth.too_deep(sql)
        assert read(sql).statements[0].node is not None
    assert read(f"SELECT 1 FROM t WHERE {flat}").statements[0].kind == "SelectStmt"


def test_a_statement_at_the_limit_is_read_in_a_small_stack() -> None:
    program = (
        "import sys, threading; sys.path.insert(0, sys.argv[1])\n"
        "from knowledge.formats.postgres_sql import read\n"
        "from knowledge.formats.sql_depth import MAX_DEPTH\n"
        "threading.stack_size(1 << 20)\n"
        "found = []\n"
        "def look():\n"
        "    for start, link, end in [('SELECT 1', '::int', ''), ('SELECT 1 FROM a', ' CROSS JOIN a', ''),\n"
        "                             ('SELECT ', 'f(', '1' + ')' * (MAX_DEPTH - 10)),\n"
        "                             ('SELECT 1', ' UNION SELECT 1', '')]:\n"
        "        found.append(read(start + link * (MAX_DEPTH - 10) + end))\n"
        "thread = threading.Thread(target=look); thread.start(); thread.join()\n"
        "print(len(found))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(ROOT)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "4"), done.stderr


SCRAPS = [
    "SELECT 1", ";", ";\n", "'", '"', "$$", "$a$", "$1", "/*", "*/", "--", "\n", "\\", "\\i x\n", "\\.\n",
    "COPY t FROM stdin;\n", "BEGIN ATOMIC", "END", "CASE", "(", ")", ":x", ":'x'", "::int", "E'\\'", "é", "🐎",
    "\u00a0", "CREATE RULE r AS ON INSERT TO t DO (", "CREATE TABLE t (id int)", "\0", "\ud800", "a$b$",
    "a" * 40, "\r", "\u2028",
]  # fmt: skip
scripts = st.one_of(
    st.text(),
    st.lists(st.one_of(st.sampled_from(SCRAPS), st.text(max_size=4)), max_size=25).map("".join),
    st.lists(st.sampled_from(SCRAPS), max_size=25).map(" ".join),
)


@settings(max_examples=600, deadline=None)
@given(scripts)
@example("COPY t FROM stdin;\n\\.\n")
@example("SELECT 1 /*")
@example("é;SELECT 'é' x")
def test_any_text_is_read_and_every_statement_is_a_slice_of_it(text: str) -> None:
    script = read(text, "x.sql")
    reached = 0
    for statement in script.statements:
        assert text[statement.offset : statement.offset + len(statement.sql)] == statement.sql
        assert statement.sql
        assert statement.offset >= reached
        reached = statement.offset + len(statement.sql)
        before = text[: statement.offset]
        assert statement.location.line == before.count("\n") + 1
        assert statement.location.column == len(before) - (before.rfind("\n") + 1) + 1
    for problem in script.problems:
        assert problem.message
        assert 1 <= problem.location.line <= text.count("\n") + 1


statements = st.lists(
    st.sampled_from(
        [
            "SELECT 1", "SELECT ';'", "SELECT $$;\n$$ -- x", "CREATE TABLE ž (id int)", "/* a; */ SELECT '🐎'",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
            "DO $body$ BEGIN PERFORM 1; END $body$", "SELECT E'\\';'", "BEGIN", "COMMIT",
            "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO u VALUES (1); DELETE FROM v)", "SELECT 1\\gexec", "\\d x",
        ]
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(statements)
def test_joining_what_was_read_and_reading_again_is_stable(chosen: list[str]) -> None:
    first = read("\n;\n".join(chosen))
    joined = "".join(s.sql + ("\n" if s.kind == "PsqlMeta" else "\n;\n") for s in first.statements)
    second = read(joined)
    assert [(s.sql, s.kind) for s in second.statements] == [(s.sql, s.kind) for s in first.statements]
    assert not second.problems


@settings(max_examples=200, deadline=None)
@given(statements)
def test_cutting_without_the_grammar_finds_what_the_grammar_finds(chosen: list[str]) -> None:
    plain = [sql for sql in chosen if "\\d" not in sql and "gexec" not in sql]
    whole = read("\n;\n".join(plain))
    cut = read("\n;\n".join([*plain, "SELEC 1"]))
    assert [(s.sql, s.kind, s.offset) for s in cut.statements] == [(s.sql, s.kind, s.offset) for s in whole.statements]
