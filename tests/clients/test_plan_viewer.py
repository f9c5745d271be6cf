"""The picture of a plan in a real headless browser: drawn, clickable, by keyboard, and inside an MCP host."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pytest
from node_clients import Node, installed

from knowledge.formats.explain import read
from knowledge.plan.picture.page import embedded, page, template
from knowledge.plan.picture.view import Mark, view
from knowledge.plan.reckoning import reckon

pytestmark = pytest.mark.node
BROWSER = Path(__file__).with_name("browser")
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
PLAN = f"""\
Limit  (cost=100.00..2000.00 rows=10 width=8) (actual time=1.000..812.000 rows=10 loops=1)
  ->  Hash Join  (cost=100.00..20000.00 rows=1000 width=8) (actual time=1.000..811.000 rows=10 loops=1)
        Hash Cond: (o.user_id = u.id)
        ->  Seq Scan on orders o  (cost=0.00..15000.00 rows=1000 width=8) (actual time=0.1..790.0 rows=200000 loops=1)
              Filter: (status = '{HOSTILE}'::text)
              Rows Removed by Filter: 1800000
        ->  Hash  (cost=50.00..50.00 rows=100 width=4) (actual time=2.000..2.000 rows=100 loops=1)
              ->  Seq Scan on users u  (cost=0.00..50.00 rows=100 width=4) (actual time=0.100..1.000 rows=100 loops=1)
Planning Time: 0.500 ms
Execution Time: 812.500 ms
"""


@dataclass(frozen=True)
class Browser:
    """A browser that opens a page, takes steps and tells what it saw."""

    node: Node
    folder: Path

    def see(self, text: str, *steps: dict[str, str]) -> dict[str, Any]:
        """What there was to see on the page with that text after those steps."""
        self.folder.joinpath("page.html").write_text(text, encoding="utf-8")
        self.folder.joinpath("steps.json").write_text(json.dumps(steps))
        arguments = [self.folder / name for name in ("page.html", "steps.json", "screenshot.png")]
        done = self.node.run(BROWSER / "drive.mjs", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        saw = json.loads(done.stdout)
        assert isinstance(saw, dict)
        return saw


@pytest.fixture(scope="module")
def browser_node() -> Iterator[Node]:
    """Node with the browser; what the package unpacks stays in its own folder."""
    node = installed(BROWSER / "package.json")
    scratch = node.home / "unpacked"
    scratch.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(scratch))
        yield node


@pytest.fixture
def browser(browser_node: Node, tmp_path: Path) -> Browser:
    """A browser with a folder of the test's own."""
    return Browser(browser_node, tmp_path)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    """What the picture of the plan is drawn from."""
    plan = read(PLAN)
    mark = Mark(3, "slow-scan", "high", f"Reads 2,000,000 rows of orders {HOSTILE}")
    return view(plan, reckon(plan), [mark], ["Reads all rows of orders."], title="SELECT * FROM orders")


def test_the_page_shows_every_step_with_its_own_time_its_rows_and_the_findings(
    browser: Browser, drawn: dict[str, Any]
) -> None:
    saw = browser.see(
        page(drawn),
        {"do": "count", "at": "[role=treeitem]"},
        {"do": "text", "at": "#figures"},
        {"do": "texts", "at": "[role=treeitem][data-node='3'] text"},
        {"do": "text", "at": ".finding"},
        {"do": "text", "at": "#step"},
        {"do": "text", "at": "#account"},
    )
    count, figures, scan, finding, step, account = saw["answers"]
    assert count == 5
    assert "Time 812 ms" in figures and "Planning 0.50 ms" in figures
    assert any("Seq Scan on orders" in text for text in scan)
    assert "97 % · 790 ms" in scan and "200 k (200\u00d7)" in scan
    assert "slow-scan, step 3" in finding and HOSTILE in finding
    assert "3: Seq Scan on orders" in step and "1800000" in step
    assert account == "Reads all rows of orders."
    picture = (browser.folder / "screenshot.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) > 20_000


def test_hostile_names_stay_text_and_nothing_is_fetched(browser: Browser, drawn: dict[str, Any]) -> None:
    saw = browser.see(page(drawn), {"do": "count", "at": "img"}, {"do": "count", "at": "script"})
    assert saw["errors"] == []
    assert saw["answers"] == [0, 1]
    assert len(saw["requests"]) == 1 and saw["requests"][0].startswith("file:")


def test_without_escaping_the_same_name_would_run(browser: Browser, drawn: dict[str, Any]) -> None:
    weakened = template().replace("/*DATA*/null", json.dumps(drawn), 1)
    saw = browser.see(weakened, {"do": "count", "at": "img"})
    assert saw["errors"] != []


def test_steps_are_chosen_folded_and_filtered(browser: Browser, drawn: dict[str, Any]) -> None:
    saw = browser.see(
        page(drawn),
        {"do": "click", "at": "[role=treeitem][data-node='4']"},
        {"do": "text", "at": "#step"},
        {"do": "click", "at": "[role=treeitem][data-node='4']"},
        {"do": "count", "at": "[role=treeitem]"},
        {"do": "click", "at": "#unfold"},
        {"do": "fill", "at": "#filter", "text": "users"},
        {"do": "count", "at": ".row.dim"},
        {"do": "click", "at": "#hottest"},
        {"do": "text", "at": "#step"},
    )
    chosen, folded, dimmed, hottest = saw["answers"]
    assert "4: Hash" in chosen and folded == 4 and dimmed == 4 and "3: Seq Scan on orders" in hottest


def test_the_tree_is_walked_by_keyboard(browser: Browser, drawn: dict[str, Any]) -> None:
    saw = browser.see(
        page(drawn),
        {"do": "click", "at": "#hottest"},
        {"do": "press", "text": "Home"},
        {"do": "press", "text": "ArrowDown"},
        {"do": "text", "at": "#step"},
        {"do": "press", "text": "ArrowLeft"},
        {"do": "count", "at": "[role=treeitem]"},
        {"do": "press", "text": "ArrowRight"},
        {"do": "press", "text": "End"},
        {"do": "text", "at": "#step"},
    )
    second, folded, last = saw["answers"]
    assert "2: Hash Join" in second and folded == 2 and "5: Seq Scan on users" in last


def test_inside_an_mcp_host_the_plan_of_the_result_is_read_and_drawn(browser: Browser, drawn: dict[str, Any]) -> None:
    host = (BROWSER / "host.html").read_text(encoding="utf-8")
    host = host.replace("PLAN", embedded(drawn), 1).replace("APP", escape(template(), quote=True), 1)
    saw = browser.see(
        host,
        {"do": "await", "frame": "iframe", "at": "[role=treeitem]"},
        {"do": "count", "frame": "iframe", "at": "[role=treeitem]"},
        {"do": "text", "frame": "iframe", "at": "#title"},
    )
    assert saw["answers"] == [5, "SELECT * FROM orders"]
    assert saw["errors"] == []
