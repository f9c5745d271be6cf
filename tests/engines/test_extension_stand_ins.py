"""The stand-ins for pgcrypto and uuid-ossp against Python's own hashlib, hmac and uuid."""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
from engine_help import attempt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.engines.postgres.host import PostgresHost

HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BLOCK_EDGES = (0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 120, 128, 129, 1000)


@pytest.fixture(scope="module")
async def session(postgres: PostgresHost) -> AsyncIterator[asyncpg.Connection]:
    """A guest's session with both extensions, created in a schema that is not on the search path."""
    async with postgres.scratch() as scratch:
        connection = await scratch.connect()
        await connection.execute(
            "CREATE SCHEMA extensions; CREATE EXTENSION pgcrypto SCHEMA extensions;"
            ' CREATE EXTENSION "uuid-ossp" SCHEMA extensions'
        )
        try:
            yield connection
        finally:
            await connection.close()


async def test_a_migration_creates_both_as_it_stands(postgres: PostgresHost) -> None:
    async with postgres.scratch() as scratch:
        connection = await scratch.connect()
        try:
            await connection.execute(
                'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"; '
                "CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;"
                "CREATE TABLE t (id uuid PRIMARY KEY DEFAULT uuid_generate_v4(), k uuid DEFAULT gen_random_uuid(),"
                " secret text DEFAULT encode(gen_random_bytes(16), 'hex'));"
                "INSERT INTO t DEFAULT VALUES; DROP EXTENSION pgcrypto CASCADE"
            )
        finally:
            await connection.close()
        assert postgres.stand_ins == {"pgcrypto", "uuid-ossp"}


@pytest.mark.parametrize("name", HASHES)
async def test_digest_and_hmac_are_right_at_every_block_edge(session: asyncpg.Connection, name: str) -> None:
    for length in BLOCK_EDGES:
        data = bytes(i * 7 % 256 for i in range(length))
        assert (
            await session.fetchval("SELECT extensions.digest($1::bytea, $2)", data, name)
            == hashlib.new(name, data).digest()
        )
        made = await session.fetchval("SELECT extensions.hmac('message'::bytea, $1::bytea, $2)", data, name)
        assert made == hmac.new(data, b"message", name).digest()


@FEW
@given(data=st.binary(max_size=300), key=st.binary(max_size=300), name=st.sampled_from(HASHES))
async def test_digest_and_hmac_agree_with_python(
    session: asyncpg.Connection, data: bytes, key: bytes, name: str
) -> None:
    made = await session.fetchrow(
        "SELECT extensions.digest($1::bytea, $3), extensions.hmac($1::bytea, $2::bytea, $3)", data, key, name
    )
    assert tuple(made) == (hashlib.new(name, data).digest(), hmac.new(key, data, name).digest())


@FEW
@given(name=st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80))
async def test_named_uuids_agree_with_python(session: asyncpg.Connection, name: str) -> None:
    made = await session.fetchrow(
        "SELECT extensions.uuid_generate_v3(extensions.uuid_ns_url(), $1),"
        " extensions.uuid_generate_v5(extensions.uuid_ns_dns(), $1)", name
    )  # fmt: skip
    assert tuple(made) == (uuid.uuid3(uuid.NAMESPACE_URL, name), uuid.uuid5(uuid.NAMESPACE_DNS, name))


async def test_time_based_uuids_tell_the_time_and_random_ones_differ(session: asyncpg.Connection) -> None:
    for function in ("uuid_generate_v1", "uuid_generate_v1mc"):
        made = uuid.UUID(str(await session.fetchval(f"SELECT extensions.{function}()")))
        assert (made.version, made.variant) == (1, uuid.RFC_4122)
        assert abs((made.time - 0x01B21DD213814000) / 1e7 - time.time()) < 60
        assert made.node >> 40 & 1  # a multicast address: no network card has it
    many = await session.fetch("SELECT extensions.uuid_generate_v4() AS id FROM generate_series(1, 100)")
    assert len({row["id"] for row in many}) == 100
    assert {uuid.UUID(str(row["id"])).version for row in many} == {4}
    assert uuid.UUID(str(await session.fetchval("SELECT extensions.uuid_nil()"))).int == 0


async def test_random_bytes_have_the_length_asked_for_within_the_original_range(session: asyncpg.Connection) -> None:
    for count in (1, 31, 32, 33, 1024):
        assert len(await session.fetchval("SELECT extensions.gen_random_bytes($1)", count)) == count
    for count in (0, -1, 1025):
        assert await attempt(session, f"SELECT extensions.gen_random_bytes({count})") != ""


@pytest.mark.parametrize(("kind", "length"), [("bf", 60), ("md5", 34), ("xdes", 20), ("des", 13)])
async def test_a_crypted_password_is_checked_by_crypting_it_again(
    session: asyncpg.Connection, kind: str, length: int
) -> None:
    stored = await session.fetchval("SELECT extensions.crypt('right', extensions.gen_salt($1))", kind)
    assert len(stored) == length
    assert await session.fetchval("SELECT extensions.crypt('right', $1)", stored) == stored
    assert await session.fetchval("SELECT extensions.crypt('wrong', $1)", stored) != stored


async def test_what_a_stand_in_lacks_fails_in_words(session: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.FeatureNotSupportedError, match="pgp_sym_encrypt is not part of this stand-in"):
        await session.fetchval("SELECT extensions.pgp_sym_encrypt('data', 'key')")
    assert await attempt(session, "SELECT extensions.digest('x', 'rot13')") == "22023"
    assert await attempt(session, "SELECT extensions.gen_salt('bf', 99)") == "22023"
    assert await attempt(session, "SELECT extensions.gen_salt('scrypt')") == "22023"
    assert await attempt(session, "SELECT extensions.crypt('x', '!')") == "22023"
