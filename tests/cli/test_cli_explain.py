"""Explaining from the command line: a plan, a query with its schema, a log, statistics taken by psql."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest

from backend.engines.postgres.host import PostgresHost, Scratch
from server.cli import main

SCHEMA = "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, status text NOT NULL);\n"
QUERY = "SELECT * FROM orders WHERE user_id = 42;\n"
PLAN = """\
Seq Scan on orders  (cost=0.00..35000.00 rows=10 width=24) (actual time=0.100..790.000 rows=10 loops=1)
  Filter: (user_id = 42)
  Rows Removed by Filter: 1999990
Execution Time: 790.500 ms
"""
AFTER = """\
Index Scan using orders_user_id_idx on orders  (cost=0..44 rows=10 width=24) (actual time=0.01..0.03 rows=10 loops=1)
  Index Cond: (user_id = 42)
Execution Time: 0.050 ms
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {"schema.sql": SCHEMA, "query.sql": QUERY, "plan.txt": PLAN, "after.txt": AFTER}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_plan_is_explained_and_its_documents_are_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "plan.txt", "--keep", "out"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("FINDINGS: orders reads 2,000,000 rows to keep 10")
    assert "plan.txt:1" in said
    assert {path.name for path in (folder / "out").iterdir()} == {"plan.html", "plan.json", "plan.mmd", "plan.txt"}


def test_a_plan_is_read_from_standard_input(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PLAN))
    assert main(["explain", "-"]) == 1
    assert "execution = 790.500 ms" in capsys.readouterr().out


def test_a_query_with_its_schema_gets_a_proven_index(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--ddl", "schema.sql", "--rows", "orders=2M", "--format", "json"]
    assert main(["explain", "query.sql", *options]) == 1
    report = json.loads(capsys.readouterr().out)
    first = report["findings"][0]
    assert first["rule"] == "index-advice" and first["fixes"][0]["proven"] is True
    assert "ON public.orders (user_id)" in first["fixes"][0]["steps"][0]["sql"]


def test_two_plans_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "after.txt", "--older-plan", "plan.txt"]) == 0
    said = capsys.readouterr().out
    assert "times quicker" in said and "Index Scan using orders_user_id_idx" in said


def test_files_of_different_folders_outside_the_workspace_are_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "elsewhere"):
        (folder / name).mkdir()
    (folder / "a" / "schema.sql").write_text(SCHEMA)
    (folder / "b" / "query.sql").write_text(QUERY)
    monkeypatch.chdir(folder / "elsewhere")
    assert main(["explain", "../b/query.sql", "--ddl", "../a/schema.sql", "--rows", "orders=2M"]) == 1
    assert "index-advice" in capsys.readouterr().out


@pytest.mark.parametrize("redact", [[], ["--redact"]], ids=["real-values", "redacted"])
async def test_the_printed_script_takes_statistics_to_the_lab(
    folder: Path, capsys: pytest.CaptureFixture[str], postgres: PostgresHost, scratch: Scratch, redact: list[str]
) -> None:
    session = await scratch.connect()
    await session.execute(
        SCHEMA + "INSERT INTO orders SELECT n, n % 5000, 'secret-' || n % 3 FROM generate_series(1, 50000) n"
    )
    await session.execute("VACUUM ANALYZE orders")
    await session.close()
    assert main(["statistics", *redact]) == 0
    (folder / "export.sql").write_text(capsys.readouterr().out)
    psql, environment, options = postgres.psql_env(scratch)
    done = subprocess.run(
        [psql, *options, "-XAt", "-f", folder / "export.sql"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (folder / "statistics.json").write_text(done.stdout)
    assert ("secret-1" in done.stdout) is not bool(redact)


def test_exported_statistics_are_the_ground(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.json").write_text("{}")
    assert main(["explain", "query.sql", "--ddl", "schema.sql", "--statistics", "bad.json"]) == 2
    assert "statistics:" in capsys.readouterr().err
