"""Plans: what would happen to every file, where files may lie, and what the hash stands for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scaffold_samples import BLOG, edit, fixed, plan, render, scaffold, tree

from backend.scaffold import paths
from backend.scaffold import plan as planning
from backend.scaffold.decisions import asked_of_machine, decisions
from backend.scaffold.errors import ScaffoldError
from backend.scaffold.fate import Fate
from backend.scaffold.manifest import MANIFEST, Manifest, read_manifest, write_manifest
from backend.scaffold.plan import Plan
from backend.workspace import WorkspaceError
from knowledge.blueprint.reader import read_blueprint

MIGRATION = "migrations/versions/0001_initial.py"
SHORTER = BLOG.replace("Writers and what they write.", "Writers.")


def fates(made: Plan) -> dict[str, Fate]:
    return {change.path: change.fate for change in made.changes if change.fate is not Fate.UNCHANGED}


def test_a_new_project_is_all_created_and_nothing_is_written_by_planning(tmp_path: Path) -> None:
    made = plan(tmp_path)
    assert made.first and set(fates(made).values()) == {Fate.CREATE}
    assert {"blueprint.yaml", "app/posts/model.py", MIGRATION} <= set(fates(made))
    assert [path for path, _ in made.writes()][-1] == MANIFEST
    assert tree(tmp_path) == {}


def test_every_kind_of_fate_is_told_apart(tmp_path: Path) -> None:
    before = dict.fromkeys(("update", "edited", "merge", "clash", "gone", "kept", "deleted", "away"), "old\nline\n")
    scaffold(tmp_path, renderer=fixed(before))
    shop = tmp_path / "shop"
    for name in ("edited", "merge", "kept"):
        (shop / name).write_text("old\nline\n\nmine\n")
    (shop / "clash").write_text("mine\nline\n")
    (shop / "taken").write_text("mine\n")
    (shop / "own").write_text("never rendered\n")
    for name in ("deleted", "away"):
        (shop / name).unlink()
    after = before | dict.fromkeys(("update", "merge", "clash", "away"), "new\nline\n")
    after |= {"created": "new\n", "taken": "new\n"}
    del after["gone"], after["kept"]
    assert fates(plan(tmp_path, renderer=fixed(after))) == {
        "clash": Fate.CONFLICT,
        "away": Fate.CONFLICT,
        "taken": Fate.CONFLICT,
        "merge": Fate.MERGE,
        "update": Fate.UPDATE,
        "created": Fate.CREATE,
        "gone": Fate.REMOVE,
        "edited": Fate.EDITED,
        "kept": Fate.OWNED,
        "deleted": Fate.DELETED,
    }


def test_the_hash_is_the_same_until_anything_it_stands_for_changes(tmp_path: Path) -> None:
    scaffold(tmp_path)
    first = plan(tmp_path).hash
    assert plan(tmp_path).hash == first
    assert plan(tmp_path, path="shop2").hash != first
    assert plan(tmp_path, SHORTER).hash != first
    assert plan(tmp_path, BLOG.replace("name: blog", "name:  blog")).hash != first
    assert plan(tmp_path, renderer=lambda b, p: {**render(b, p), "README.md": "other\n"}).hash != first
    edit(tmp_path / "shop/app/main.py", lambda text: text + "\n")
    assert plan(tmp_path).hash != first


@pytest.mark.parametrize(
    "path",
    [
        *("../outside", "/etc/passwd", "app/../../outside", "./app", "app//main.py", "app/", "", ".", "C:/x", "a\\b"),
        *(".git/hooks/post-checkout", "app/.GIT/config", MANIFEST, ".scaffold/x", "nul.txt", "app/con", "a\nb", "a\0b"),
        *("name.", "name ", "e\u0301.py", "x" * 201, "/".join(["x" * 100] * 10), "\ud800.py"),
    ],
)
def test_hostile_rendered_paths_are_refused_before_anything_is_read(tmp_path: Path, path: str) -> None:
    with pytest.raises(ScaffoldError, match="refused"):
        plan(tmp_path, renderer=fixed({path: "x\n"}))
    assert tree(tmp_path) == {}


@given(st.text(alphabet="./\\a\0: \u0301~", min_size=1, max_size=8))
def test_a_path_that_is_let_through_stays_below_its_folder(path: str) -> None:
    if not paths.path_problem(path):
        assert Path(os.path.normpath(f"/top/{path}")).as_posix() == f"/top/{path}"


def test_paths_that_would_be_one_file_or_a_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError, match="same file where case is ignored"):
        plan(tmp_path, renderer=fixed({"app/Main.py": "", "app/main.py": ""}))
    with pytest.raises(ScaffoldError, match="also the folder of"):
        plan(tmp_path, renderer=fixed({"app": "", "app/main.py": ""}))


@pytest.mark.parametrize("text", ["a\0b", "a\r\nb", "\ud800"])
def test_rendered_text_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScaffoldError, match="text holds"):
        plan(tmp_path, renderer=fixed({"a": text}))


def test_links_that_lead_out_of_the_workspace_or_the_project_are_refused(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    (inside / "shop").mkdir(parents=True)
    (inside / "other").mkdir()
    link = inside / "shop/app"
    link.symlink_to(outside)
    with pytest.raises(WorkspaceError, match="outside the workspace"):
        plan(inside)
    link.unlink()
    link.symlink_to(inside / "other")
    with pytest.raises(ScaffoldError, match="leads out of the project"):
        plan(inside)
    with pytest.raises(WorkspaceError, match="outside the workspace"):
        plan(inside, path="../outside")
    with pytest.raises(ScaffoldError, match="choose a folder of your own"):
        plan(inside, path="x/.git")


def test_two_paths_that_meet_in_one_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "shop/real").mkdir(parents=True)
    (tmp_path / "shop/link").symlink_to(tmp_path / "shop/real")
    with pytest.raises(ScaffoldError, match="are one file"):
        plan(tmp_path, renderer=fixed({"real/a": "1\n", "link/a": "2\n"}))


def test_what_is_no_regular_text_file_is_a_conflict_and_never_opened(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    (shop / "folder").mkdir(parents=True)
    (shop / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(shop / "pipe")
    (shop / "binary").write_bytes(b"\xff\xfe\x00")
    (shop / "app").write_text("a file\n")
    names = ("folder", "link", "pipe", "binary", "app/main.py")
    made = plan(tmp_path, renderer=fixed(dict.fromkeys(names, "x\n")))
    assert {change.path for change in made.of(Fate.CONFLICT)} == set(names)


def test_a_manifest_reads_as_it_was_written_and_writes_the_same_again() -> None:
    made = Manifest("1.2", BLOG, {"b": "", "a/ü.py": "x = 1\nno end", "c": "z" * 100_000})
    text = write_manifest(made)
    assert read_manifest(text) == made
    assert write_manifest(read_manifest(text)) == text
    assert len(text) < 3_000
    assert read_manifest(write_manifest(Manifest("1", "", {}))) == Manifest("1", "", {})


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda raw: "<<<<<<< HEAD\n", "damaged"),
        (lambda raw: "[]", "damaged"),
        (lambda raw: json.dumps(raw | {"format": 2}), "this version knows 1"),
        (lambda raw: json.dumps(raw | {"files": {"../../x": raw["files"]["a"]}}), "refused"),
        (lambda raw: json.dumps(raw | {"files": {"a": raw["files"]["a"] | {"base": "eJwDAAAAAAE="}}}), "damaged at a"),
        (lambda raw: json.dumps(raw | {"files": {"a": raw["files"]["a"] | {"base": "%%"}}}), "damaged at a"),
        (lambda raw: json.dumps(raw | {"blueprint": 3}), "damaged"),
        (lambda raw: json.dumps(raw | {"files": {"a": 3}}), "damaged"),
    ],
)
def test_a_damaged_manifest_stops_the_plan_and_says_what_to_do(tmp_path: Path, damage: object, says: str) -> None:
    scaffold(tmp_path, renderer=fixed({"a": "1\n"}))
    path = tmp_path / "shop" / MANIFEST
    path.write_text(damage(json.loads(path.read_text())))  # type: ignore[operator]
    with pytest.raises(ScaffoldError, match=says):
        plan(tmp_path)


def test_an_edited_blueprint_is_not_merged_with_another_one(tmp_path: Path) -> None:
    scaffold(tmp_path)
    own = tmp_path / "shop/blueprint.yaml"
    own.write_text(SHORTER)
    with pytest.raises(ScaffoldError, match="leave `blueprint` empty"):
        plan(tmp_path, BLOG.replace("Writers", "Painters"))
    assert fates(plan(tmp_path, SHORTER))["README.md"] is Fate.UPDATE


def test_the_renderer_is_told_what_was_there_before(tmp_path: Path) -> None:
    seen = []
    scaffold(tmp_path)
    (tmp_path / "shop/migrations/versions/0002_mine.py").write_text("revision = 'mine'\n")
    plan(tmp_path, renderer=lambda blueprint, previous: seen.append(previous) or {})  # type: ignore[func-returns-value]
    assert [(one.blueprint, sorted(one.migrations)) for one in seen if one] == [
        (BLOG, [MIGRATION, "migrations/versions/0002_mine.py"])
    ]


def test_decisions_and_demands_are_counted_from_the_blueprint_and_the_project(tmp_path: Path) -> None:
    blueprint = read_blueprint(BLOG)
    found = decisions(blueprint)
    assert (found["resources"], found["tables"], found["operations"]) == ("3", "3", "10")
    made = plan(tmp_path)
    asked = asked_of_machine(made.rendered, (text for _, text in made.writes()))
    assert asked["Python"] == ">=3.11" and "2 packages" in asked["network"]


def test_a_hash_that_forgets_the_files_that_are_there_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "_files", lambda rendered, now: [[path, text] for path, text in rendered.items()])
    with pytest.raises(AssertionError):
        test_the_hash_is_the_same_until_anything_it_stands_for_changes(tmp_path)


def test_a_check_of_paths_that_forgets_parents_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "path_problem", lambda path: "")
    with pytest.raises((AssertionError, pytest.fail.Exception, WorkspaceError)):
        test_hostile_rendered_paths_are_refused_before_anything_is_read(tmp_path, "../outside")
