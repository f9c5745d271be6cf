from __future__ import annotations

import struct
from pathlib import Path

import pytest
from lab_help import SCHEMA

from backend.engines.lab import btree_pages
from backend.engines.lab.error import LabError
from backend.engines.lab.index_files import IndexFiles
from backend.engines.lab.lab import Lab, open_lab
from backend.engines.lab.relation_files import MOST_SEGMENTS, SEGMENT_PAGES, RelationFiles
from backend.engines.postgres.host import PostgresHost
from backend.engines.postgres.quota import bytes_of
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

HUGE = "CREATE TABLE huge (id bigint PRIMARY KEY, kind int, seen timestamptz); CREATE INDEX huge_kind ON huge (kind);"
PAGES, ROWS = 1_500_000, 100_000_000.0
STATISTICS = DatabaseStatistics(
    (
        RelationStatistics(
            "public",
            "huge",
            "r",
            PAGES,
            ROWS,
            PAGES,
            columns=(
                ColumnStatistics("id", 0, 8, -1, correlation=1.0),
                ColumnStatistics("kind", 0, 4, 1_000, correlation=0.0),
                ColumnStatistics("seen", 0, 8, -0.5, correlation=0.9),
            ),
        ),
    )
)


async def blocks_read(lab: Lab) -> int:
    """Blocks that sessions of the lab's database have asked for, from its own server's count."""
    await lab._builder.session.fetch("SELECT pg_stat_force_next_flush()")
    await lab._builder.session.fetch("SELECT pg_stat_clear_snapshot()")
    return int(
        await lab._builder.admin.fetchval(
            "SELECT blks_read + blks_hit FROM pg_stat_database WHERE datname = current_database()"
        )
    )


async def test_a_hundred_million_rows_plan_at_once_and_take_no_room(postgres: PostgresHost) -> None:
    async with open_lab(postgres, HUGE, STATISTICS) as lab:
        plan = await lab.explain("SELECT count(*) FROM huge WHERE kind = 7")
        assert 50_000 < plan.nodes[-1].estimated_rows < 200_000
        assert plan.nodes[-1].index == "huge_kind"
        files = lab._builder.files.files
        paths = {table.name: table.path for table in lab._builder.tables.values()}
        assert files.pages(paths["huge"]) == PAGES > SEGMENT_PAGES
        assert postgres.server is not None
        assert bytes_of(postgres.server.data, int(paths["huge"].split("/")[1])) < 30_000_000


async def test_a_what_if_on_a_table_of_many_segments_does_not_read_it(postgres: PostgresHost) -> None:
    async with open_lab(postgres, HUGE, STATISTICS) as lab:
        query = "SELECT * FROM huge WHERE seen = '2024-05-05'"
        before = await lab.cost(query)
        for _ in range(3):
            read = await blocks_read(lab)
            async with lab.what_if("CREATE INDEX ON huge (seen)") as changed:
                assert (await changed.cost(query))[1] == {"huge_seen_idx"}
            assert await blocks_read(lab) - read < PAGES / 100
            assert await lab.cost(query) == before
        (built,) = await lab.build("CREATE INDEX kept ON huge (seen)")
        assert 150_000 < built.pages < 400_000
        assert built.height == 3
        await lab.only([])
        assert await lab.cost(query) == before


