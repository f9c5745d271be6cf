"""What the workspace refuses, each time beside a harmless neighbour that it lets pass."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from backend.workspace import Workspace, WorkspaceError


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A secret beside the workspace."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.sql").write_text("SELECT 'secret';")
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "work"
    (root / "sub").mkdir(parents=True)
    (root / "a.sql").write_text("SELECT 1;")
    (root / "sub" / "b.sql").write_text("SELECT 2;")
    return Workspace.at(root)


def refuses(pattern: str) -> pytest.RaisesExc[WorkspaceError]:
    return pytest.raises(WorkspaceError, match=pattern)


class TestPaths:
    @pytest.mark.parametrize("path", ["../outside/secret.sql", "sub/../../outside/secret.sql", "..", "sub/../.."])
    def test_dots_do_not_lead_out(self, workspace: Workspace, outside: Path, path: str) -> None:
        with refuses("is outside the workspace; give a path inside it"):
            workspace.read_text(path)

    def test_dots_that_stay_inside_pass(self, workspace: Workspace) -> None:
        assert workspace.read_text("sub/../a.sql") == "SELECT 1;"

    def test_an_absolute_path_outside_is_refused(self, workspace: Workspace, outside: Path) -> None:
        with refuses("is outside the workspace"):
            workspace.read_text(outside / "secret.sql")

    def test_an_absolute_path_inside_passes(self, workspace: Workspace) -> None:
        assert workspace.read_text(workspace.root / "a.sql") == "SELECT 1;"

    def test_a_sibling_whose_name_begins_the_same_is_outside(self, workspace: Workspace) -> None:
        sibling = workspace.root.with_name("work-too")
        sibling.mkdir()
        (sibling / "a.sql").write_text("SELECT 1;")
        with refuses("is outside the workspace"):
            workspace.read_text("../work-too/a.sql")

    def test_a_link_to_a_file_outside_is_refused(self, workspace: Workspace, outside: Path) -> None:
        (workspace.root / "link.sql").symlink_to(outside / "secret.sql")
        with refuses(r"link\.sql is outside the workspace"):
            workspace.read_text("link.sql")
        with refuses("is outside the workspace"):
            workspace.files_under("", [".sql"])

    def test_a_link_to_a_file_inside_passes(self, workspace: Workspace) -> None:
        (workspace.root / "link.sql").symlink_to("sub/b.sql")
        assert workspace.read_text("link.sql") == "SELECT 2;"
        assert list(workspace.files_under("", [".sql"])) == ["a.sql", "link.sql", "sub/b.sql"]

    def test_a_link_to_a_folder_outside_is_refused_and_never_walked(self, workspace: Workspace, outside: Path) -> None:
        (workspace.root / "link").symlink_to(outside)
        with refuses("is outside the workspace"):
            workspace.read_text("link/secret.sql")
        with refuses("is outside the workspace"):
            workspace.files_under("link", [".sql"])
        assert list(workspace.files_under("", [".sql"])) == ["a.sql", "sub/b.sql"]

    def test_a_link_to_a_folder_inside_passes(self, workspace: Workspace) -> None:
        (workspace.root / "link").symlink_to("sub")
        assert workspace.read_text("link/b.sql") == "SELECT 2;"

    def test_a_loop_of_links_is_refused_and_a_chain_passes(self, workspace: Workspace) -> None:
        (workspace.root / "one").symlink_to("two")
        (workspace.root / "two").symlink_to("one")
        (workspace.root / "first").symlink_to("second")
        (workspace.root / "second").symlink_to("a.sql")
        with refuses("cannot be a path|does not exist"):
            workspace.read_text("one")
        assert workspace.read_text("first") == "SELECT 1;"

    def test_a_folder_that_links_to_its_own_parent_is_not_entered(self, workspace: Workspace) -> None:
        (workspace.root / "sub" / "up").symlink_to("..")
        assert list(workspace.files_under("", [".sql"])) == ["a.sql", "sub/b.sql"]

    @pytest.mark.parametrize("path", ["a\0.sql", "\0", "sub\0/../../x"])
    def test_nul_is_refused(self, workspace: Workspace, path: str) -> None:
        with refuses("a path cannot contain a NUL character"):
            workspace.read_text(path)

    @pytest.mark.parametrize("path", ["x" * 5_000, "x/" * 5_000, "\ud800.sql"], ids=["name", "path", "half"])
    def test_what_cannot_be_a_path_is_refused_in_words(self, workspace: Workspace, path: str) -> None:
        with refuses("cannot be a path|does not exist"):
            workspace.read_text(path)

    def test_unusual_names_pass(self, workspace: Workspace) -> None:
        name = "ünï ✓\n'\"$(x);--.sql"
        (workspace.root / name).write_text("SELECT 3;")
        assert workspace.read_text(name) == "SELECT 3;"

    def test_a_missing_file_is_said_and_so_is_a_missing_root(self, workspace: Workspace) -> None:
        with refuses(r"nothing\.sql does not exist in the workspace"):
            workspace.read_text("nothing.sql")
        with refuses("is not a folder; name an existing one"):
            Workspace.at(workspace.root / "a.sql")

    def test_the_root_itself_may_be_a_link(self, workspace: Workspace) -> None:
        link = workspace.root.with_name("link")
        link.symlink_to(workspace.root)
        assert Workspace.at(link) == workspace


class TestContent:
    def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_passes(self, workspace: Workspace) -> None:
        (workspace.root / "big.sql").write_text("x" * 11)
        with refuses(r"big\.sql has 11 bytes; the limit is 10"):
            workspace.read_text("big.sql", limit=10)
        assert workspace.read_text("big.sql", limit=11) == "x" * 11

    def test_latin_1_is_refused_with_its_byte_and_utf_8_passes(self, workspace: Workspace) -> None:
        (workspace.root / "old.sql").write_bytes(b"-- caf\xe9")
        (workspace.root / "new.sql").write_bytes("-- café".encode())
        with refuses(r"old\.sql is not UTF-8 \(byte 6: 0xe9\); convert it first"):
            workspace.read_text("old.sql")
        assert workspace.read_text("new.sql") == "-- café"

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf_16_is_refused(self, workspace: Workspace, encoding: str) -> None:
        (workspace.root / "wide.sql").write_bytes("SELECT 1;".encode(encoding))
        with refuses(r"wide\.sql is UTF-16|wide\.sql contains a NUL character"):
            workspace.read_text("wide.sql")

    def test_a_byte_order_mark_and_line_ends_are_taken_off(self, workspace: Workspace) -> None:
        (workspace.root / "dos.sql").write_bytes(b"\xef\xbb\xbfSELECT 1;\r\nSELECT 2;\rSELECT 3;\n")
        assert workspace.read_text("dos.sql") == "SELECT 1;\nSELECT 2;\nSELECT 3;\n"

    def test_a_nul_in_the_text_is_refused(self, workspace: Workspace) -> None:
        (workspace.root / "binary.sql").write_bytes(b"SELECT\0 1;")
        with refuses(r"binary\.sql contains a NUL character at 6; it is not a text file"):
            workspace.read_text("binary.sql")

    def test_a_pipe_is_refused_at_once_and_nobody_waits_for_it(self, workspace: Workspace) -> None:
        os.mkfifo(workspace.root / "pipe.sql")
        with refuses(r"pipe\.sql is not a regular file"):
            workspace.read_text("pipe.sql")
        with refuses(r"pipe\.sql is not a regular file"):
            workspace.files_under("", [".sql"])
        assert workspace.read_text("a.sql") == "SELECT 1;"

    @pytest.mark.parametrize("name", ["zero", "null"])
    def test_a_device_is_refused(self, name: str) -> None:
        with refuses(f"{name} is not a regular file"):
            Workspace.at("/dev").read_text(name)

    def test_a_folder_is_no_file_and_a_file_no_folder(self, workspace: Workspace) -> None:
        with refuses("sub is not a regular file"):
            workspace.read_text("sub")
        with refuses(r"a\.sql is not a folder"):
            workspace.files_under("a.sql", [".sql"])


class TestFolders:
    def test_files_come_sorted_by_their_path_below_the_folder(self, workspace: Workspace) -> None:
        (workspace.root / "notes.md").write_text("no")
        assert workspace.files_under("", [".sql"]) == {"a.sql": "SELECT 1;", "sub/b.sql": "SELECT 2;"}
        assert workspace.files_under("sub", [".sql"]) == {"b.sql": "SELECT 2;"}

    def test_an_empty_folder_holds_nothing(self, workspace: Workspace) -> None:
        (workspace.root / "empty").mkdir()
        assert workspace.files_under("empty", [".sql"]) == {}

    @pytest.mark.parametrize("name", [".git", "node_modules", "__pycache__", "venv"])
    def test_folders_of_tools_are_passed_over_unless_named(self, workspace: Workspace, name: str) -> None:
        (workspace.root / name).mkdir()
        (workspace.root / name / "c.sql").write_text("SELECT 3;")
        assert "c.sql" not in "".join(workspace.files_under("", [".sql"]))
        assert list(workspace.files_under(name, [".sql"])) == ["c.sql"]

    def test_too_many_files_are_refused_and_as_many_as_allowed_pass(self, workspace: Workspace) -> None:
        with refuses("holds over 1 files; name a folder further down"):
            workspace.files_under(".", [".sql"], max_files=1)
        assert len(workspace.files_under(".", [".sql"], max_files=2)) == 2

    def test_too_many_bytes_are_refused_and_as_many_as_allowed_pass(self, workspace: Workspace) -> None:
        (workspace.root / "a.sql").write_text("é" * 10)
        with refuses("holds over 28 bytes; name a folder further down"):
            workspace.files_under(".", [".sql"], max_bytes=28)
        assert len(workspace.files_under(".", [".sql"], max_bytes=29)) == 2

    def test_a_very_deep_folder_is_walked(self, workspace: Workspace) -> None:
        deep = workspace.root.joinpath(*["d"] * 300)
        deep.mkdir(parents=True)
        (deep / "c.sql").write_text("SELECT 3;")
        assert len(workspace.files_under("", [".sql"])) == 3

    def test_refusals_name_files_as_users_know_them(self, workspace: Workspace) -> None:
        (workspace.root / "sub" / "old.sql").write_bytes(b"\xe9")
        with refuses(r"^sub/old\.sql is not UTF-8"):
            workspace.files_under("sub", [".sql"])


class TestWriting:
    def test_a_file_is_written_with_its_folders(self, workspace: Workspace) -> None:
        written = workspace.write_text("new/deep/c.sql", "SELECT 'é';\n")
        assert written == workspace.root / "new/deep/c.sql"
        assert written.read_bytes() == "SELECT 'é';\n".encode()

    def test_a_shorter_text_replaces_a_longer_one(self, workspace: Workspace) -> None:
        workspace.write_text("a.sql", "x")
        assert workspace.read_text("a.sql") == "x"

    def test_a_read_only_workspace_writes_nothing(self, workspace: Workspace) -> None:
        with refuses("the workspace is read-only; start without --read-only"):
            Workspace.at(workspace.root, read_only=True).write_text("new/c.sql", "x")
        assert not (workspace.root / "new").exists()

    @pytest.mark.parametrize("path", ["../c.sql", "sub/../../c.sql", "link/c.sql", "file"])
    def test_nothing_is_written_outside(self, workspace: Workspace, outside: Path, path: str) -> None:
        (workspace.root / "link").symlink_to(outside)
        (workspace.root / "file").symlink_to(outside / "secret.sql")
        with refuses("is outside the workspace"):
            workspace.write_text(path, "x")
        assert [entry.name for entry in outside.iterdir()] == ["secret.sql"]
        assert (outside / "secret.sql").read_text() == "SELECT 'secret';"
        assert not (outside.parent / "c.sql").exists()

    def test_pipes_folders_and_files_as_folders_are_refused(self, workspace: Workspace) -> None:
        os.mkfifo(workspace.root / "pipe")
        for path in ("pipe", "sub", "", "a.sql/c.sql"):
            with refuses("cannot be written|is not a regular file"):
                workspace.write_text(path, "x")
        assert workspace.read_text("a.sql") == "SELECT 1;"

    def test_half_a_character_is_refused_and_leaves_the_file_as_it_was(self, workspace: Workspace) -> None:
        with refuses(re.escape("a.sql cannot be written")):
            workspace.write_text("a.sql", "\ud800")
        assert workspace.read_text("a.sql") == "SELECT 1;"
