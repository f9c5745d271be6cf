"""Documents that ask for too much are refused before the database is asked; nothing of the inside is told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from graphql import get_introspection_query
from graphql_twin import STACKS, Twin, code, twin
from rendered_rows import User

from backend.engines.postgres.host import PostgresHost

ANYBODY = User(anonymous=True)


def nested(depth: int) -> str:
    return "{ subjects { items { id } } " + "deeper { " * depth + "id" + " }" * depth + " }"


FRAGMENTS = "query { ...F0 } " + " ".join(
    f"fragment F{number} on Query {{ ...F{number + 1} ...F{number + 1} }}" for number in range(30)
)
ATTACKS = {
    "deep fields": (nested(20), "QUERY_TOO_DEEP"),
    "deep brackets": ("{ a(x: " + "[" * 50_000, "QUERY_TOO_DEEP"),
    "deep values": ('{ subject(id: "a", x: ' + "{a: " * 70 + "1" + "}" * 70 + ") { id } }", "QUERY_TOO_DEEP"),
    "aliases": ("{ " + " ".join(f"a{n}: subjects {{ total }}" for n in range(40)) + " }", "TOO_MANY_ALIASES"),
    "tokens": ("{ subjects { " + "total " * 3000 + "} }", "QUERY_TOO_LONG"),
    "rows of rows": (
        "{ books(first: 100) { edges { node { subjects(limit: 100) { items { id name homepage } } } } } }",
        "QUERY_TOO_COMPLEX",
    ),
    "fragments in fragments": (FRAGMENTS + " fragment F30 on Query { subjects { total } }", "QUERY_TOO_DEEP"),
    "a fragment in itself": ("{ ...F } fragment F on Query { ...F }", "QUERY_TOO_DEEP"),
    "no document": ("{", "BAD_REQUEST"),
    "an unclosed string": ('{ a(b: "' + "x" * 100_000, "BAD_REQUEST"),
    "unknown fields": ("{ nothing }", "VALIDATION_ERROR"),
    "nothing to run": ("fragment F on Query { subjects { total } }", "VALIDATION_ERROR"),
    "another type": ('{ subjects(limit: "x") { total } }', "VALIDATION_ERROR"),
}


@pytest.fixture(params=STACKS, scope="module")
async def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresHost
) -> AsyncIterator[Twin]:
    """The library, running on each stack."""
    folder = tmp_path_factory.mktemp(request.param)
    async with twin("every_feature", "sqlite", folder, postgres, stack=request.param) as found:
        yield found


async def test_documents_that_ask_for_too_much_are_refused(pair: Twin) -> None:
    for name, (query, expected) in ATTACKS.items():
        pair.backend.statements.clear()
        answer = await pair.ask(query, ANYBODY)
        assert (name, code(answer)) == (name, expected)
        assert answer.get("data") is None and pair.backend.statements == []


async def test_what_is_within_the_limits_is_answered(pair: Twin) -> None:
    aliases = "{ " + " ".join(f"a{n}: subjects {{ total }}" for n in range(30)) + " }"
    assert len((await pair.ask(aliases, ANYBODY))["data"]) == 30
    sized = "query($n: Int = 100) { subjects(limit: $n) { items { id name } } }"
    assert (await pair.ask(sized, ANYBODY, n=3))["data"] == {"subjects": {"items": []}}
    assert (await pair.ask(get_introspection_query(), ANYBODY))["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_only_post_and_only_one_document(pair: Twin) -> None:
    client, url = pair.backend.client, pair.url
    mutation = 'mutation { deleteMember(input: {id: "x"}) { id } }'
    got = await client.get(url, params={"query": mutation})
    assert (got.status_code, got.headers["allow"]) == (405, "POST")
    batch = await client.post(url, json=[{"query": "{ subjects { total } }"}] * 2)
    assert (batch.status_code, batch.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    form = await client.post(url, content=b"query={a}", headers={"Content-Type": "text/plain"})
    assert form.status_code in (415, 422)
    two = "query A { subjects { total } } query B { subject(id: 1) { id } }"
    one = await client.post(url, json={"query": two, "operationName": "A"})
    assert one.json() == {"data": {"subjects": {"total": 0}}}
    neither = await client.post(url, json={"query": two})
    assert neither.status_code == 400 and code(neither.json()) == "VALIDATION_ERROR"
    wrong = await client.post(url, json={"query": "{ nothing }"})
    assert wrong.status_code == 400 and "data" not in wrong.json()
