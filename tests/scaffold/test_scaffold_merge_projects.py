"""Upgrades: ten edits by a user and ten changes of the blueprint, in every pair and all at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scaffold_samples import BLOG, edit, fixed, plan, render, scaffold, tree

from backend.scaffold import fate
from backend.scaffold.apply import apply
from backend.scaffold.fate import Fate
from backend.scaffold.merge import Merged
from backend.scaffold.syntax import syntax_problem
from knowledge.blueprint.model import Blueprint

MIGRATION = "migrations/versions/0001_initial.py"


@dataclass(frozen=True)
class Edit:
    """What a user does to a project, and how one sees that it is still done."""

    do: Callable[[Path], None]
    survives: Callable[[Path], bool]


def put(path: str, old: str, new: str) -> Edit:
    """Replace ``old``; what is new has to stay."""
    return Edit(
        lambda shop: edit(shop / path, lambda text: text.replace(old, new, 1)),
        lambda shop: new in (shop / path).read_text(),
    )


def add(path: str, text: str) -> Edit:
    """A file of the user's own, or more text at the end of one of ours."""

    def do(shop: Path) -> None:
        with (shop / path).open("a") as file:
            file.write(text)

    return Edit(do, lambda shop: (shop / path).read_text().endswith(text))


EDITS = {
    "a method more": add("app/posts/service.py", "\n    def publish(self):\n        return self.session\n"),
    "an import more": put("app/main.py", "import os\n", "import os\nimport logging\n"),
    "another line in a function": put("app/posts/routes.py", "return service.get()", "return service.get(cached=True)"),
    "a docstring": put(
        "app/posts/model.py", "class Post(Base):\n", 'class Post(Base):\n    """What is written."""\n\n'
    ),
    "a dependency": put("pyproject.toml", '    "fastapi",\n', '    "fastapi",\n    "httpx",\n'),
    "a section in the README": add("README.md", "\n## Ours\n\nCall us.\n"),
    "a file of one's own": add("app/posts/ranking.py", "def rank(posts):\n    return sorted(posts)\n"),
    "a file deleted": Edit(
        lambda shop: (shop / "Dockerfile").unlink(), lambda shop: not (shop / "Dockerfile").exists()
    ),
    "a comment in a migration": add(MIGRATION, "# backfilled by hand\n"),
    "a bigger page": put("app/posts/schemas.py", "limit = 20", "limit = 50"),
}


@dataclass(frozen=True)
class Evolution:
    """A change of the blueprint, and how one sees that it arrived."""

    old: str
    new: str
    path: str
    shows: str

    def __call__(self, text: str) -> str:
        assert self.old in text
        return text.replace(self.old, self.new, 1)

    def arrived(self, shop: Path) -> bool:
        """Whether the project shows it."""
        path = shop / self.path
        return bool(re.search(self.shows, path.read_text())) if self.shows else not path.exists()


TITLE = "      title: {type: string, max_length: 200}\n"
EVOLUTIONS = {
    "a field more": Evolution(TITLE, f"{TITLE}      slug: {{type: string}}\n", "app/posts/model.py", "slug: Mapped"),
    "a field less": Evolution("      body: {type: text}\n", "", "app/posts/model.py", r"\A(?s:(?!body).)*\Z"),
    "a resource more": Evolution(
        "  tag:\n",
        "  note:\n    fields:\n      text: {type: text}\n    operations:\n      list: {}\n  tag:\n",
        "app/notes/model.py",
        "class Note",
    ),
    "a resource less": Evolution(BLOG[BLOG.index("  tag:\n") :], "", "app/tags", ""),
    "another description": Evolution("Writers and what they write.", "A blog.", "README.md", "\nA blog.\n"),
    "another rate limit": Evolution("requests: 100", "requests: 30", "app/main.py", r"limit\(app, 30"),
    "an operation more": Evolution(
        "      delete: {access: [auth",
        "      update: {}\n      delete: {access: [auth",
        "app/posts/routes.py",
        "update_post",
    ),
    "an operation less": Evolution(
        "      get: {access: [authenticated]}\n", "", "app/users/routes.py", r"\A(?s:(?!get).)*\Z"
    ),
    "optimistic locking": Evolution(
        "  post:\n", "  post:\n    optimistic_locking: true\n", "app/posts/model.py", "version: Mapped"
    ),
    "a shorter title": Evolution("max_length: 200", "max_length: 90", "app/posts/schemas.py", r"title = text\(90\)"),
}


