"""Applying: all or nothing, only what was agreed to, only inside, and twice is once."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from scaffold_samples import BLOG, edit, fixed, plan, scaffold, tree

from backend.scaffold import apply as applying
from backend.scaffold.apply import Applied, apply
from backend.scaffold.errors import ApplyError, ScaffoldError, StalePlan
from backend.scaffold.fate import Fate
from backend.scaffold.manifest import MANIFEST, read_manifest
from backend.workspace import Workspace, WorkspaceError

BEFORE = {"a.py": "a = 1\n", "b/c.py": "c = 1\n", "b/gone.py": "gone = 1\n", "only/gone.py": "gone = 2\n"}
AFTER = {"a.py": "a = 2\n", "b/c.py": "c = 2\n", "new/deep/d.py": "d = 1\n"}


def failing(at: int) -> Callable[[Path, Path], None]:
    """Moves files until number ``at``, which fails as a full disk would."""
    count = iter(range(1_000))

    def move(source: Path, target: Path) -> None:
        if next(count) == at:
            raise OSError(28, "No space left on device", str(target))
        source.replace(target)

    return move


def test_a_project_is_written_with_its_manifest_and_nothing_else(tmp_path: Path) -> None:
    done = scaffold(tmp_path)
    found = tree(tmp_path / "shop")
    assert {path for path, what in found.items() if what != "folder"} == set(done.written)
    manifest = read_manifest((tmp_path / "shop" / MANIFEST).read_text())
    assert {path: text.encode() for path, text in manifest.files.items()} == {
        path: what for path, what in found.items() if what != "folder" and path != MANIFEST
    }
    assert manifest.blueprint == BLOG


def test_planning_after_applying_finds_everything_unchanged_and_applying_that_does_nothing(tmp_path: Path) -> None:
    scaffold(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    again = plan(tmp_path)
    assert {change.fate for change in again.changes} == {Fate.UNCHANGED}
    assert apply(again, again.hash) == Applied()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_an_upgrade_updates_creates_removes_and_leaves_no_empty_folder(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed(BEFORE))
    (tmp_path / "shop/a.py").chmod(0o755)
    done = scaffold(tmp_path, renderer=fixed(AFTER))
    assert set(done.removed) == {"b/gone.py", "only/gone.py"}
    found = tree(tmp_path / "shop")
    assert {path: text.encode() for path, text in AFTER.items()}.items() <= found.items()
    assert "only" not in found and "b/gone.py" not in found
    assert stat.S_IMODE((tmp_path / "shop/a.py").stat().st_mode) == 0o755


@pytest.mark.parametrize("at", range(6))
def test_a_failure_in_the_middle_leaves_the_tree_as_it_was(tmp_path: Path, at: int) -> None:
    scaffold(tmp_path, renderer=fixed(BEFORE))
    before = tree(tmp_path)
    made = plan(tmp_path, renderer=fixed(AFTER))
    with pytest.raises(ApplyError, match="No space left on device; every file is as it was before"):
        apply(made, made.hash, move=failing(at))
    assert tree(tmp_path) == before
    apply(made, made.hash, move=failing(6))


def test_a_first_scaffold_that_fails_leaves_no_folder_behind(tmp_path: Path) -> None:
    made = plan(tmp_path)
    with pytest.raises(ApplyError):
        apply(made, made.hash, move=failing(9))
    assert tree(tmp_path) == {}


def test_an_interruption_is_undone_too(tmp_path: Path) -> None:
    def interrupted(source: Path, target: Path) -> None:
        if target.name == "main.py":
            raise KeyboardInterrupt
        source.replace(target)

    made = plan(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        apply(made, made.hash, move=interrupted)
    assert tree(tmp_path) == {}


def test_what_cannot_be_put_back_is_kept_and_said(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed(BEFORE))
    made = plan(tmp_path, renderer=fixed(AFTER))

    def breaking(source: Path, target: Path) -> None:
        if target.name == "d.py":
            (tmp_path / "shop/only").rmdir()
            raise OSError(5, "Input/output error", str(target))
        source.replace(target)

    with pytest.raises(ApplyError, match=r"putting everything back failed too .* kept in shop/.scaffold/work"):
        apply(made, made.hash, move=breaking)
    assert "gone = 2\n" in {path.read_text() for path in (tmp_path / "shop/.scaffold/work").iterdir()}
    with pytest.raises(ScaffoldError, match="delete it, and plan again"):
        scaffold(tmp_path, renderer=fixed(AFTER))


def test_a_killed_process_leaves_a_tree_that_the_next_plan_completes(tmp_path: Path) -> None:
    program = f"""
import os, sys
sys.path[:0] = {sys.path!r}
import backend_architect
from pathlib import Path
from scaffold_samples import plan
from backend.scaffold.apply import apply
made = plan(Path({str(tmp_path)!r}))
def move(source, target):
    if target.name == "main.py":
        os._exit(9)
    source.replace(target)
apply(made, made.hash, move=move)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == 9
    work = tmp_path / "shop/.scaffold/work"
    for path in work.iterdir():
        path.unlink()
    work.rmdir()
    made = plan(tmp_path)
    assert made.first and made.of(Fate.UNCHANGED) and made.of(Fate.CREATE) and not made.of(Fate.CONFLICT)
    apply(made, made.hash)
    assert {change.fate for change in plan(tmp_path).changes} == {Fate.UNCHANGED}


