"""Rendered TypeScript projects read like written ones, pass their own tests, and keep the edits of their users."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx2 as httpx
import pytest
from inline_snapshot import snapshot
from rendered_projects import example
from ts_project import checked, link_packages, own_tests, postgres_url, running_typescript, write_typescript

from backend.engines.postgres.host import PostgresHost
from backend.scaffold.typescript.render import render_typescript
from knowledge.blueprint.reader import read_blueprint
from knowledge.report import Outcome, Report
from server.cli import main
from tools.scaffold_backend import Action, ScaffoldBackendRequest, run
from tools.spec import ToolError
from tools.toolbox import Toolbox

ROOT = Path(__file__).parents[2]
CORE = ROOT / "backend" / "reference_typescript"
BLOG = (ROOT / "examples" / "blog.yaml").read_text(encoding="utf-8")
HARD = """
name: hard
auth: {scheme: none}
interfaces: [trpc]
resources:
  limit:
    description: Named as a constant of the routes; ends a comment */ and a text ${here}`.
    fields:
      text: {type: text}
      value: {type: integer, minimum: -5}
      function: {type: enum, values: ["a`b", "${c}", "d\\\\e"], default: "a`b"}
    operations:
      list: {access: [public], filter: [function, value], sort: [value], cache: {server: 30}}
      get: {access: [public], rate_limit: {requests: 5}}
      create: {access: [public], rate_limit: {requests: 5}}
      update: {access: [public]}
      delete: {access: [public]}
  value:
    plural: values
    belongs_to: {value: {resource: limit, required: false, on_delete: set_null, nested: true}}
    fields: {query: {type: json, required: false}}
    operations:
      list: {access: [public], embed: [value]}
      create: {access: [public], idempotency: required}
"""


@pytest.mark.parametrize("name", ["blog", "shop", "every_feature", "odd", "hard"])
def test_the_type_checker_finds_nothing_in_a_rendered_project(name: str, tmp_path: Path) -> None:
    folder = write_typescript(read_blueprint(HARD) if name == "hard" else example(name), tmp_path)
    assert checked(folder) == ""
    own = [path for path in folder.rglob("*.ts") if not {"core", "node_modules"} & {*path.parts}]
    for path in own:
        lines = path.read_text(encoding="utf-8").split("\n")
        long = [line for line in lines if len(line) > 120 and not re.search("sql[<`]|description: ", line)]
        assert long == [], path


def test_the_type_checker_finds_a_planted_error(tmp_path: Path) -> None:
    folder = write_typescript(example("blog"), tmp_path)
    service = folder / "src" / "posts" / "service.ts"
    service.write_text(service.read_text().replace("updated_at: now()", "updated_at: Date.now()"))
    assert "src/posts/service.ts" in checked(folder)


def test_the_core_is_copied_byte_for_byte_and_the_rest_is_the_same_every_time() -> None:
    files = render_typescript(example("every_feature"))
    assert files == render_typescript(example("every_feature"))
    copied = {path.removeprefix("src/core/"): text for path, text in files.items() if path.startswith("src/core/")}
    assert copied == {path.relative_to(CORE).as_posix(): path.read_text() for path in CORE.rglob("*.ts")}


def test_every_package_that_is_imported_is_in_the_manifest() -> None:
    for name in ("blog", "every_feature"):
        files = render_typescript(example(name))
        package = json.loads(files["package.json"])
        known = package["dependencies"] | package["devDependencies"]
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in known.values())
        for path, text in files.items():
            for module in re.findall(r'^(?:import|export|\}) .*from "([^."][^"]*)";$', text, re.MULTILINE):
                parts = module.split("/")
                wanted = "/".join(parts[:2]) if module.startswith("@") else parts[0]
                assert module.startswith("node:") or wanted in known, (path, module)


async def test_a_project_passes_its_own_tests(tmp_path: Path, postgres: PostgresHost) -> None:
    folder = write_typescript(example("blog"), tmp_path)
    script = json.loads((folder / "package.json").read_text())["scripts"]["test"]
    assert script == snapshot('node --test --test-concurrency=1 "tests/**/*.test.ts"')
    async with postgres.scratch() as scratch:
        code, output = await own_tests(folder, TEST_DATABASE_URL=postgres_url(postgres, scratch))
    assert code == 0, output
    passed = re.search(r"^# pass (\d+)$", output, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) >= 25


