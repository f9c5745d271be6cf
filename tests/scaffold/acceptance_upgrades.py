"""What a user does to a scaffolded shop, what becomes of its blueprint, and both together."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acceptance_projects import Finding, findings, ran
from rendered_projects import EXAMPLES
from scaffold_samples import edit

from backend.scaffold.apply import Applied, apply
from backend.scaffold.fate import Fate
from backend.scaffold.plan import Plan, Previous, make_plan
from backend.scaffold.stack import Stack
from backend.workspace import Workspace
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from tools.scaffold_backend.actions import renderer

SHOP = EXAMPLES["shop"].read_text(encoding="utf-8")
DATABASE = "old.db"

FILL = """
import asyncio

from app.main import create_app
from tests import factories
from tests.clients import as_manager


async def main() -> None:
    app = create_app()
    async with as_manager(app) as client:
        for name, make in list(vars(factories).items()):
            if name.startswith("create_"):
                await make(client)
    await app.state.services.aclose()


asyncio.run(main())
"""
"""Makes a row of everything in the shop that ``DATABASE_URL`` names."""


@dataclass(frozen=True)
class Edit:
    """What a user does to a project, and how one sees that it is still done."""

    do: Callable[[Path], None]
    survives: Callable[[Path], bool]


def put(path: str, old: str, new: str) -> Edit:
    """Replace ``old`` wherever it is; what is new has to stay, and what is old not to come back."""

    def survives(shop: Path) -> bool:
        text = (shop / path).read_text(encoding="utf-8")
        return new in text and old not in text.replace(new, "")

    return Edit(lambda shop: edit(shop / path, lambda text: text.replace(old, new)), survives)


def add(path: str, text: str) -> Edit:
    """More text at the end of a file."""

    def do(shop: Path) -> None:
        with (shop / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return Edit(do, lambda shop: text in (shop / path).read_text(encoding="utf-8"))


def both(*edits: Edit) -> Edit:
    """Several places of one edit."""

    def do(shop: Path) -> None:
        for each in edits:
            each.do(shop)

    return Edit(do, lambda shop: all(each.survives(shop) for each in edits))


ROUTE = '''

@router.get("/tag-names", operation_id="list_tag_names", include_in_schema=False)
async def list_tag_names(request: Request, caller: SignedIn) -> list[str]:
    """The names alone."""
    rows, _ = await service.list_tags(services(request).database, caller, TagListQuery())
    return [row["name"] for row in rows]
'''
TEST = """

async def test_the_names_of_tags_can_be_had_alone(manager: Client) -> None:
    made = await create_tag(manager)
    assert (await manager.get("/api/v1/tag-names")).json() == [made["name"]]
"""
WELCOME = '''"""Greets whoever orders."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.events.event import Event


async def greet(connection: AsyncConnection, event: Event) -> None:
    """Say hello."""
    assert not connection.closed, event.type