@pytest.mark.parametrize("evolution", EVOLUTIONS)
@pytest.mark.parametrize("change", EDITS)
def test_an_edit_and_a_change_of_the_blueprint_both_survive(tmp_path: Path, change: str, evolution: str) -> None:
    scaffold(tmp_path)
    shop = tmp_path / "shop"
    EDITS[change].do(shop)
    made = plan(tmp_path, EVOLUTIONS[evolution](BLOG))
    assert not made.of(Fate.CONFLICT)
    apply(made, made.hash)
    assert EDITS[change].survives(shop)
    assert EVOLUTIONS[evolution].arrived(shop)
    assert all(not syntax_problem(path.name, path.read_text()) for path in shop.rglob("*.py"))


def test_all_edits_and_all_changes_one_after_the_other_lose_nothing(tmp_path: Path) -> None:
    scaffold(tmp_path)
    shop = tmp_path / "shop"
    for change in EDITS.values():
        change.do(shop)
    text = BLOG
    for evolution in EVOLUTIONS.values():
        text = evolution(text)
        made = plan(tmp_path, text)
        assert not made.of(Fate.CONFLICT)
        apply(made, made.hash)
    assert all(change.survives(shop) for change in EDITS.values())
    assert all(evolution.arrived(shop) for evolution in EVOLUTIONS.values())
    assert len(list((shop / "migrations/versions").glob("*.py"))) >= 9
    assert plan(tmp_path, text).empty


def test_a_merge_that_drops_the_users_side_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fate, "merge", lambda base, yours, new: Merged(new, 0))
    with pytest.raises(AssertionError):
        test_an_edit_and_a_change_of_the_blueprint_both_survive(tmp_path, "an import more", "another rate limit")


def test_a_conflict_is_marked_in_the_file_and_reported_until_it_is_resolved(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed({"a.py": "limit = 1\n"}))
    path = tmp_path / "shop/a.py"
    path.write_text("limit = 2\n")
    newer = fixed({"a.py": "limit = 3\n"})
    made = plan(tmp_path, renderer=newer)
    assert [change.reason for change in made.of(Fate.CONFLICT)] == ["1 conflict to resolve"]
    apply(made, made.hash)
    assert path.read_text() == "<<<<<<< yours\nlimit = 2\n=======\nlimit = 3\n>>>>>>> blueprint\n"
    again = plan(tmp_path, renderer=newer)
    assert again.empty and "still holds conflict markers" in again.of(Fate.CONFLICT)[0].reason
    path.write_text("limit = 2\n")
    assert [change.path for change in plan(tmp_path, renderer=newer).of(Fate.EDITED)] == ["a.py"]


def test_python_that_merges_line_by_line_and_no_longer_fits_together_is_a_conflict(tmp_path: Path) -> None:
    before = "def one():\n    x = 1\n    y = 2\n    return x\n"
    scaffold(tmp_path, renderer=fixed({"a.py": before}))
    path = tmp_path / "shop/a.py"
    edit(path, lambda text: text.replace("    y = 2\n", "    global y\n    y = 2\n"))
    made = plan(tmp_path, renderer=fixed({"a.py": before.replace("def one():", "def one(y):")}))
    assert "no longer readable: SyntaxError" in made.of(Fate.CONFLICT)[0].reason
    apply(made, made.hash)
    assert "global y" in path.read_text() and "def one(y)" in path.read_text()


def test_a_file_the_user_deleted_stays_deleted_also_where_it_would_have_changed(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed({"a": "1\n", "b": "1\n"}))
    for name in ("a", "b"):
        (tmp_path / "shop" / name).unlink()
    made = plan(tmp_path, renderer=fixed({"a": "1\n", "b": "2\n"}))
    assert [change.path for change in made.of(Fate.DELETED)] == ["a"]
    assert [change.path for change in made.of(Fate.CONFLICT)] == ["b"]
    apply(made, made.hash)
    assert not {"a", "b"} & set(tree(tmp_path / "shop"))
    again = plan(tmp_path, renderer=fixed({"a": "1\n", "b": "2\n"}))
    assert again.empty and not again.of(Fate.CONFLICT)