async def test_without_file_lengths_the_lab_sees_next_to_nothing(
    postgres: PostgresHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weakened twin: statistics alone leave a table of a few pages."""
    monkeypatch.setattr(RelationFiles, "lengthen", lambda *_: None)
    async with open_lab(postgres, HUGE, STATISTICS) as lab:
        assert (await lab.cost("SELECT * FROM huge"))[0] < 1_000


async def test_without_heights_a_probe_costs_too_little(
    postgres: PostgresHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT * FROM huge WHERE id = 7"
    async with open_lab(postgres, HUGE, STATISTICS) as lab:
        right = await lab.cost(query)
    monkeypatch.setattr(btree_pages, "with_height", lambda meta, _height: meta)
    async with open_lab(postgres, HUGE, STATISTICS) as lab:
        low = await lab.cost(query)
    assert right[1] == low[1] == {"huge_pkey"}
    assert low[0] < right[0] - 0.1


async def test_amcheck_passes_every_patched_index(postgres: PostgresHost, populated) -> None:
    async with open_lab(postgres, SCHEMA, populated.statistics) as lab:
        await lab.build("CREATE INDEX ON orders (total)", "CREATE INDEX ON customers (email, country)")
        rows = await lab._builder.admin.fetch(
            "SELECT c.oid::int8, c.relname, architect_lab.bt_index_check(c.oid)"
            " FROM pg_class c JOIN pg_am a ON a.oid = c.relam"
            " WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.oid >= 16384"
        )
        assert len(rows) >= 10
        assert not any("heights" in difference for difference in lab.differences)
        assert any(index.height == 2 for index in lab.built)


def wrong_chain(meta: bytes, height: int) -> bytes:
    """A metapage whose root is a leaf that claims a high level (such an index crashed the server when used)."""
    pages = bytearray(btree_pages_with_height(meta, height))
    flags = 8192 + 8176 + 12
    pages[flags : flags + 2] = struct.pack("=H", 1 | 2)
    return bytes(pages)


btree_pages_with_height = btree_pages.with_height


async def test_a_wrong_patch_is_caught_before_the_planner_meets_it(
    postgres: PostgresHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(btree_pages, "with_height", wrong_chain)
    async with open_lab(postgres, HUGE, STATISTICS) as lab:
        assert any("heights of B-trees could not be shown" in difference for difference in lab.differences)
        cost, used = await lab.cost("SELECT * FROM huge WHERE id = 7")
        assert (0 < cost < 20, used) == (True, {"huge_pkey"})
        async with lab.what_if("CREATE INDEX ON huge (seen)") as changed:
            assert any("heights of the new indexes" in difference for difference in changed.differences)
            assert (await changed.cost("SELECT * FROM huge WHERE seen = now()"))[1] == {"huge_seen_idx"}
        assert (await lab.cost("SELECT max(id) FROM huge WHERE id > 99999999"))[0] > 0


async def test_where_amcheck_is_missing_no_page_is_written(
    postgres: PostgresHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.engines.lab.index_files.SETUP", "CREATE EXTENSION absent; -- {guest}")
    async with open_lab(postgres, HUGE, STATISTICS) as lab:
        assert any("lacks amcheck" in difference for difference in lab.differences)
        async with lab.what_if("CREATE INDEX ON huge (seen)") as changed:
            assert (await changed.cost("SELECT * FROM huge WHERE seen = now()"))[1] == {"huge_seen_idx"}


def test_only_the_metapage_of_an_empty_index_is_patched() -> None:
    def meta(root: int = 0, magic: int = 0x053162) -> bytes:
        return bytes(24) + struct.pack("=IIIIII", magic, 4, root, 0, root, 0) + bytes(8192 - 48)

    for height in range(1, btree_pages.HIGHEST + 1):
        assert len(btree_pages.with_height(meta(), height)) == (height + 2) * 8192
    for bad, height in ((meta(root=1), 1), (meta(magic=7), 1), (meta(), 0), (meta(), 17), (b"", 1)):
        with pytest.raises(btree_pages.BtreePageError):
            btree_pages.with_height(bad, height)


def test_files_grow_in_segments_and_shrink_to_nothing(tmp_path: Path) -> None:
    files = RelationFiles(tmp_path)
    for pages in (0, 1, SEGMENT_PAGES - 1, SEGMENT_PAGES, SEGMENT_PAGES + 1, 3 * SEGMENT_PAGES + 5):
        (tmp_path / "t").touch()
        files.lengthen("t", pages)
        assert files.pages("t") == pages
        files.empty("t")
        assert files.pages("t") == 0
        with pytest.raises(KeyError), files.emptied({"t": pages}):
            raise KeyError
        assert files.pages("t") == pages
        files.empty("t")
    assert sum(file.stat().st_blocks for file in tmp_path.iterdir()) < 100


def test_more_than_a_lab_can_show_is_refused(tmp_path: Path) -> None:
    files = RelationFiles(tmp_path)
    with pytest.raises(LabError, match="larger than a lab can show"):
        files.lengthen("t", (MOST_SEGMENTS + 2) * SEGMENT_PAGES)


def test_a_file_of_indexes_is_left_alone_where_it_has_no_metapage(tmp_path: Path) -> None:
    (tmp_path / "i").write_bytes(b"")
    assert RelationFiles(tmp_path).first_page("i") == b""
    assert IndexFiles(RelationFiles(tmp_path)).patches
