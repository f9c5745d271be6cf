"""The texts of a request, read: a document is an OpenAPI document or a GraphQL schema, by what stands in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from backend.workspace import Workspace, WorkspaceError
from knowledge.baseline import load
from tools.spec import ToolError

if TYPE_CHECKING:
    from tools.review_api import ReviewApiRequest

SDL_SUFFIXES = (".graphql", ".graphqls", ".gql", ".sdl")
LARGEST = 64 * 1024 * 1024
"""Characters of a document."""
_SDL = re.compile(
    r"^\s*(?:extend\s+)?(?:type|interface|union|enum|input|scalar|schema|directive)\b\s*[\w@]*\s*[^:=]", re.MULTILINE
)
_OPENAPI = re.compile(r"""["']?(?:openapi|swagger)["']?\s*:""")


@dataclass(frozen=True)
class Text:
    """A document as text; ``path`` is empty where the text itself was given."""

    text: str
    path: str = ""

    @property
    def is_sdl(self) -> bool:
        """Whether it is a GraphQL schema."""
        if self.path.endswith(SDL_SUFFIXES):
            return True
        return _OPENAPI.search(self.text[:20_000]) is None and _SDL.search(self.text) is not None


def fit(request: ReviewApiRequest) -> None:
    """Refuse what would have no effect, or says two things.

    Raises:
        ToolError: arguments do not go together.
    """
    if request.url and request.project:
        raise ToolError("give url or project: one application is called")
    if not request.project and (request.app or request.allow_project_code):
        raise ToolError("app and allow_project_code are about a project: name its folder as project")
    if request.tokens and not (request.url or request.project):
        raise ToolError("tokens are for calling the application: give url or project as well")


def text_of(given: str, workspace: Workspace, name: str) -> Text:
    """A text, or what the file of that name holds.

    Raises:
        ToolError: nothing was given.
        WorkspaceError: there is no such file, or it may not be read.
    """
    if not given.strip():
        raise ToolError(f"`{name}` is empty: give a path in the workspace, or the text of the document")
    if "\n" in given or given.lstrip().startswith("{"):
        return Text(given)
    if workspace.existing(given).is_dir():
        raise ToolError(f"`{name}`: {given} is a folder: name the document in it")
    return Text(workspace.read_text(given, limit=LARGEST), given)


def loader(workspace: Workspace, path: str) -> Any:
    """Reads files that a document refers to, relative to its folder; nothing outside of the workspace."""
    folder = PurePosixPath(path).parent if path else PurePosixPath(".")

    def read(name: str) -> str | None:
        try:
            return workspace.read_text(str(folder / name), limit=LARGEST)
        except WorkspaceError:
            return None

    return read


def settings_of(request: ReviewApiRequest) -> Mapping[str, Any]:
    """The policy's settings, with words as the values they stand for.

    Raises:
        ToolError: one of them has no ``=``.
    """
    found: dict[str, Any] = {}
    for text in request.policy:
        name, sign, value = text.partition("=")
        if not sign:
            raise ToolError(f"policy: write setting=value, not {text!r}; for example paging=cursor")
        found[name.strip()] = _value(name.strip(), value.strip())
    return found


def _value(name: str, text: str) -> Any:
    """What a setting's text stands for; whether that may be is judged where settings are."""
    if name == "max_nesting" and text.isascii() and text.isdigit() and len(text) < 9:
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def baseline_of(request: ReviewApiRequest, workspace: Workspace) -> Counter[str]:
    """The accepted findings; none where no file is named.

    Raises:
        BaselineError, WorkspaceError: it cannot be read.
    """
    return load(workspace.read_text(request.baseline)) if request.baseline else Counter()