def test_an_edited_file_that_is_no_longer_rendered_becomes_the_users_own(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed({"a": "1\n"}))
    (tmp_path / "shop/a").write_text("mine\n")
    made = plan(tmp_path, renderer=fixed({}))
    assert [change.path for change in made.of(Fate.OWNED)] == ["a"]
    apply(made, made.hash)
    assert (tmp_path / "shop/a").read_text() == "mine\n"
    assert "a" not in {change.path for change in plan(tmp_path, renderer=fixed({})).changes}


def test_a_rendered_file_never_goes_over_one_the_user_added(tmp_path: Path) -> None:
    scaffold(tmp_path, renderer=fixed({}))
    (tmp_path / "shop/a").write_text("mine\n")
    made = plan(tmp_path, renderer=fixed({"a": "new\n", "b": "new\n"}))
    assert [change.path for change in made.of(Fate.CONFLICT)] == ["a"]
    apply(made, made.hash)
    assert (tmp_path / "shop/a").read_text() == "mine\n"
    assert (tmp_path / "shop/b").read_text() == "new\n"
    (tmp_path / "shop/a").rename(tmp_path / "shop/c")
    scaffold(tmp_path, renderer=fixed({"a": "new\n", "b": "new\n"}))
    assert (tmp_path / "shop/a").read_text() == "new\n" and (tmp_path / "shop/c").read_text() == "mine\n"


def test_existing_migrations_are_never_changed_or_removed_and_new_ones_are_added(tmp_path: Path) -> None:
    scaffold(tmp_path)
    versions = tmp_path / "shop/migrations/versions"
    first = (versions / "0001_initial.py").read_text()

    def other(blueprint: Blueprint, previous: object) -> dict[str, str]:
        return {**render(blueprint, None), MIGRATION: "rendered anew\n", "migrations/versions/0002_more.py": "new\n"}

    scaffold(tmp_path, renderer=other)
    assert (versions / "0001_initial.py").read_text() == first
    scaffold(tmp_path, renderer=fixed({}))
    assert {path.name: path.read_text() for path in versions.iterdir()} == {
        "0001_initial.py": first,
        "0002_more.py": "new\n",
    }
    scaffold(tmp_path, renderer=other)
    assert (versions / "0001_initial.py").read_text() == first


def test_migrations_treated_as_any_file_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fate, "APPEND_ONLY", "nowhere/")
    with pytest.raises(AssertionError):
        test_existing_migrations_are_never_changed_or_removed_and_new_ones_are_added(tmp_path)


def test_a_migration_the_user_wrote_under_a_name_that_is_now_rendered_is_a_conflict(tmp_path: Path) -> None:
    scaffold(tmp_path)
    mine = tmp_path / "shop/migrations/versions/0002_change.py"
    mine.write_text("mine\n")
    made = plan(tmp_path, renderer=lambda b, p: {**render(b, p), "migrations/versions/0002_change.py": "new\n"})
    assert [change.path for change in made.of(Fate.CONFLICT)] == ["migrations/versions/0002_change.py"]
    apply(made, made.hash)
    assert mine.read_text() == "mine\n"


names = ("a.txt", "b.py", "c/d.txt", "migrations/versions/1.py")
lines = st.lists(st.sampled_from(["x = 1", "y = 2", "", "z = 3"]), max_size=5)
trees = st.dictionaries(st.sampled_from(names), lines.map(lambda kept: "".join(f"{line}\n" for line in kept)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees, trees, trees, st.data())
def test_whatever_was_rendered_and_edited_no_line_of_the_user_is_lost_and_a_second_upgrade_does_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    before: dict[str, str],
    written: dict[str, str],
    after: dict[str, str],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    scaffold(folder, renderer=fixed(before))
    shop = folder / "shop"
    for name, text in written.items():
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(f"{text}mine = 4\n")
    gone = data.draw(st.sets(st.sampled_from(sorted({*before, "a.txt"} - set(written)) or ["none"])))
    for name in gone:
        (shop / name).unlink(missing_ok=True)
    scaffold(folder, renderer=fixed(after))
    assert all("mine = 4\n" in (shop / name).read_text() for name in written)
    assert all(not (shop / name).exists() for name in gone & set(before))
    again = plan(folder, renderer=fixed(after))
    assert again.empty
    assert {change.path for change in again.of(Fate.UNCHANGED)} >= set(after) - set(written) - gone - {
        name for name in before if name.startswith("migrations/")
    }
