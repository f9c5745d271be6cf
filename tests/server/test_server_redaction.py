"""No secret leaves the process, wherever it came from; and the check notices a pattern that is missing."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.client import Client
from mcp.types import TextContent, TextResourceContents
from pydantic import Field

from knowledge.report import Artifact, Basis, Evidence, Finding, Outcome, Report, Severity
from server import logs
from server.app import build_server
from server.kit import make_toolbox, redactor_of
from server.redact import PATTERNS, Redactor, redactor_for
from server.settings import Settings
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Toolbox

DATABASE = "postgresql://app:Tr0ub4dor&3@db.internal:5432/shop?sslmode=require"
SECRETS = {
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nqqq\n-----END RSA PRIVATE KEY-----",
    "password in a URL": "postgres://me:p@ss-w0rd@host/db",
    "password in SQL": "ALTER ROLE app WITH PASSWORD 'it''s secret'",
    "assignment": "connecting with password=hunter2 sslmode=off",
    "member of a JSON object": '{"api_key": "abc\\"def", "x": 1}',
    "authorization header": "Authorization: Bearer abcdefghijklmnop",
    "JSON web token": "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sflKxwRJSMeKKF2QT4",
    "issued token": "export GH=ghp_0123456789abcdefghijABCDEFGHIJ012345",
}
MUST_NOT_APPEAR = {
    "private key": "MIIEow",
    "password in a URL": "w0rd",
    "password in SQL": "secret",
    "assignment": "hunter2",
    "member of a JSON object": "def",
    "authorization header": "abcdefgh",
    "JSON web token": "sflKxwRJ",
    "issued token": "0123456789abc",
}


def leaks(redact: Redactor) -> set[str]:
    """The kinds of secret that ``redact`` lets through."""
    return {kind for kind, text in SECRETS.items() if MUST_NOT_APPEAR[kind] in redact(text)}


def test_every_kind_of_secret_is_taken_out() -> None:
    assert set(SECRETS) == set(PATTERNS)
    assert leaks(Redactor()) == set()


@pytest.mark.parametrize("kind", list(PATTERNS))
def test_a_redactor_without_one_pattern_is_caught(kind: str) -> None:
    weakened = Redactor(patterns={name: value for name, value in PATTERNS.items() if name != kind})
    assert leaks(weakened) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE users (id uuid PRIMARY KEY, password text NOT NULL, token text, secret_hash bytea)",
        "ALTER TABLE users ALTER COLUMN password SET NOT NULL",
        "see https://www.postgresql.org/docs/18/sql-altertable.html at 10:30",
        "db/migrations/003.sql:12:1 public.api_key",
        "SELECT a::text, b FROM t WHERE c = 'x@y.z'",
        "postgresql://host:5432/db has no password",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert Redactor()(text) == text


def test_the_operators_own_secrets_are_taken_out_however_they_are_quoted() -> None:
    redact = redactor_for([DATABASE, "redis://:s%21cret@cache/0"], ["a-token-of-the-operator"])
    for text in (DATABASE, "password Tr0ub4dor&3 refused", "s!cret", "s%21cret", "got a-token-of-the-operator"):
        assert not any(word in redact(text) for word in ("Tr0ub4dor", "cret", "a-token"))
    assert redact(f"cannot reach {DATABASE}") == "cannot reach postgresql://***"


@given(st.text(max_size=200))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    redact = redactor_for([DATABASE], ["a-token-of-the-operator"])
    assert redact(redact(text)) == redact(text)


def test_settings_do_not_show_secrets_in_their_repr() -> None:
    settings = Settings(database_url=DATABASE, bearer_token="a-token-of-the-operator", redis_url="redis://:pw12@c")
    assert not any(word in repr(settings) for word in ("Tr0ub4dor", "a-token", "pw12"))


class LeakRequest(Request):
    refuse: bool = Field(default=False, description="refuse instead")


async def leak(request: LeakRequest, toolbox: Toolbox) -> Report:
    url = toolbox.targets.database_url
    if request.refuse:
        raise ToolError(f"cannot connect to {url}")
    report = Report(
        tool="leak_sample",
        outcome=Outcome.FINDINGS,
        headline=f"read {url}",
        findings=[
            Finding(
                rule="r",
                severity=Severity.LOW,
                message=f"m {url}",
                evidence=[Evidence(basis=Basis.OBSERVED, action=SECRETS["assignment"], result=url)],
            )
        ],
        artifacts=[Artifact(name="log.txt", text=f"{url}\n{SECRETS['private key']}")],
    )
    return toolbox.runs.keep(report)


LEAK = ToolSpec(name="leak_sample", title="Leak", description="Leak.", request=LeakRequest, run=leak, toolset="schema")


async def test_results_refusals_stored_runs_and_documents_hold_no_secret() -> None:
    settings = Settings(database_url=DATABASE)
    toolbox = make_toolbox(settings, redactor_of(settings))
    async with Client(build_server(settings, toolbox, [LEAK])) as client:
        result = await client.call_tool("leak_sample", {})
        refused = await client.call_tool("leak_sample", {"refuse": True})
        assert result.structured_content is not None
        run = result.structured_content["run"]
        log = (await client.read_resource(f"architect://runs/{run}/log.txt")).contents[0]
        report = (await client.read_resource(f"architect://runs/{run}/report.json")).contents[0]
    assert isinstance(refused.content[0], TextContent)
    assert isinstance(log, TextResourceContents) and isinstance(report, TextResourceContents)
    everything = [result.model_dump_json(), refused.content[0].text, log.text, report.text]
    everything.append(toolbox.runs.get(run).model_dump_json())
    for text in everything:
        assert not any(word in text for word in ("Tr0ub4dor", "hunter2", "MIIEow"))
    assert "cannot connect to postgresql://***" in refused.content[0].text


def test_log_lines_and_tracebacks_are_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(redactor_for([DATABASE]))
    try:
        raise RuntimeError(f"no route to {DATABASE}")
    except RuntimeError:
        logging.getLogger("anything").exception("failed with password=hunter2")
    log = capsys.readouterr().err
    assert "RuntimeError: no route to postgresql://***" in log
    assert "Tr0ub4dor" not in log and "hunter2" not in log