'''
EDITS: Mapping[str, Edit] = {
    "a value of one's own in a service": put(
        "app/warehouses/service.py",
        '        "id": uuid7(),\n',
        '        "id": uuid7(),\n        "name": data.name.strip(),\n',
    ),
    "a route more": add("app/tags/routes.py", ROUTE),
    "another docstring": put("app/products/service.py", '"""Make a product.\n', '"""Put a product on the shelf.\n'),
    "a test more": both(add("tests/test_tags.py", TEST), add("app/tags/routes.py", ROUTE)),
    "a consumer": both(
        put(
            "app/worker.py",
            '= ()\n"""What reacts',
            '= (Consumer("greeter", {"order.created": greet}),)\n"""What reacts',
        ),
        put("app/worker.py", "from app.settings import", "from app.greeter import greet\nfrom app.settings import"),
        add("app/greeter.py", WELCOME),
    ),
    "another Dockerfile": put("Dockerfile", "USER app\n", "RUN mkdir /srv/files && chown app /srv/files\nUSER app\n"),
    "a dependency more": put("pyproject.toml", '    "fastapi', '    "certifi>=2024",\n    "fastapi'),
    "a section in the README": put("README.md", "## Where things are", "## Ours\n\nAsk Ada.\n\n## Where things are"),
    "a variable renamed": both(
        put(
            "app/products/service.py",
            "    rows = await database.fetch_all(queries.listing",
            "    page = await database.fetch_all(queries.listing",
        ),
        put(
            "app/products/service.py",
            "count(filters), **where)\n    return rows, total",
            "count(filters), **where)\n    return page, total",
        ),
    ),
    "a test file deleted": Edit(
        lambda shop: (shop / "tests/test_coupons.py").unlink(),
        lambda shop: not (shop / "tests/test_coupons.py").exists(),
    ),
}
TOGETHER = {name: each for name, each in EDITS.items() if name != "a route more"}
"""All of them: the test brings the route that it tests."""

SUPPLIER = """
  supplier:
    description: Who delivers.
    tenant: true
    fields:
      name: {type: string, max_length: 80, unique: true}
    operations:
      list: {access: ["role:staff"], sort: [name]}
      get: {access: ["role:staff"]}
      create: {access: ["role:staff"]}
"""


@dataclass(frozen=True)
class Evolution:
    """A change of the blueprint, and a line that shows it in the project."""

    old: str
    new: str
    path: str
    shows: str
    gone: bool = False
    """Whether it is the lack of the line that shows it."""

    def __call__(self, text: str) -> str:
        """The blueprint afterwards."""
        assert text.count(self.old) == 1, self.old
        return text.replace(self.old, self.new)

    def arrived(self, shop: Path) -> bool:
        """Whether the project shows it."""
        return (self.shows in (shop / self.path).read_text(encoding="utf-8")) is not self.gone


EVOLUTIONS: Mapping[str, Evolution] = {
    "field added": Evolution(
        "      sku: {",
        "      weight: {type: integer, required: false, minimum: 0}\n      sku: {",
        "app/products/model.py",
        "weight: Mapped",
    ),
    "field removed": Evolution(
        "      attributes: {type: json, required: false}\n", "", "app/products/model.py", "attributes", gone=True
    ),
    "field made optional": Evolution(
        "unit_price: {type: decimal,",
        "unit_price: {type: decimal, required: false,",
        "app/order_lines/model.py",
        "unit_price: Mapped[Decimal | None]",
    ),
    "enum value added": Evolution(
        "[draft, active, discontinued]",
        "[draft, active, discontinued, recalled]",
        "app/products/model.py",
        "'recalled'",
    ),
    "resource added": Evolution(
        "\n  warehouse:\n", f"{SUPPLIER}\n  warehouse:\n", "app/suppliers/model.py", "class Supplier"
    ),
    "relation added": Evolution(
        "      coupon: {resource: coupon, required: false, on_delete: set_null}\n",
        "      coupon: {resource: coupon, required: false, on_delete: set_null}\n"
        "      source: {resource: warehouse, required: false, on_delete: set_null}\n",
        "app/orders/model.py",
        "source_id: Mapped",
    ),
    "operation removed": Evolution(
        '      update: {access: ["role:manager"]}\n      delete: {access: ["role:manager"]}\n\n  stock_level:',
        '      update: {access: ["role:manager"]}\n\n  stock_level:',
        "app/warehouses/routes.py",
        "delete_warehouse",
        gone=True,
    ),
    "rate limit changed": Evolution("requests: 300", "requests: 120", "app/main.py", 'Limit("default", 120, 60)'),
    "cache added": Evolution(
        '      list: {access: ["role:staff"], sort: [valid_from, code]}\n      get: {access: [tenant]}\n',
        '      list: {access: ["role:staff"], sort: [valid_from, code]}\n'
        "      get: {access: [tenant], cache: {server: 60, max_age: 5}}\n",
        "app/coupons/routes.py",
        'cache.invalidate("coupons")',
    ),
    "events added": Evolution(
        "    description: A code that makes an order cheaper.\n",
        "    description: A code that makes an order cheaper.\n    events: [created, updated]\n",
        "app/coupons/service.py",
        '"coupon.created"',
    ),
}


@dataclass
class Renderer:
    """The real one, which renders the same blueprint once: none of the edits changes what it is given."""

    known: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def __call__(self, blueprint: Blueprint, previous: Previous | None) -> Mapping[str, str]:
        """Text by path."""
        key = f"{blueprint!r} {previous!r}"
        if key not in self.known:
            self.known[key] = renderer(Stack.PYTHON)(blueprint, previous)
        return self.known[key]

    def plan(self, folder: Path, text: str) -> Plan:
        """The plan for the shop in ``folder``."""
        workspace = Workspace.at(folder)
        return make_plan(workspace, "shop", text, read_blueprint(text), self, generator="1")

    def scaffold(self, folder: Path, text: str = SHOP) -> Applied:
        """Plan and apply."""
        made = self.plan(folder, text)
        return apply(made, made.hash)


def merged(render: Renderer, folder: Path, edits: Mapping[str, Edit], *evolutions: str) -> Path:
    """The shop after edits and then changes, one after the other, in which all of them are."""
    folder.mkdir(exist_ok=True)
    render.scaffold(folder)
    shop = folder / "shop"
    for each in edits.values():
        each.do(shop)
    text = SHOP
    for name in evolutions:
        text = EVOLUTIONS[name](text)
        made = render.plan(folder, text)
        conflicts = [(change.path, change.reason) for change in made.of(Fate.CONFLICT)]
        assert not conflicts, (name, conflicts)
        apply(made, made.hash)
    lost = [name for name, each in edits.items() if not each.survives(shop)]
    assert not lost, (evolutions, lost)
    assert all(EVOLUTIONS[name].arrived(shop) for name in evolutions), evolutions
    return shop


def old_database(render: Renderer, folder: Path) -> Path:
    """A database of the shop before any change, with a row of everything in it."""
    folder.mkdir(exist_ok=True)
    render.scaffold(folder)
    shop = folder / "shop"
    url = f"sqlite+aiosqlite:///{shop}/{DATABASE}"
    (shop / "fill.py").write_text(FILL, encoding="utf-8")
    secret = {"JWT_SECRET": "only-for-tests-0123456789-abcdefghijklmnop", "DATABASE_URL": url}
    for command in (("alembic", "upgrade", "head"), ("fill",)):
        said = ran(shop, *command, **secret)
        assert not said, said
    counted = rows(shop / DATABASE)
    assert all(counted[table] for table in ("products", "orders", "order_lines", "reviews", "coupons")), counted
    return shop / DATABASE


def rows(database: Path) -> dict[str, int]:
    """How many rows there are, by table."""
    connection = sqlite3.connect(database)
    try:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    finally:
        connection.close()


def findings_after(shop: Path, database: Path, *skip: str) -> list[Finding]:
    """What a merged shop does not pass, on a copy of the old database."""
    before = rows(database)
    copy = shop / DATABASE
    shutil.copy(database, copy)
    found = list(findings(shop, *skip, DATABASE_URL=f"sqlite+aiosqlite:///{copy}"))
    after = rows(copy)
    lost = {name: count for name, count in before.items() if name != "alembic_version" and after.get(name) != count}
    return [*found, Finding("rows", f"lost: {lost}")] if lost else found
