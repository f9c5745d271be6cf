"""However many rows are answered, the number of statements is the same; a backend without loaders is caught."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from graphql_library import Library, filled
from graphql_twin import Twin, twin
from rendered_rows import User

from backend.engines.postgres.host import PostgresHost
from knowledge.blueprint.routes import RouteKind

WEAKENED = {
    "one by one": ("python", ("app/graphql/context.py", "max_batch_size=BATCH", "max_batch_size=1")),
    "a loader for every row": ("python", ("app/graphql/context.py", "self._loaders[name] = loader", "pass")),
    "one by one in TypeScript": ("typescript", ("src/graphql/context.ts", "maxBatchSize: BATCH", "maxBatchSize: 1")),
}


async def statements(pair: Twin, library: Library, limit: int) -> dict[str, int]:
    """How many each list needs, with everything its rows lead to, when up to ``limit`` of them are answered."""
    found = {}
    for one in pair.roots(RouteKind.LIST):
        name = one.route.resource
        inner = pair.page(one.field.type, pair.selection(name, leading=True))
        inner = inner.replace("book {", "book { series { id } subjects(limit: 1) { total }", 1)
        size = "first" if one.field.type.endswith("Connection") else "limit"
        user = library.librarian if name != "subject" else User(anonymous=True)
        pair.backend.statements.clear()
        answer = await pair.ask(f"{{ {one.field.name}({size}: {limit}) {{ {inner} }} }}", user)
        assert "errors" not in answer
        listed, _ = pair.listed(name, answer["data"][one.field.name])
        assert len(listed) == 1 if limit == 1 else len(listed) > 1
        found[one.field.name] = len(pair.backend.statements)
    return found


async def grown(pair: Twin) -> Counter[str]:
    """What more rows need more of."""
    library = await filled(pair, books=12, loans=12)
    few, many = await statements(pair, library, 1), await statements(pair, library, 50)
    assert all(many.values())
    return Counter(many) - Counter(few)


@pytest.mark.parametrize(
    ("stack", "engine"), [("python", "sqlite"), ("python", "postgresql"), ("typescript", "sqlite")]
)
async def test_more_rows_need_no_more_statements(
    stack: str, engine: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    async with twin("every_feature", engine, tmp_path, postgres, stack=stack) as pair:
        assert await grown(pair) == Counter()


@pytest.mark.parametrize("how", WEAKENED)
async def test_a_backend_that_loads_row_by_row_is_caught(how: str, tmp_path: Path, postgres: PostgresHost) -> None:
    stack, without = WEAKENED[how]
    async with twin("every_feature", "sqlite", tmp_path, postgres, stack=stack, without=without) as pair:
        assert sum((await grown(pair)).values()) >= 5


async def test_rows_loaded_for_one_caller_are_not_shown_to_another(tmp_path: Path, postgres: PostgresHost) -> None:
    async with twin("every_feature", "sqlite", tmp_path, postgres) as pair:
        library = await filled(pair, books=2, loans=3)
        key = library.rows["remark"][0]["id"]
        query = f'{{ remark(id: "{key}") {{ loan {{ id }} }} }}'
        mine, theirs = await pair.ask(query, library.librarian), await pair.ask(query, library.stranger)
        assert mine["data"]["remark"]["loan"] is not None
        assert theirs["data"] == {"remark": None}
