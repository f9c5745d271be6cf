"""What the documentation shows of plans is run: every command, every line of output, every figure it names."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from backend.advice.choice import Demands
from backend.engines.postgres.host import PostgresHost
from backend.plans.compared import NOISE
from backend.plans.sqlite_query import UNKNOWN_ROWS
from backend.plans.workload import SECONDS
from backend.rewriting import equality, prove
from backend.targets.target import LOCK_TIMEOUT, READ_TIMEOUT
from backend.workspace import Workspace
from knowledge.formats.query_logs import looks_like_log
from knowledge.formats.query_logs import read as read_log
from knowledge.formats.statistics.declared import DEFAULT_ROWS
from knowledge.query_log.n_plus_one import runs
from knowledge.query_rewrites import query_rewrites
from knowledge.report import Report
from server.cli.parser import build_parser
from tools.explain_query_plan import TOOL
from tools.toolbox import Toolbox

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "plans"
PAGE = (ROOT / "docs" / "plans.md").read_text(encoding="utf-8")
SKILL = (ROOT / "skills" / "explain-plans" / "SKILL.md").read_text(encoding="utf-8")
REFUSED = "pg_sleep"
ROWS = """
INSERT INTO customers SELECT n, 'c' || n || '@example.org', 'DE' FROM generate_series(1, 200) n;
INSERT INTO orders SELECT n, 1 + n % 200, 'sent', n FROM generate_series(1, 2000) n;
ANALYZE;
"""


@dataclass(frozen=True)
class Shown:
    """A block of commands in the page, and the output that stands below it."""

    commands: tuple[str, ...]
    output: tuple[str, ...]


@dataclass(frozen=True)
class Ran:
    """What became of a block: exit codes, and everything that was written."""

    codes: tuple[int, ...]
    output: str


def shown(page: str) -> Iterator[Shown]:
    for block, text in re.findall(r"^```sh\n(.*?)^```(?:\n\n```text\n(.*?)^```)?", page, re.M | re.S):
        yield Shown(tuple(block.splitlines()), tuple(text.splitlines()))


def flat(text: str) -> str:
    return " ".join(text.split())


def missing(lines: tuple[str, ...], output: str) -> list[str]:
    """The lines that the output does not have."""
    found = flat(output)
    return [line for line in lines if flat(line) not in found]


def _programs(folder: Path, postgres: PostgresHost) -> Path:
    """A folder for PATH: our command, psql and pg_dump."""
    folder.mkdir()
    own = folder / "backend-architect"
    own.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "backend_architect.py"}" "$@"\n')
    own.chmod(0o755)
    assert postgres.server is not None
    for name in ("psql", "pg_dump"):
        (folder / name).symlink_to(postgres.server.binaries.bindir / name)
    return folder


@pytest.fixture(scope="session")
async def ran(postgres: PostgresHost, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Ran]]:
    """Every block of the page, run in order in a folder that has the examples, beside a shop that is in use."""
    folder = tmp_path_factory.mktemp("plans")
    shutil.copytree(EXAMPLES, folder / "examples" / "plans")
    async with postgres.scratch() as shop:
        session = await shop.connect()
        await session.execute((EXAMPLES / "schema.sql").read_text() + ROWS)
        await session.close()
        _, address, _ = postgres.psql_env(shop)
        where = quote(address["PGHOST"], safe="")
        url = f"postgresql://{address['PGUSER']}:{address['PGPASSWORD']}@/{shop.name}?host={where}"
        path = f"{_programs(folder / 'programs', postgres)}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": path, "DATABASE_URL": url, "LC_ALL": "C.UTF-8"}
        yield [await _run(block.commands, folder, environment) for block in shown(PAGE)]


async def _run(commands: tuple[str, ...], folder: Path, environment: dict[str, str]) -> Ran:
    codes, output = [], []
    for command in commands:
        process = await asyncio.create_subprocess_exec(
            "bash", "-o", "pipefail", "-c", command,
            cwd=folder, env=environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        written, _ = await process.communicate()
        codes.append(process.returncode or 0)
        output.append(written.decode())
    return Ran(tuple(codes), "\n".join(output))


def test_every_command_of_the_page_runs_and_ends_as_it_should(ran: list[Ran]) -> None:
    blocks = list(shown(PAGE))
    assert sum(len(block.commands) for block in blocks) >= 15
    for block, result in zip(blocks, ran, strict=True):
        for command, code in zip(block.commands, result.codes, strict=True):
            assert (code == 2) if REFUSED in command else code in (0, 1), f"{command}\n{result.output}"


def test_every_line_shown_as_output_is_in_the_output(ran: list[Ran]) -> None:
    blocks = list(shown(PAGE))
    assert sum(len(block.output) for block in blocks) >= 12
    assert [missing(block.output, result.output) for block, result in zip(blocks, ran, strict=True)] == [[]] * len(ran)


def test_a_line_that_no_command_writes_would_be_found() -> None:
    page = "```sh\nls\n```\n\n```text\nplan.txt\nplan.doc\n```\n"
    (block,) = shown(page)
    assert missing(block.output, "plan.txt\nplan.html\n") == ["plan.doc"]


def test_no_command_of_the_page_ends_in_an_internal_error(ran: list[Ran]) -> None:
    assert not any("Traceback" in result.output or "internal error" in result.output for result in ran)


def test_the_documents_the_page_lists_are_written(ran: list[Ran], tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = PAGE.partition("| document |")[2].partition("\n\n")[0].splitlines()[2:]
    listed = {name for row in rows for name in re.findall(r"`([\w.]+)`", row.split("|")[1])}
    kept = {path.name for path in tmp_path_factory.getbasetemp().glob("plans*/kept/*")}
    assert kept == listed


def test_the_rewrites_listed_are_those_there_are() -> None:
    table = PAGE.partition("| rewrite |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.M) == [rewrite.id for rewrite in query_rewrites()]


def test_figures_of_the_page_are_those_of_the_code() -> None:
    demands = Demands()
    words = flat(PAGE)
    for figure in (
        f"without a count has {DEFAULT_ROWS:,} (for SQLite: {UNKNOWN_ROWS:,}",
        f"at least {demands.share:.0%} and {demands.floor:g} units higher".replace("%", " %"),
        f"ends after {SECONDS:g} s",
        f"up to {equality.DATABASES} small ones, at least {equality.ENOUGH} within {equality.SECONDS:g} s",
        f"at least {1 - prove.BETTER:.0%} cheaper".replace("%", " %"),
        f"lock timeout of {LOCK_TIMEOUT[:-1]} s and a statement timeout of {READ_TIMEOUT[:-1]} s",
    ):
        assert figure in words, figure
    assert NOISE == 0.1 and "Under a tenth is called noise" in words


def test_every_argument_of_the_tool_is_told_and_none_that_it_does_not_have() -> None:
    table = PAGE.partition("| what you have |")[2].partition("\n\n")[0]
    told = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[2])}
    assert told == set(TOOL.request.model_fields) - {"detail"}


def test_every_option_in_the_page_is_one_of_the_command() -> None:
    explain = build_parser()._subparsers._group_actions[0].choices["explain"]  # type: ignore[union-attr,index,call-overload]
    known = {option for action in explain._actions for option in action.option_strings}
    used = {
        option
        for block in shown(PAGE)
        for command in block.commands
        for part in re.split(r"[|>]", command)
        if "backend-architect explain" in part
        for option in re.findall(r" (--[a-z-]+)", part)
    }
    assert len(used) >= 8
    assert used <= known


def test_the_examples_are_those_their_page_lists() -> None:
    listed = re.findall(r"`([\w.]+\.(?:sql|json|txt|log))`", (EXAMPLES / "README.md").read_text(encoding="utf-8"))
    assert sorted(set(listed)) == sorted(path.name for path in EXAMPLES.iterdir() if path.name != "README.md")


@pytest.mark.parametrize("name", ["sqlalchemy", "prisma"])
def test_the_logs_hold_one_loop_of_twelve(name: str) -> None:
    text = (EXAMPLES / f"{name}.log").read_text(encoding="utf-8")
    assert looks_like_log(text)
    log = read_log(text)
    (run,) = runs(log)
    assert (log.notation, len(run.queries), log.problems) == (name, 12, ())


async def _called(toolbox: Toolbox, folder: Path, arguments: dict[str, object]) -> Report:
    own = replace(toolbox, workspace=Workspace.at(folder))
    report = await TOOL.run(TOOL.request.model_validate(arguments), own)
    assert isinstance(report, Report)
    return report


async def test_every_call_that_the_skill_shows_is_one_and_finds_something(toolbox: Toolbox, tmp_path: Path) -> None:
    names = {"query.sql": "slow_query.sql", "queries.log": "prisma.log"}
    for name in ("query.sql", "queries.log", "schema.sql", "statistics.json", "plan.txt", "workload.sql"):
        shutil.copy(EXAMPLES / names.get(name, name), tmp_path / name)
    calls = [json.loads(call) for call in re.findall(r"`(\{.*?\})`", SKILL)]
    assert len(calls) >= 5
    for call in calls:
        report = await _called(toolbox, tmp_path, call)
        assert report.findings, call
    assert f"{DEFAULT_ROWS:,} rows" in flat(SKILL)


def test_every_argument_the_skill_names_is_one_of_the_tool() -> None:
    fields = set(TOOL.request.model_fields)
    assert {"sql", "plan", "older_plan", "ddl", "database", "analyze"} <= fields
    named = set(re.findall(r"`(\w+): true`", SKILL)) | {
        name for name in ("older_plan", "plan", "sql", "ddl") if f"`{name}`" in SKILL
    }
    assert named and named <= fields
