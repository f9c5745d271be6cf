"""A plan: everything that would happen, known before anything does, under a hash that stands for all of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from backend.scaffold.current import Current, current, current_files
from backend.scaffold.errors import ScaffoldError, StalePlan
from backend.scaffold.fate import APPEND_ONLY, Change, Fate, decide
from backend.scaffold.manifest import MANIFEST, Manifest, read_manifest, write_manifest
from backend.scaffold.paths import check_rendered, place, places, project_folder
from backend.scaffold.stack import Stack
from backend.workspace import Workspace
from knowledge.blueprint.model import Blueprint

BLUEPRINT = "blueprint.yaml"


@dataclass(frozen=True)
class Previous:
    """What the project was made from, for a renderer that has to say what changed since."""

    blueprint: str
    """Its text."""
    migrations: Mapping[str, str]
    """Texts by path of the migrations as they are in the project now, the user's own among them."""


Render = Callable[[Blueprint, Previous | None], Mapping[str, str]]
"""Text by relative POSIX path. ``None`` for a project's first time; afterwards what is new in the folders of
migrations is added to what is there, and what is rendered again there is left as it is."""


@dataclass(frozen=True)
class Plan:
    """What :func:`backend.scaffold.apply.apply` would do."""

    workspace: Workspace
    project: Path
    blueprint: str
    """The text the project is made from."""
    rendered: Mapping[str, str]
    changes: tuple[Change, ...]
    now: Mapping[str, Current]
    """Every file concerned as it is, the manifest among them."""
    manifest: Manifest
    """As it will be."""
    previous: Manifest | None
    """As it is; ``None`` for a project's first time."""
    hash: str

    @property
    def directory(self) -> str:
        """The project's folder as users know it."""
        return self.workspace.relative(self.project)

    @property
    def first(self) -> bool:
        """Whether the project is new."""
        return self.previous is None

    def of(self, *fates: Fate) -> list[Change]:
        """The changes with one of these fates."""
        return [change for change in self.changes if change.fate in fates]

    def writes(self) -> Iterator[tuple[str, str]]:
        """Path and text, line ends included, of everything to write; the manifest comes last."""
        for change in self.changes:
            if change.text is not None:
                yield change.path, self.now[change.path].raw(change.text)
        if self.manifest != self.previous:
            yield MANIFEST, write_manifest(self.manifest)

    @property
    def removals(self) -> list[str]:
        """Paths of the files to remove."""
        return [change.path for change in self.of(Fate.REMOVE)]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.removals and next(self.writes(), None) is None

    def digests(self) -> dict[str, str]:
        """What the hash stands for, part by part: names what changed when a plan is stale."""
        return {
            "directory": self.directory,
            "blueprint": _digest(self.blueprint),
            "generator": self.manifest.generator,
            **{f"{path} as rendered": _digest(text) for path, text in sorted(self.rendered.items())},
            **{path: _digest(now.digest) for path, now in sorted(self.now.items())},
        }


def make_plan(
    workspace: Workspace,
    directory: str,
    text: str,
    blueprint: Blueprint,
    render: Render,
    *,
    generator: str,
    stack: Stack = Stack.PYTHON,
) -> Plan:
    """The plan for ``directory``: a new project, or the upgrade of the one that is there.

    ``text`` is what ``blueprint`` was read from, ``generator`` the version of whatever renders, ``stack`` what
    :func:`stack_of` says.

    Raises:
        ScaffoldError: the folder, its manifest or what was rendered does not allow it.
        WorkspaceError: a path leads out of the workspace.
    """
    project = project_folder(workspace, directory)
    previous = installed(workspace, project)
    rendered = dict(render(blueprint, _previous(workspace, project, previous)))
    rendered.setdefault(BLUEPRINT, text)
    check_rendered(rendered)
    base = previous.files if previous else {}
    now = current_files(places(workspace, project, {*rendered, *base}))
    _check_blueprint(now[BLUEPRINT], base.get(BLUEPRINT), rendered[BLUEPRINT])
    changes = tuple(decide(path, base=base.get(path), now=now[path], new=rendered.get(path)) for path in now)
    kept = {change.path: change.base for change in changes if change.base is not None}
    now[MANIFEST] = current(place(workspace, project, MANIFEST), MANIFEST)
    manifest = Manifest(generator, text, kept, stack)
    return Plan(
        workspace,
        project,
        text,
        rendered,
        tuple(sorted(changes, key=lambda change: (list(Fate).index(change.fate), change.path))),
        now,
        manifest,
        previous,
        _digest(json.dumps([workspace.relative(project), text, generator, _files(rendered, now)])),
    )


def confirm(plan: Plan, agreed: str) -> None:
    """Hold ``plan`` against the hash that the caller agreed to.

    Raises:
        StalePlan: it is another one.
    """
    if agreed != plan.hash:
        raise StalePlan(f"plan_hash {agreed[:80]!r} is not that of the present plan, {plan.hash}")


def installed(workspace: Workspace, project: Path) -> Manifest | None:
    """The manifest of the project, or ``None`` where there is none.

    Raises:
        ScaffoldError: it is damaged, of a newer format, or not a file.
    """
    now = current(place(workspace, project, MANIFEST), MANIFEST)
    if now.absent:
        return None
    if now.text is None:
        raise ScaffoldError(f"{MANIFEST}: {now.problem}; restore it from version control")
    return read_manifest(now.text)


def stack_of(workspace: Workspace, directory: str, wanted: Stack | None) -> Stack:
    """What the project in ``directory`` is made of; ``wanted``, or Python, where it is new.

    Raises:
        ScaffoldError: it is there, and made of something else than what is wanted.
    """
    project = project_folder(workspace, directory)
    previous = installed(workspace, project)
    if previous is None:
        return wanted or Stack.PYTHON
    if wanted not in (None, previous.stack):
        raise ScaffoldError(
            f"{workspace.relative(project)} is a project in {previous.stack} and stays one;"
            f" make the one in {wanted} in another folder, from the same blueprint"
        )
    return previous.stack


def _previous(workspace: Workspace, project: Path, manifest: Manifest | None) -> Previous | None:
    if manifest is None:
        return None
    found: dict[str, str] = {}
    for prefix in APPEND_ONLY:
        folder = workspace.resolve(project / prefix)
        if folder.is_dir():
            texts = workspace.files_under(folder, {".py", ".sql", ".json"})
            found |= {f"{prefix}{path}": text for path, text in texts.items()}
    return Previous(manifest.blueprint, found)


def _check_blueprint(now: Current, base: str | None, new: str) -> None:
    """A merge of two blueprints would describe neither what was rendered nor what the user meant."""
    if base is not None and now.text not in (None, base, new):
        raise ScaffoldError(
            f"{BLUEPRINT} in the project was edited, and another blueprint was given. Make the change in the"
            f" project's {BLUEPRINT} and leave `blueprint` empty"
        )


def _files(rendered: Mapping[str, str], now: Mapping[str, Current]) -> list[list[str | None]]:
    return [[path, rendered.get(path), where.digest] for path, where in sorted(now.items())]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
