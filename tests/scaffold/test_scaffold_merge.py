"""Three-way merge: what git would say, and nothing lost on the way."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from backend.scaffold import merge as module
from backend.scaffold.merge import Merged, merge, unresolved

Three = tuple[list[str], list[str], list[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("merge")


def git(folder: Path, base: str, yours: str, blueprint: str) -> Merged:
    for name, text in (("base", base), ("yours", yours), ("blueprint", blueprint)):
        (folder / name).write_text(text)
    labels = ("-L", "yours", "-L", "base", "-L", "blueprint")
    done = subprocess.run(
        ["git", "merge-file", "-p", *labels, "yours", "base", "blueprint"], cwd=folder, capture_output=True, text=True
    )
    assert 0 <= done.returncode < 128, done.stderr
    return Merged(done.stdout, done.returncode)


@st.composite
def edited(draw: st.DrawFn) -> Three:
    """A text whose lines are all different, and two edits of it. There is one way only to align them."""
    base = [draw(st.sampled_from([f"line {n}", "}" * (n + 1)])) for n in range(draw(st.integers(0, 12)))]
    sides: list[list[str]] = []
    for side in ("a", "b"):
        lines: list[str] = []
        for number, line in enumerate(base):
            kind = draw(st.sampled_from("=====-+~"))
            new = draw(st.sampled_from([f"{side} {number}", f"both {number}"]))
            lines += {"=": [line], "-": [], "+": [new, line], "~": [new]}[kind]
        sides.append(lines)
    return base, *sides


def text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@settings(max_examples=150, deadline=None)
@given(edited(), st.booleans())
def test_a_merge_is_what_git_makes_of_it_markers_included(folder: Path, three: Three, ended: bool) -> None:
    base, yours, blueprint = map(text, three)
    yours = yours if ended else yours.removesuffix("\n")
    assert merge(base, yours, blueprint) == git(folder, base, yours, blueprint)


def test_the_comparison_with_git_catches_a_merge_that_takes_touching_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = ("one\ntwo\n", "ONE\ntwo\n", "one\nTWO\n")
    assert merge(*three) == git(folder, *three)
    right = module._group

    def careless(left: list[module.Hunk], other: list[module.Hunk]) -> object:
        first = left if left and (not other or left[0].start <= other[0].start) else other
        return right(left if first is left else [], other if first is other else [])

    monkeypatch.setattr(module, "_group", careless)
    with pytest.raises(AssertionError):
        assert merge(*three) == git(folder, *three)


words = st.lists(st.sampled_from(["a", "b", "", "    )"]), max_size=8).map(text)


@settings(deadline=None)
@given(words, words, words)
def test_nothing_is_lost_whatever_the_lines(base: str, yours: str, blueprint: str) -> None:
    assert merge(base, yours, base) == Merged(yours, 0)
    assert merge(base, base, blueprint) == Merged(blueprint, 0)
    assert merge(base, yours, yours) == Merged(yours, 0)
    one, other = merge(base, yours, blueprint), merge(base, blueprint, yours)
    assert bool(one.conflicts) == bool(other.conflicts)
    if not one.conflicts:
        assert one.text == other.text
    assert unresolved(one.text) == bool(one.conflicts)


@settings(deadline=None)
@given(edited())
def test_every_line_a_side_added_is_in_the_result(three: Three) -> None:
    base, yours, blueprint = three
    result = merge(*map(text, three)).text.split("\n")
    for side in (yours, blueprint):
        assert {line for line in side if line not in base} <= set(result)


def test_conflicts_are_marked_as_git_does() -> None:
    merged = merge("a = 1\nb = 2\n", "a = 1\nb = 3\n", "a = 1\nb = 4")
    assert merged == snapshot(
        Merged(
            text="""\
a = 1
<<<<<<< yours
b = 3
=======
b = 4
>>>>>>> blueprint
""",
            conflicts=1,
        )
    )


def test_thousands_of_repeated_lines_conflict_instead_of_taking_minutes() -> None:
    base = "\n" * 5_000
    assert merge(base, f"mine\n{base}", f"{base}theirs\n").conflicts == 1


def test_only_a_line_feed_ends_a_line() -> None:
    base = 'separator = "\x0c"\nkept = 1\nlast = 1\n'
    yours, blueprint = base.replace("\x0c", "\x0c\x85"), base.replace("last = 1", "last = 2")
    assert merge(base, yours, blueprint) == Merged(yours.replace("last = 1", "last = 2"), 0)
