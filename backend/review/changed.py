"""Which lines of the workspace changed in git since another revision.

git is only asked to read: hooks, the file-system monitor, external diff programs and text conversions that a
repository may configure are switched off, because the repository is not trusted.
"""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

_HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_REVISION = re.compile(r"[A-Za-z0-9_@{}/.~^+:=-]+\Z")
TIMEOUT_SECONDS = 30.0
SAFE = (
    *("-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null", "-c", "diff.external="),
    *("-c", "core.pager=cat", "-c", "core.quotePath=false", "-c", "protocol.allow=never"),
    *("-c", "core.attributesFile=/dev/null", "-c", "submodule.recurse=false"),
)


class GitError(ValueError):
    """git could not answer; the text says why and what to do."""


@dataclass(frozen=True)
class ChangedLines:
    """Line ranges by path (relative to the workspace); a new file is changed as a whole."""

    ranges: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()

    def touches(self, path: str, first: int, last: int) -> bool:
        """Whether any of these lines changed."""
        if path in self.whole:
            return True
        return any(start <= last and first <= end for start, end in self.ranges.get(path, ()))


async def changed_lines(root: Path, base: str) -> ChangedLines:
    """Lines that differ between ``base`` and the working tree, and files git does not know yet.

    Raises:
        GitError: no repository, no such revision, no git.
    """
    if base.startswith("-") or not _REVISION.match(base):
        raise GitError(f"base {base!r} is not a revision; give a branch, a tag or a commit")
    commit = await _git(root, "rev-parse", "--verify", "--end-of-options", f"{base}^{{commit}}")
    diff = await _git(
        root,
        *await _filters_off(root),
        *("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--relative"),
        *("--ignore-submodules=all", "--src-prefix=a/", "--dst-prefix=b/", commit.decode().strip(), "--", "."),
    )
    untracked = await _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    names = frozenset(name.decode("utf-8", "replace") for name in untracked.split(b"\0") if name)
    return ChangedLines(_ranges(diff), names)


async def _filters_off(root: Path) -> list[str]:
    """Options that empty every clean filter the repository configures: a diff against the working tree would run
    them on each changed file."""
    names = await _git(root, "config", "--name-only", "-z", "--get-regexp", r"^filter\.", may_fail=True)
    options: list[str] = []
    for name in sorted({key.decode().rpartition(".")[0] for key in names.split(b"\0") if key}):
        options += ["-c", f"{name}.clean=", "-c", f"{name}.process=", "-c", f"{name}.required=false"]
    return options


def _ranges(diff: bytes) -> dict[str, tuple[tuple[int, int], ...]]:
    """The added side of each hunk; a hunk that only deletes touches the line it closes up on."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for part in re.split(rb"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        name = re.search(rb"^\+\+\+ b/(.*)$", part, re.MULTILINE)
        if name is None:
            continue
        path = name[1].rstrip(b"\t").decode("utf-8", "replace")
        ranges = []
        for hunk in _HUNK.finditer(part):
            start, count = int(hunk[1]), int(hunk[2] or b"1")
            ranges.append((start, start + max(count, 1) - 1))
        found[path] = tuple(ranges)
    return found


async def _git(root: Path, *arguments: str, may_fail: bool = False) -> bytes:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
    if system_root := os.environ.get("SYSTEMROOT"):
        environment["SYSTEMROOT"] = system_root
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *SAFE,
            *arguments,
            cwd=root,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except FileNotFoundError:
        raise GitError("git is not installed; review without `changed`") from None
    try:
        out, error = await asyncio.wait_for(process.communicate(), TIMEOUT_SECONDS)
    except BaseException:
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise
    if process.returncode and not may_fail:
        said = error.decode("utf-8", "replace").strip().splitlines()
        reason = said[0] if said else "no such revision"
        raise GitError(f"git: {reason}; check `base` and that the workspace is a repository")
    return out
