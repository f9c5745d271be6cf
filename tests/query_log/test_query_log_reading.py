"""Logs as the real writers write them, read into the same queries."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from backend.engines.postgres.host import PostgresHost, Scratch
from knowledge.formats.query_logs import READERS, QueryLogError, looks_like_log, read
from knowledge.query_log.fingerprint import fingerprint
from knowledge.query_log.n_plus_one import runs
from knowledge.query_log.orm_edit import orm_edit


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship(back_populates="author")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    author: Mapped[User] = relationship(back_populates="posts")


@pytest.fixture
def echo() -> io.StringIO:
    """What SQLAlchemy's logger wrote, as a program with ``echo=True`` prints it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("sqlalchemy.engine.Engine")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield written
    logger.removeHandler(handler)
    logger.setLevel(level)


def populated() -> sa.Engine:
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(User(id=n, name=f"u{n}", posts=[Post(title=f"t{n}")]) for n in range(1, 11))
        session.commit()
    return engine


def test_lazy_loading_in_a_real_sqlalchemy_log_is_told_with_its_edit(echo: io.StringIO) -> None:
    engine = populated()
    echo.truncate(0)
    echo.seek(0)
    with Session(engine) as session:
        for user in session.scalars(sa.select(User)):
            assert user.posts
    log = read(echo.getvalue())
    assert log.notation == "sqlalchemy"
    (run,) = runs(log)
    assert run.wasted == 9 and run.values == tuple(str(n) for n in range(1, 11))
    assert run.parent is not None and "FROM users" in run.parent.sql
    assert orm_edit(run, "posts.user_id", log.notation) == "select(User).options(selectinload(User.posts))"
    engine.dispose()


def test_the_edit_that_is_proposed_ends_the_run(echo: io.StringIO) -> None:
    engine = populated()
    echo.truncate(0)
    echo.seek(0)
    with Session(engine) as session:
        for user in session.scalars(sa.select(User).options(sa.orm.selectinload(User.posts))):
            assert user.posts
    assert runs(read(echo.getvalue())) == []
    engine.dispose()


async def test_the_log_of_a_real_postgresql_is_read_with_its_parameters(
    postgres: PostgresHost, scratch: Scratch
) -> None:
    session = await scratch.connect(admin=True)
    server = postgres.server
    assert server is not None
    begin = server.log.stat().st_size
    try:
        await session.execute("CREATE TABLE posts (id int PRIMARY KEY, user_id int, title text)")
        await session.execute("SET log_min_duration_statement = 0")
        for number in range(6):
            await session.fetch("SELECT id, title\nFROM posts WHERE user_id = $1 AND title <> $2", number, "it's")
        await session.execute("SET log_min_duration_statement = -1")
    finally:
        await session.close()
    written = server.log.read_bytes()[begin:].decode()
    (run,) = runs(read(written))
    assert len(run.queries) == 6 and run.varying == 0 and run.values == ("'0'", "'1'", "'2'", "'3'", "'4'", "'5'")
    assert all(query.milliseconds is not None for query in run.queries)
    assert run.queries[0].sql == "SELECT id, title\nFROM posts WHERE user_id = $1 AND title <> $2"


PRISMA = """\
prisma:query SELECT "public"."User"."id" FROM "public"."User" WHERE 1=1 OFFSET $1
""" + "".join(
    'prisma:query SELECT "public"."Post"."id", "public"."Post"."title" FROM "public"."Post" '
    f'WHERE "public"."Post"."authorId" = {n} OFFSET 0\n'
    for n in range(5)
)
PRISMA_EVENTS = "".join(
    f'Query: SELECT "Post"."id" FROM "Post" WHERE "Post"."authorId" = $1\nParams: [{n}]\nDuration: {n}ms\n'
    for n in range(5)
)
DRIZZLE = 'Query: select "id", "name" from "users"\n' + "".join(
    f'Query: select "id" from "posts" where "posts"."user_id" = $1 limit $2 -- params: [{n}, 10]\n' for n in range(5)
)
JSON_LINES = "".join(
    json.dumps({"timestamp": f"2026-11-24T10:00:0{n}.100Z", "sql": "select * from posts where user_id = ?",
                "params": [n], "duration_ms": 0.5, "trace_id": "a"}) + "\n"
    for n in range(5)
)  # fmt: skip
JSON_LOG = "".join(
    json.dumps({"timestamp": "2026-11-24 10:00:00.100 UTC", "pid": 7, "error_severity": "LOG",
                "message": "duration: 0.2 ms  execute <unnamed>: select * from posts where user_id = $1",
                "detail": f"Parameters: $1 = '{n}'"}) + "\n"
    for n in range(5)
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "notation"),
    [(PRISMA, "prisma"), (PRISMA_EVENTS, "prisma"), (DRIZZLE, "drizzle"), (JSON_LINES, "json"), (JSON_LOG, "json")],
    ids=["prisma", "prisma-events", "drizzle", "json-lines", "jsonlog"],
)
def test_every_writer_of_logs_gives_the_same_run(text: str, notation: str) -> None:
    log = read(text)
    assert log.notation == notation
    (run,) = runs(log)
    assert len(run.queries) == 5 and run.varying == 0
    assert [value.strip("'") for value in run.values] == ["0", "1", "2", "3", "4"]


def test_drizzle_and_prisma_get_their_own_edits() -> None:
    (run,) = runs(read(DRIZZLE))
    assert orm_edit(run, '"posts"."user_id"', "drizzle") == "db.query.users.findMany({ with: { posts: true } })"
    (run,) = runs(read(PRISMA))
    assert orm_edit(run, '"Post"."authorId"', "prisma") == "prisma.user.findMany({ include: { posts: true } })"


@pytest.mark.parametrize("delimiter", [",", "\t"], ids=["commas", "tabs"])
def test_an_export_of_pg_stat_statements_is_read(delimiter: str) -> None:
    rows = ["query calls total_exec_time".split(), ['"select * from posts where id = $1"', "50", "100.0"]]
    log = read("\n".join(delimiter.join(row) for row in rows))
    (query,) = log.queries
    assert (query.sql, query.calls, query.milliseconds) == ("select * from posts where id = $1", 50, 2.0)


def test_a_text_that_is_no_log_is_refused_with_what_would_be_one() -> None:
    assert not looks_like_log("hello\nworld")
    with pytest.raises(QueryLogError, match="pg_stat_statements as CSV or JSON"):
        read("hello\nworld")


@given(st.text(max_size=400), st.sampled_from([PRISMA, PRISMA_EVENTS, DRIZZLE, JSON_LINES, JSON_LOG, ""]), st.data())
def test_no_text_makes_a_reader_fall(noise: str, base: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(base)))
    text = base[:place] + noise + base[place + data.draw(st.integers(0, 50)) :]
    for _, reader in READERS:
        runs(reader(text))


@given(st.integers(-(10**9), 10**9), st.text(alphabet=st.characters(blacklist_characters="\0\\"), max_size=30))
def test_a_fingerprint_does_not_depend_on_the_values(number: int, word: str) -> None:
    quoted = word.replace("'", "''")
    sql = f"SELECT a FROM t WHERE b = {number} AND c = '{quoted}' AND d IN (1, {number}) AND e IS NOT NULL"
    assert fingerprint(sql) == "select a from t where b = ? and c = ? and d in (?) and e is not null"


def test_a_log_file_of_many_queries_is_read_in_linear_time(tmp_path: Path) -> None:
    log = read(DRIZZLE + DRIZZLE.splitlines()[1].replace("[0, 10]", "[7, 10]") * 1 + "\n" + "noise\n" * 20_000)
    assert len(log.queries) == 7