async def test_its_own_tests_find_a_planted_fault(tmp_path: Path) -> None:
    folder = write_typescript(example("blog"), tmp_path)
    access = folder / "src" / "users" / "access.ts"
    access.write_text(access.read_text().replace("if (row === undefined)", "if (row !== undefined)"))
    assert (await own_tests(folder, "tests/tags.test.ts"))[0] == 0
    code, output = await own_tests(folder, "tests/users.test.ts")
    assert code != 0
    assert "not ok" in output


async def test_it_serves_what_it_migrates_and_stops_when_it_is_told(tmp_path: Path) -> None:
    async with (
        running_typescript(tmp_path, f"sqlite:///{tmp_path}/app.db", blueprint=read_blueprint(HARD)) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        assert (await client.get("/readyz")).status_code == 200
        made = (await client.post("/api/v1/limits", json={"text": "x", "value": -5})).json()["data"]
        assert made["function"] == "a`b"
        listed = (await client.get("/api/v1/limits", params={"function": "a`b", "value": -5})).json()["data"]
        assert listed == [made]
        sent = {"json": {"value_id": made["id"], "query": None}, "headers": {"Idempotency-Key": "one"}}
        row = (await client.post("/api/v1/values", **sent)).json()["data"]
        assert (await client.get(f"/api/v1/limits/{made['id']}/values")).json()["data"] == [row | {"value": made}]
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


async def scaffold(toolbox: Toolbox, **arguments: str) -> Report:
    """Plan, then apply."""
    given = {"path": "blog", **arguments}
    plan = await run(ScaffoldBackendRequest.model_validate(given), toolbox)
    agreed = {**given, "action": Action.APPLY, "plan_hash": plan.fact("plan_hash")}
    return await run(ScaffoldBackendRequest.model_validate(agreed), toolbox)


async def test_an_upgrade_keeps_the_stack_the_edits_and_the_migrations(toolbox: Toolbox, tmp_path: Path) -> None:
    plan = await run(
        ScaffoldBackendRequest.model_validate({"path": "blog", "blueprint": BLOG, "stack": "typescript"}), toolbox
    )
    assert dict(plan.tables[2].rows)["Node"] == ">=22.18"
    assert 'stack="typescript"' in plan.next_step
    made = await scaffold(toolbox, blueprint=BLOG, stack="typescript")
    assert made.next_step == snapshot('npm install and npm test in blog; then exercise_backend(path="blog")')
    project = tmp_path / "blog"
    edited = project / "src" / "posts" / "service.ts"
    edited.write_text(edited.read_text().replace("/** What can be done with posts. */", "/** Mine. */"))
    first = (project / "drizzle" / "postgres" / "0000_initial.sql").read_text()
    blueprint = project / "blueprint.yaml"
    blueprint.write_text(
        blueprint.read_text().replace(
            "      published_at:", "      subtitle: {type: string, required: false}\n      published_at:"
        )
    )
    upgraded = await scaffold(toolbox)
    assert upgraded.outcome is Outcome.PASS
    assert edited.read_text().startswith("/** Mine. */")
    assert "subtitle: fields.subtitle" in (project / "src" / "posts" / "schemas.ts").read_text()
    assert (project / "drizzle" / "postgres" / "0000_initial.sql").read_text() == first
    assert (project / "drizzle" / "postgres" / "0001_add_posts_subtitle.sql").read_text() == snapshot("""\
-- Expand: instant, and the release before keeps running.
--
-- The whole change:
-- * add posts.subtitle
ALTER TABLE posts ADD COLUMN subtitle varchar(255);
""")
    assert "subtitle" in (project / "drizzle" / "sqlite" / "0001_add_posts_subtitle.sql").read_text()
    link_packages(project)
    assert checked(project) == ""
    with pytest.raises(ToolError, match="is a project in typescript and stays one"):
        await scaffold(toolbox, stack="python")


def test_the_command_line_knows_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blog.yaml").write_text(BLOG)
    given = ["scaffold", "blog", "--blueprint", "blog.yaml", "--stack", "typescript", "--format", "json"]
    assert main(given) == 0
    facts = {fact["name"]: fact["value"] for fact in json.loads(capsys.readouterr().out)["facts"]}
    assert facts["stack"] == "typescript"
    assert main([*given, "--apply", facts["plan_hash"]]) == 0
    assert (tmp_path / "blog" / "src" / "main.ts").is_file()
    assert json.loads((tmp_path / "blog" / ".scaffold" / "manifest.json").read_text())["stack"] == "typescript"