def test_another_hash_is_refused(tmp_path: Path) -> None:
    made = plan(tmp_path)
    for wrong in ("", "0" * 32, made.hash[:-1]):
        with pytest.raises(StalePlan):
            apply(made, wrong)
    assert tree(tmp_path) == {}


def test_a_file_that_changes_while_the_plan_is_carried_out_stops_it(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed(BEFORE))
    made = plan(tmp_path, renderer=fixed(AFTER))
    edit(tmp_path / "shop/b/c.py", lambda text: text + "mine = 1\n")
    before = tree(tmp_path)
    with pytest.raises(StalePlan, match=r"b/c\.py changed while"):
        apply(made, made.hash)
    assert tree(tmp_path) == before


def test_a_folder_that_becomes_a_link_while_the_plan_is_carried_out_stops_it(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    outside.mkdir()
    scaffold_into = inside
    scaffold_into.mkdir()
    scaffold(inside, renderer=fixed(BEFORE))
    made = plan(inside, renderer=fixed(AFTER))
    (inside / "shop/new").symlink_to(outside)
    with pytest.raises(WorkspaceError, match="outside the workspace"):
        apply(made, made.hash)
    assert tree(outside) == {} and (inside / "shop/a.py").read_text() == "a = 1\n"


def test_a_new_project_is_never_written_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "shop/app").mkdir(parents=True)
    (tmp_path / "shop/app/main.py").write_text("mine\n")
    before = tree(tmp_path)
    with pytest.raises(ScaffoldError, match=r"1 files are in the way and nothing was written: app/main\.py"):
        scaffold(tmp_path)
    assert tree(tmp_path) == before


def test_a_read_only_workspace_is_planned_and_not_written(tmp_path: Path) -> None:
    made = plan(tmp_path)
    object.__setattr__(made, "workspace", Workspace.at(tmp_path, read_only=True))
    with pytest.raises(WorkspaceError, match="read-only"):
        apply(made, made.hash)
    assert tree(tmp_path) == {}


def test_a_folder_that_may_not_be_written_refuses_and_leaves_everything(tmp_path: Path) -> None:
    """As an ordinary user, whom the modes of a folder stop."""
    program = f"""
import codecs, os, sys, tempfile
sys.path[:0] = {sys.path!r}
import backend_architect, shutil
from pathlib import Path
from scaffold_samples import fixed, plan, scaffold, tree
from backend.scaffold.apply import apply
from backend.scaffold.errors import ApplyError
codecs.lookup("utf-8-sig")  # loaded on first use, from where an ordinary user may not be able to read
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
folder = Path(tempfile.mkdtemp())
try:
    scaffold(folder, renderer=fixed({BEFORE!r}))
    before = tree(folder)
    (folder / "shop/b").chmod(0o555)
    made = plan(folder, renderer=fixed({AFTER!r}))
    try:
        apply(made, made.hash)
    except ApplyError as error:
        print(error)
    (folder / "shop/b").chmod(0o755)
    assert tree(folder) == before
finally:
    shutil.rmtree(folder)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "Permission denied; every file is as it was before" in done.stdout, done.stderr


def test_lines_that_end_as_on_windows_go_on_doing_so(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed({"a.py": "a = 1\n\n\nb = 1\n", "c.py": "c = 1\n"}))
    (tmp_path / "shop/a.py").write_bytes(b"a = 1\r\n\r\n\r\nb = 2\r\n")
    (tmp_path / "shop/c.py").write_bytes(b"c = 1\r\n")
    made = plan(tmp_path, renderer=fixed({"a.py": "a = 3\n\n\nb = 1\n", "c.py": "c = 2\n"}))
    assert [change.path for change in made.of(Fate.MERGE)] == ["a.py"]
    apply(made, made.hash)
    assert (tmp_path / "shop/a.py").read_bytes() == b"a = 3\r\n\r\n\r\nb = 2\r\n"
    assert (tmp_path / "shop/c.py").read_bytes() == b"c = 2\r\n"


def test_apply_without_a_way_back_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "_roll_back", lambda plan, journal, cause: None)
    with pytest.raises(AssertionError):
        test_a_failure_in_the_middle_leaves_the_tree_as_it_was(tmp_path, 4)


def test_apply_without_a_last_look_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "_untouched", lambda plan, path: plan.now[path].place.real)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test_a_file_that_changes_while_the_plan_is_carried_out_stops_it(tmp_path)


@pytest.mark.parametrize("at", [3, 6])
def test_a_file_system_without_hard_links_is_served_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    def refused(self: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    if at < 6:
        test_a_failure_in_the_middle_leaves_the_tree_as_it_was(tmp_path, at)
    else:
        test_an_upgrade_updates_creates_removes_and_leaves_no_empty_folder(tmp_path)


def test_of_two_that_apply_at_once_one_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed(BEFORE))
    made = plan(tmp_path, renderer=fixed(AFTER))
    refusals = []

    def meeting(source: Path, target: Path) -> None:
        if not refusals:
            before = tree(tmp_path)
            with pytest.raises(ScaffoldError, match="another apply is under way") as refused:
                apply(made, made.hash)
            refusals.append(refused)
            assert tree(tmp_path) == before
        source.replace(target)

    apply(made, made.hash, move=meeting)
    assert refusals and plan(tmp_path, renderer=fixed(AFTER)).empty
