"""The operator's database: its plan, its DDL, its statistics; its password in no argument and no answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_tool_help import QUERY, Explain, Operators, advised, document

import backend.targets.postgres
from backend.engines.postgres.host import PostgresHost
from backend.plans.live import dump_address, open_live, without_meta_commands
from backend.targets.target import TargetError
from tools.explain_query_plan import TOOL
from tools.spec import ToolError
from tools.toolbox import Targets, Toolbox

ODD = "pä ss@/?#%&'\"+:=\\日"


async def at(url: str, toolbox: Toolbox, **fields: Any) -> Any:
    request = TOOL.request.model_validate({"sql": QUERY, "database": True, **fields})
    return await TOOL.run(request, replace(toolbox, targets=Targets(database_url=url)))


async def test_plan_schema_and_statistics_come_from_the_target(operators: Operators, live: Explain) -> None:
    report = await live(sql=QUERY)
    assert "orders 30,000 rows" in report.fact("lab") and "the target's own statistics" in report.fact("lab")
    scan = next(each for each in report.findings if each.rule == "unindexed-filter")
    assert scan.evidence[0].action.startswith("EXPLAIN on the target: node ")
    assert not report.assumptions
    assert advised(report) and "orders_customer_id" in document(report, "indexes.sql")


async def test_the_lab_of_a_target_plans_as_the_target_does(operators: Operators, live: Explain) -> None:
    await operators.session.execute(
        "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('sad', 'glad');"
        ' CREATE TABLE app.notes (id int PRIMARY KEY, mood app.mood NOT NULL, body text COLLATE "C");'
        " CREATE INDEX ON app.notes (lower(body)); CREATE VIEW app.glad AS SELECT * FROM app.notes WHERE mood = 'glad';"
        " INSERT INTO app.notes SELECT i, 'glad', 'body ' || i FROM generate_series(1, 5000) i; ANALYZE app.notes"
    )
    report = await live(sql="SELECT * FROM app.glad WHERE lower(body) = 'body 7'")
    assert "notes 5,000 rows" in report.fact("lab")
    assert "notes_lower_idx" in document(report, "plan.txt")
    assert not advised(report)


async def test_a_query_with_placeholders_gets_the_plan_for_any_value(operators: Operators, live: Explain) -> None:
    report = await live(sql="SELECT * FROM orders WHERE customer_id = $1 AND placed > $2")
    assert "$1" in document(report, "plan.txt")
    assert "plan_cache_mode" not in report.model_dump_json()
    assert advised(report)
    with pytest.raises(ToolError, match="not executed: it has placeholders without values"):
        await live(sql="SELECT * FROM orders WHERE customer_id = $1", analyze=True)


async def test_a_query_that_takes_too_long_is_ended(
    operators: Operators, live: Explain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend.targets.postgres, "READ_TIMEOUT", "150ms")
    with pytest.raises(ToolError, match=r"ran into the limit of .*; explain it without `analyze`"):
        await live(sql="SELECT count(*) FROM generate_series(1, 100000000) a, orders b", analyze=True)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT nothing FROM orders", '42703 column "nothing" does not exist'),
        ("SELECT * FROM nowhere", '42P01 relation "nowhere" does not exist'),
        ("SELEC 1", r'sql:1:1: syntax error at or near "SELEC"'),
        ("VACUUM orders", '42601 syntax error at or near "VACUUM"'),
    ],
)
async def test_what_cannot_be_explained_is_refused_in_words(live: Explain, sql: str, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        await live(sql=sql)


async def test_a_target_that_is_gone_is_reported_in_words(operators: Operators) -> None:
    async with open_live(operators.url) as database:
        await operators.session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'backend-architect'"
        )
        with pytest.raises(TargetError, match="PostgreSQL refuses to explain it: "):
            await database.explain(QUERY)
        with pytest.raises(TargetError, match="its statistics cannot be read: "):
            await database.statistics()


async def test_targets_that_cannot_be_used_are_refused_in_words(operators: Operators, toolbox: Toolbox) -> None:
    wrong = operators.url.replace(operators.password, "wrong")
    for url, words in {
        "": "no target database: the operator names one with --database-url",
        "sqlite:///shop.db": "only a PostgreSQL target can be explained live; give the path of a SQLite file as `ddl`",
        "mysql://shop@127.0.0.1/shop": "only a PostgreSQL target",
        "postgresql://shop:secret@127.0.0.1:1/shop": "refused a connection",
        wrong: "refused a connection: password authentication failed",
        operators.url.replace("@/architect_", "@/no_architect_"): "refused a connection: .*does not exist",
    }.items():
        with pytest.raises(ToolError, match=words):
            await at(url, toolbox)


async def test_an_operators_engine_cannot_dump_a_schema_and_that_is_said(operators: Operators) -> None:
    async def start() -> None:
        return None

    elsewhere = cast(PostgresHost, SimpleNamespace(start=start, server=None))
    async with open_live(operators.url) as database:
        with pytest.raises(TargetError, match="start without --engine-url"):
            await database.schema_sql(elsewhere)


@dataclass
class Recorder:
    """A host whose ``pg_dump`` notes how it was called."""

    host: PostgresHost
    folder: Path

    async def called(self, url: str, *, then: str = "") -> tuple[str, str, str]:
        """The dump, the arguments and the environment."""
        assert self.host.server is not None
        real = self.host.server.binaries.bindir / "pg_dump"
        script = self.folder / "pg_dump"
        script.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" > "{self.folder}/arguments"\nenv > "{self.folder}/environment"\n'
            + (then or f'exec "{real}" "$@"\n')
        )
        script.chmod(0o755)

        async def start() -> None:
            return None

        stand_in = SimpleNamespace(start=start, server=SimpleNamespace(binaries=SimpleNamespace(bindir=self.folder)))
        async with open_live(url) as database:
            dump = await database.schema_sql(cast(PostgresHost, stand_in))
        read = await asyncio.to_thread(lambda: [(self.folder / n).read_text() for n in ("arguments", "environment")])
        return dump, read[0], read[1]


@pytest.fixture
def recorder(postgres: PostgresHost, tmp_path: Path) -> Recorder:
    return Recorder(postgres, tmp_path)


async def test_the_password_is_in_no_argument_of_pg_dump(operators: Operators, recorder: Recorder) -> None:
    dump, arguments, environment = await recorder.called(operators.url)
    assert "CREATE TABLE public.orders" in dump and "\\restrict" not in dump
    assert operators.password not in arguments
    assert f"PGPASSWORD={operators.password}\n" in environment


@pytest.mark.parametrize("place", ["authority", "query", "environment"])
async def test_an_odd_password_opens_the_target_wherever_it_is_written(
    operators: Operators,
    recorder: Recorder,
    toolbox: Toolbox,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    literal = await operators.value(f"SELECT quote_literal($odd${ODD}$odd$)")
    await operators.session.execute(f"ALTER ROLE CURRENT_USER PASSWORD {literal}")
    parts = urlsplit(operators.url)
    user, host = parts.username, parse_qs(parts.query)["host"][0]
    url = f"postgresql://{user}@{parts.path}?host={quote(host)}"
    match place:
        case "authority":
            url = url.replace("@", f":{quote(ODD, safe='')}@", 1)
        case "query":
            url = f"postgresql+asyncpg://{parts.path}?user={user}&password={quote(ODD, safe='')}&host={quote(host)}"
        case _:
            monkeypatch.setenv("PGPASSWORD", ODD)
    dump, arguments, _ = await recorder.called(url)
    assert "CREATE TABLE public.orders" in dump
    assert ODD not in arguments and quote(ODD, safe="") not in arguments
    report = await at(url, toolbox)
    assert advised(report)
    assert ODD not in report.model_dump_json() and quote(ODD, safe="") not in report.model_dump_json()


async def test_a_newer_server_is_refused_by_pg_dump_and_that_is_said(operators: Operators, recorder: Recorder) -> None:
    said = "pg_dump: error: aborting because of server version mismatch"
    with pytest.raises(TargetError, match=f"pg_dump cannot read the schema: {said}.*server version: 99") as refusal:
        await recorder.called(
            operators.url,
            then=f'echo "{said}" >&2\necho "pg_dump: detail: server version: 99; pg_dump version: 18" >&2\nexit 1\n',
        )
    assert operators.password not in str(refusal.value)


async def test_a_dump_that_takes_too_long_is_ended(
    operators: Operators, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.plans.live.DUMP_SECONDS", 0.2)
    with pytest.raises(TargetError, match=r"reading the schema took over 0\.2 s"):
        await recorder.called(operators.url, then="exec sleep 30\n")


@pytest.mark.parametrize(
    ("url", "address", "environment"),
    [
        ("postgresql://a:b@h:5433/d", "postgresql://a@h:5433/d", {"PGPASSWORD": "b"}),
        ("postgres://a@h/d", "postgresql://a@h/d", {}),
        ("postgresql+asyncpg://a:b%40c@h/d", "postgresql://a@h/d", {"PGPASSWORD": "b@c"}),
        ("postgresql:///d?host=/run/p%20g&user=a", "postgresql:///d?host=%2Frun%2Fp%20g&user=a", {}),
        ("postgresql://h/d?password=x%26y&sslmode=require", "postgresql://h/d?sslmode=require", {"PGPASSWORD": "x&y"}),
        ("postgresql://a:b@h?database=d", "postgresql://a@h?dbname=d", {"PGPASSWORD": "b"}),
        ("postgresql://a:b@[::1]:5432/d", "postgresql://a@[::1]:5432/d", {"PGPASSWORD": "b"}),
        ("postgresql://%C3%A4:b@h1,h2:5433/d", "postgresql://%C3%A4@h1,h2:5433/d", {"PGPASSWORD": "b"}),
        ("postgresql://a@h/d?search_path=app&sslpassword=s", "postgresql://a@h/d", {}),
    ],
)
def test_an_address_without_its_secrets(url: str, address: str, environment: dict[str, str]) -> None:
    assert dump_address(url) == (address, environment)


SECRETS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(lambda text: f"§{text}§")


@given(SECRETS)
def test_no_password_survives_in_an_address(secret: str) -> None:
    written = quote(secret, safe="")
    for url in (f"postgresql://u:{written}@h/d", f"postgresql://u@h/d?password={written}&sslmode=disable"):
        address, environment = dump_address(url)
        assert environment == {"PGPASSWORD": secret}
        assert secret not in unquote(address)


def test_lines_for_psql_are_left_out_of_a_dump() -> None:
    assert without_meta_commands("\\restrict x\nSELECT 1;\n\\unrestrict x\n") == "SELECT 1;\n"
