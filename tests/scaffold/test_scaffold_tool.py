"""``scaffold_backend``: what an assistant sees, from the plan to the next call."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from inline_snapshot import snapshot
from scaffold_samples import BLOG, edit, render, tree

from backend.scaffold.errors import ScaffoldError, StalePlan
from backend.workspace import Workspace, WorkspaceError
from knowledge.blueprint.problems import BlueprintError
from knowledge.report import Outcome, Report
from server.kit import request_of
from server.redact import Redactor
from server.shorten import LEVELS, Detail
from server.spec_tool import input_schema
from tools.scaffold_backend import TOOL, ScaffoldBackendRequest
from tools.scaffold_backend.actions import perform
from tools.spec import ToolError
from tools.toolbox import Toolbox

Scaffold = Callable[..., Awaitable[Report]]


@pytest.fixture
def call(toolbox: Toolbox) -> Scaffold:
    """Calls the tool with the small renderer."""

    async def called(**arguments: str) -> Report:
        return await perform(ScaffoldBackendRequest.model_validate({"path": "shop", **arguments}), toolbox, render)

    return called


@pytest.fixture
def blueprint(tmp_path: Path) -> Path:
    path = tmp_path / "blog.yaml"
    path.write_text(BLOG)
    return path


async def made(call: Scaffold) -> Report:
    planned = await call(blueprint="blog.yaml")
    return await call(blueprint="blog.yaml", action="apply", plan_hash=planned.fact("plan_hash"))


async def test_a_plan_names_every_file_and_decision_and_the_exact_next_call(
    call: Scaffold, blueprint: Path, tmp_path: Path
) -> None:
    report = await call(blueprint="blog.yaml")
    assert report.headline == snapshot("New project in shop: 22 to create; nothing was written")
    assert report.next_step == (
        f'scaffold_backend(action="apply", path="shop", blueprint="blog.yaml", plan_hash="{report.fact("plan_hash")}")'
    )
    assert report.tables[0].rows == snapshot(
        [
            ["create", "./: 4 files: Dockerfile, README.md, blueprint.yaml, pyproject.toml", ""],
            ["create", "app/: 2 files: __init__.py, main.py", ""],
            ["create", "app/posts/: 5 files: __init__.py, model.py, routes.py, schemas.py, service.py", ""],
            ["create", "app/tags/: 5 files: __init__.py, model.py, routes.py, schemas.py, service.py", ""],
            ["create", "app/users/: 5 files: __init__.py, model.py, routes.py, schemas.py, service.py", ""],
            ["create", "migrations/versions/0001_initial.py", ""],
        ]
    )
    assert report.tables[1].rows == snapshot(
        [
            ["resources", "3"],
            ["tables", "3"],
            ["operations", "10"],
            ["authentication", "bearer token (JWT, HS256)"],
            ["tenants", "none"],
            ["optimistic locking", "none"],
            ["soft delete", "none"],
            ["events", "none"],
            ["cached in the application", "nothing"],
            ["cached by clients or CDN", "nothing"],
            ["idempotency key required", "nowhere"],
            ["rate limit", "100 requests in 60 s a caller"],
        ]
    )
    assert report.tables[2].rows == snapshot(
        [
            ["files to write", "23"],
            ["disk", "8,560 bytes"],
            ["Python", ">=3.11"],
            ["network", "none now; pip fetches 2 packages later"],
            ["ports", "none"],
        ]
    )
    documents = {artifact.name: artifact.text for artifact in report.artifacts}
    assert "create        app/posts/model.py\n" in documents["files.txt"]
    assert "--- /dev/null\n+++ b/app/posts/model.py\n@@ -0,0 +1,6 @@\n+class Post(Base):\n" in documents["changes.diff"]
    assert set(tree(tmp_path)) == {"blog.yaml"}


async def test_applying_says_what_was_written_and_leads_on_to_migrating_and_exercising(
    call: Scaffold, blueprint: Path, tmp_path: Path
) -> None:
    report = await made(call)
    assert report.outcome is Outcome.PASS
    assert report.headline == snapshot("New project in shop: 22 created")
    assert report.next_step == (
        'migrate_backend(action="rehearse", path="shop/migrations", allow_project_code=True),'
        ' then exercise_backend(path="shop")'
    )
    assert (tmp_path / "shop/app/main.py").is_file()
    again = await call()
    assert again.headline == snapshot("Upgrade in shop: 22 unchanged; nothing was written")
    assert again.next_step == "Nothing to apply: the project is up to date"


async def test_an_upgrade_reports_each_conflict_with_its_line_and_remedy(
    call: Scaffold, blueprint: Path, tmp_path: Path
) -> None:
    await made(call)
    edit(tmp_path / "shop/app/main.py", lambda text: text.replace("limit(app, 100, 60)", "limit(app, 7, 60)"))
    edit(tmp_path / "shop/blueprint.yaml", lambda text: text.replace("requests: 100", "requests: 30"))
    (tmp_path / "shop/app/tags/model.py").unlink()
    planned = await call()
    report = await call(action="apply", plan_hash=planned.fact("plan_hash"))
    assert report.outcome is planned.outcome is Outcome.FINDINGS
    assert [(item.rule, str(item.location), item.message) for item in report.findings] == snapshot(
        [("scaffold/conflict", "shop/app/main.py:13", "app/main.py: 1 conflict to resolve")]
    )
    assert report.findings[0].fixes[0].summary == snapshot(
        "Edit app/main.py: keep what is right of both sides, and delete the marker lines"
    )
    assert report.next_step.startswith("Resolve the conflicts in 1 files first; then migrate_backend(")
    assert "<<<<<<< yours" in (tmp_path / "shop/app/main.py").read_text()


async def test_files_in_the_way_are_named_and_nothing_is_written(
    call: Scaffold, blueprint: Path, tmp_path: Path
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/README.md").write_text("mine\n")
    planned = await call(blueprint="blog.yaml")
    assert planned.findings[0].message == snapshot(
        "README.md: left as it is: you have a file of that name; move it or rename yours"
    )
    assert planned.next_step == "Move the files that are in the way, or choose an empty folder, and plan again"
    assert "-mine\n+# blog\n" in next(one.text for one in planned.artifacts if one.name == "not_written.diff")
    with pytest.raises(ScaffoldError, match=r"README\.md"):
        await call(blueprint="blog.yaml", action="apply", plan_hash=planned.fact("plan_hash"))
    assert (tmp_path / "shop/README.md").read_text() == "mine\n"


async def test_what_changed_between_plan_and_apply_is_named(call: Scaffold, blueprint: Path, tmp_path: Path) -> None:
    await made(call)
    blueprint.write_text(BLOG.replace("requests: 100", "requests: 30"))
    planned = await call(blueprint="blog.yaml")
    edit(tmp_path / "shop/app/main.py", lambda text: text + "\n# mine\n")
    before = tree(tmp_path)
    with pytest.raises(StalePlan, match=r"changed since the plan: app/main\.py\. Nothing was written\. .*plan"):
        await call(blueprint="blog.yaml", action="apply", plan_hash=planned.fact("plan_hash"))
    blueprint.write_text(BLOG.replace("requests: 100", "requests: 31"))
    with pytest.raises(StalePlan, match=r"app/main\.py, app/main\.py as rendered, blueprint, blueprint\.yaml as rend"):
        await call(blueprint="blog.yaml", action="apply", plan_hash=planned.fact("plan_hash"))
    with pytest.raises(StalePlan, match="no plan made here"):
        await call(blueprint="blog.yaml", action="apply", plan_hash="f" * 32)
    with pytest.raises(ToolError, match="apply needs plan_hash"):
        await call(blueprint="blog.yaml", action="apply")
    blueprint.write_text(BLOG)
    assert tree(tmp_path) == before | {"blog.yaml": BLOG.encode()}


async def test_a_blueprint_may_be_given_as_text_as_a_file_or_lie_in_the_project(call: Scaffold, tmp_path: Path) -> None:
    report = await call(blueprint=BLOG)
    assert report.next_step.endswith(f'plan_hash="{report.fact("plan_hash")}", blueprint=<the same text>)')
    with pytest.raises(ToolError, match=r"shop/blueprint\.yaml does not exist .* Name the blueprint's file"):
        await call()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/blueprint.yaml").write_text(BLOG)
    assert (await call()).fact("create") == "21"
    with pytest.raises(WorkspaceError, match="nowhere"):
        await call(blueprint="nowhere.yaml")


async def test_a_bad_blueprint_names_its_path_line_and_remedy(call: Scaffold, blueprint: Path) -> None:
    blueprint.write_text(BLOG.replace("type: text", "type: txet"))
    with pytest.raises(BlueprintError) as refused:
        await call(blueprint="blog.yaml")
    for part in ("blog.yaml: line 18, column 14", "resources.post.fields.body.type", "Did you mean text?"):
        assert part in str(refused.value)


async def test_read_only_servers_plan_and_never_write(toolbox: Toolbox, blueprint: Path, tmp_path: Path) -> None:
    closed = replace(toolbox, workspace=Workspace.at(tmp_path, read_only=True))
    request = ScaffoldBackendRequest(path="shop", blueprint="blog.yaml")
    planned = await perform(request, closed, render)
    arguments = {**request.model_dump(), "action": "apply", "plan_hash": planned.fact("plan_hash")}
    with pytest.raises(ToolError, match="read-only"):
        request_of(TOOL, arguments, read_only=True)
    with pytest.raises(WorkspaceError, match="read-only"):
        await perform(ScaffoldBackendRequest.model_validate(arguments), closed, render)
    assert set(tree(tmp_path)) == {"blog.yaml"}


async def test_redaction_leaves_the_hash_and_the_digests_alone(toolbox: Toolbox, blueprint: Path) -> None:
    report = await perform(ScaffoldBackendRequest(path="shop", blueprint="blog.yaml"), toolbox, render)
    clean = Redactor().model(report)
    assert clean.fact("plan_hash") == report.fact("plan_hash")
    assert [one.text for one in clean.artifacts] == [one.text for one in report.artifacts]


async def test_a_plan_of_hundreds_of_files_fits_into_one_answer(toolbox: Toolbox) -> None:
    resource = "    fields: {label: {type: string}}\n    operations: {list: {}, get: {}, create: {}}\n"
    text = "name: big\nresources:\n" + "".join(f"  thing_{number}:\n{resource}" for number in range(60))
    report = await perform(ScaffoldBackendRequest(path="big", blueprint=text), toolbox, render)
    rows = report.tables[0].rows
    assert sum(len(cell) for row in rows for cell in row) < LEVELS[Detail.NORMAL].budget
    assert report.fact("create") == "307"


def test_the_tool_takes_at_most_720_characters_of_the_list() -> None:
    schema = json.dumps(input_schema(TOOL), separators=(",", ":"))
    assert len(TOOL.name) + len(TOOL.description) + len(schema) <= 720


def test_listing_the_tool_loads_no_engine() -> None:
    program = (
        "import backend_architect, sys, tools.scaffold_backend;"
        "print([name for name in ('yaml', 'jinja2', 'backend.scaffold.plan') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]", done.stderr
