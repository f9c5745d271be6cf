"""One walk over a document of any version: every place once, in the order of the text, without recursion."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from knowledge.api.node import Kind, Node, Use
from knowledge.api.references import FileStep, split
from knowledge.api.swagger import Upgraded

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"})
MOST_DEPTH = 200
"""Schemas within schemas; what is deeper is not looked at."""

MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
SINGLE = frozenset(
    "items additionalProperties not if then else contains propertyNames unevaluatedItems unevaluatedProperties "
    "contentSchema".split()
)
_HOLDERS = {**dict.fromkeys(MAPS, 1), **dict.fromkeys(LISTS, 2), **dict.fromkeys(SINGLE, 3)}


@dataclass(frozen=True, slots=True)
class Reference:
    """A ``$ref`` that the walk passed."""

    target: str
    kind: Kind
    """What it must lead to."""
    parent: Node
    steps: tuple[str | int, ...]
    """From the parent to the object that holds the ``$ref``."""
    siblings: tuple[str, ...] = ()
    """The other keys of that object."""

    @property
    def pointer(self) -> tuple[str | int, ...]:
        """The steps from the root to the object that holds it."""
        return self.parent.pointer + self.steps


@dataclass(slots=True)
class Walk:
    """Iterating gives every node, parents before children; ``references`` fills on the way."""

    root: Mapping[str, Any]
    raw: Mapping[str, Any]
    at: Callable[[str], Any]
    """What a reference leads to; parts of other files are visited once, after everything else."""
    version: str = "3.1"
    references: list[Reference] = field(default_factory=list)
    _elsewhere: dict[str, Kind] = field(default_factory=dict)
    _visited: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[Node]:
        document = Node(Kind.DOCUMENT, self.root, raw=self.raw)
        stack = [Node(Kind.END, self.root, raw=self.raw), document]
        pop, extend = stack.pop, stack.extend
        while stack:
            node = pop()
            if node.kind is Kind.END and self._elsewhere:
                extend([node, *reversed(list(self._other_files(document)))])
                continue
            yield node
            expand = _EXPAND.get(node.kind)
            if expand is not None:
                children: list[Node] = []
                expand(self, node, children)
                if children:
                    children.reverse()
                    extend(children)

    def refer(self, reference: Reference) -> None:
        """Note a reference, and what it leads to in another file."""
        self.references.append(reference)
        if not reference.target.startswith("#") and reference.target not in self._visited:
            self._visited.add(reference.target)
            self._elsewhere[reference.target] = reference.kind

    def _other_files(self, document: Node) -> Iterator[Node]:
        waiting, self._elsewhere = self._elsewhere, {}
        for target, kind in waiting.items():
            value = self.at(target)
            file, steps = split(target)
            if isinstance(value, dict) and file and value is not self.root and "$ref" not in value:
                path = FileStep(posixpath.normpath(unquote(file)))
                name = f"{path}#/{'/'.join(steps)}" if steps else str(path)
                role = "schema" if kind is Kind.SCHEMA else ""
                key = steps[-1] if steps else posixpath.splitext(posixpath.basename(path))[0]
                yield Node(kind, value, document, (path, *steps), None, key, component=name, role=role)

    def _path_elsewhere(self, target: str) -> Mapping[str, Any]:
        """A path item in another file, its parts knowing that they stand there."""
        value = self.at(target)
        file, steps = split(target)
        if not file or not isinstance(value, dict) or self.version == "2.0":
            return {}
        self._visited.add(target)
        here = (FileStep(posixpath.normpath(unquote(file))), *steps)

        def moved(steps: tuple[str | int, ...], item: Any) -> Any:
            if isinstance(item, list):
                return [moved((*steps, index), part) for index, part in enumerate(item)]
            is_reference = isinstance(item, dict) and "$ref" in item
            return Upgraded(item, steps, None) if isinstance(item, dict) and not is_reference else item

        return {key: moved((*here, key), item) for key, item in value.items()}

    def child(
        self,
        parent: Node,
        kind: Kind,
        value: Any,
        steps: tuple[str | int, ...],
        found: list[Node],
        key: str = "",
        **changed: Any,
    ) -> None:
        """Add the node of ``value``, unless it is no object; a reference is noted instead, and not followed."""
        raw = value
        if type(value) is Upgraded:
            raw, steps = value.raw, value.steps
        elif not isinstance(value, dict):
            return
        elif "$ref" in value and kind is not Kind.SCHEMA:
            target = value["$ref"]
            if isinstance(target, str):
                siblings = tuple(name for name in value if name != "$ref")
                if kind is Kind.PATH and not target.startswith("#"):
                    value = {**self._path_elsewhere(target), **value}
                self.refer(Reference(target, kind, parent, steps, siblings))
            if kind is not Kind.PATH:
                return
        node = Node(
            kind,
            value,
            parent,
            steps,
            raw,
            key,
            parent.use,
            parent.component,
            parent.path,
            parent.method,
            parent.status,
        )
        for name, item in changed.items():
            setattr(node, name, item)
        found.append(node)

    def schema(self, parent: Node, value: Any, steps: tuple[str | int, ...], found: list[Node], name: str = "") -> None:
        """Add the topmost schema of a parameter, media type, header or component."""
        self.child(parent, Kind.SCHEMA, value, steps, found, name, role="schema")


Expand = Callable[[Walk, Node, list[Node]], None]


def _document(walk: Walk, node: Node, found: list[Node]) -> None:
    for key, value in node.value.items():
        expand = _SECTIONS.get(key)
        if expand is not None:
            expand(walk, node, value, found)


def _info(walk: Walk, node: Node, value: Any, found: list[Node]) -> None:
    walk.child(node, Kind.INFO, value, ("info",), found)


def _servers(walk: Walk, node: Node, value: Any, found: list[Node]) -> None:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        walk.child(node, Kind.SERVER, item, ("servers", index), found, str(index))


def _tags(walk: Walk, node: Node, value: Any, found: list[Node]) -> None:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        name = item.get("name") if isinstance(item, dict) else ""
        walk.child(node, Kind.TAG, item, ("tags", index), found, name if isinstance(name, str) else "")


def _requirements(walk: Walk, node: Node, value: Any, found: list[Node]) -> None:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        walk.child(node, Kind.REQUIREMENT, item, ("security", index), found, str(index))


def _paths(walk: Walk, node: Node, value: Any, found: list[Node]) -> None:
    for template, item in value.items() if isinstance(value, dict) else ():
        if not template.startswith("x-"):
            walk.child(node, Kind.PATH, item, ("paths", template), found, template, path=template)


def _webhooks(walk: Walk, node: Node, value: Any, found: list[Node], section: str = "webhooks") -> None:
    for name, item in value.items() if isinstance(value, dict) else ():
        if not name.startswith("x-"):
            walk.child(node, Kind.CALLBACK, item, (section, name), found, name, path="", method="")


def _old_webhooks(walk: Walk, node: Node, value: Any, found: list[Node]) -> None:
    """Webhooks as documents had them before 3.1 knew the field."""
    _webhooks(walk, node, value, found, "x-webhooks")


def _components(walk: Walk, node: Node, value: Any, found: list[Node]) -> None:
    for section, items in value.items() if isinstance(value, dict) else ():
        kind = _COMPONENTS.get(section)
        if kind is None or not isinstance(items, dict):
            continue
        for name, item in items.items():
            steps: tuple[str | int, ...] = ("components", section, name)
            if type(value) is Upgraded and section == "schemas":
                steps = ("definitions", name)
            component = f"{section}/{name}"
            if kind is Kind.CALLBACK:
                _expressions(walk, node, item, steps, found, component)
            elif kind is Kind.SCHEMA:
                walk.child(node, kind, item, steps, found, name, component=component, role="schema")
            else:
                walk.child(node, kind, item, steps, found, name, component=component)


def _expressions(
    walk: Walk, node: Node, value: Any, steps: tuple[str | int, ...], found: list[Node], component: str
) -> None:
    """The path items of a callback."""
    if not isinstance(value, dict):
        return
    target = value.get("$ref")
    if isinstance(target, str):
        walk.refer(Reference(target, Kind.CALLBACK, node, steps))
        return
    for expression, item in value.items():
        if not expression.startswith("x-"):
            walk.child(
                node,
                Kind.CALLBACK,
                item,
                (*steps, expression),
                found,
                expression,
                component=component,
                path="",
                method="",
                status="",
            )


def _path_item(walk: Walk, node: Node, found: list[Node]) -> None:
    for key, value in node.value.items():
        if key == "parameters":
            _parameters(walk, node, value, found)
        elif key == "servers":
            _servers(walk, node, value, found)
        elif key in METHODS:
            walk.child(node, Kind.OPERATION, value, (key,), found, key, method=key)
        elif key == "additionalOperations" and isinstance(value, dict):
            for method, item in value.items():
                steps = ("additionalOperations", method)
                walk.child(node, Kind.OPERATION, item, steps, found, method, method=method.lower())


def _parameters(walk: Walk, node: Node, value: Any, found: list[Node]) -> None:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        name = item.get("name") if isinstance(item, dict) else ""
        key = name if isinstance(name, str) else ""
        walk.child(node, Kind.PARAMETER, item, ("parameters", index), found, key, use=Use.REQUEST)


def _operation(walk: Walk, node: Node, found: list[Node]) -> None:
    for key, value in node.value.items():
        if key == "parameters":
            _parameters(walk, node, value, found)
        elif key == "requestBody":
            walk.child(node, Kind.REQUEST_BODY, value, ("requestBody",), found, use=Use.REQUEST)
        elif key == "responses" and isinstance(value, dict):
            for status, item in value.items():
                if not status.startswith("x-"):
                    steps = ("responses", status)
                    walk.child(node, Kind.RESPONSE, item, steps, found, status, use=Use.RESPONSE, status=status)
        elif key == "callbacks" and isinstance(value, dict):
            for name, item in value.items():
                _expressions(walk, node, item, ("callbacks", name), found, node.component)
        elif key == "servers":
            _servers(walk, node, value, found)
        elif key == "security":
            _requirements(walk, node, value, found)


def _described(walk: Walk, node: Node, found: list[Node]) -> None:
    """Children of parameters, headers, request bodies, responses and media types."""
    for key, value in node.value.items():
        if key in ("schema", "itemSchema"):
            walk.schema(node, value, (key,), found)
        elif not isinstance(value, dict):
            continue
        elif key == "content":
            for name, item in value.items():
                walk.child(node, Kind.MEDIA_TYPE, item, ("content", name), found, name)
        elif key == "headers":
            for name, item in value.items():
                walk.child(node, Kind.HEADER, item, ("headers", name), found, name)
        elif key == "examples":
            for name, item in value.items():
                walk.child(node, Kind.EXAMPLE, item, ("examples", name), found, name)
        elif key == "links":
            for name, item in value.items():
                walk.child(node, Kind.LINK, item, ("links", name), found, name)
        elif key == "encoding":
            for name, item in value.items():
                headers = item.get("headers") if isinstance(item, dict) else None
                for header, held in headers.items() if isinstance(headers, dict) else ():
                    walk.child(node, Kind.HEADER, held, ("encoding", name, "headers", header), found, header)


def _schema(walk: Walk, node: Node, found: list[Node]) -> None:
    depth = node.depth + 1
    if depth > MOST_DEPTH:
        return
    use, component, path, method, status = node.use, node.component, node.path, node.method, node.status
    for key, value in node.value.items():
        how = _HOLDERS.get(key)
        if how is None:
            if key == "$ref" and isinstance(value, str):
                siblings = tuple(name for name in node.value if name != "$ref")
                walk.refer(Reference(value, Kind.SCHEMA, node, (), siblings))
            continue
        children: list[tuple[tuple[str | int, ...], str, Any]]
        if how == 1:
            children = [((key, name), name, item) for name, item in value.items()] if isinstance(value, dict) else []
        elif isinstance(value, list) and (how == 2 or key == "items"):
            children = [((key, index), str(index), item) for index, item in enumerate(value)]
        else:
            children = [((key,), "", value)] if how == 3 else []
        for steps, name, item in children:
            raw = item
            if type(item) is not dict:
                if type(item) is not Upgraded:
                    continue
                raw, steps = item.raw, item.steps
            found.append(
                Node(Kind.SCHEMA, item, node, steps, raw, name, use, component, path, method, status, key, depth)
            )


_SECTIONS: dict[str, Callable[[Walk, Node, Any, list[Node]], None]] = {
    "info": _info,
    "servers": _servers,
    "tags": _tags,
    "security": _requirements,
    "paths": _paths,
    "webhooks": _webhooks,
    "x-webhooks": _old_webhooks,
    "components": _components,
}
_COMPONENTS = {
    "schemas": Kind.SCHEMA,
    "responses": Kind.RESPONSE,
    "parameters": Kind.PARAMETER,
    "examples": Kind.EXAMPLE,
    "requestBodies": Kind.REQUEST_BODY,
    "headers": Kind.HEADER,
    "securitySchemes": Kind.SECURITY_SCHEME,
    "links": Kind.LINK,
    "callbacks": Kind.CALLBACK,
    "pathItems": Kind.CALLBACK,
    "mediaTypes": Kind.MEDIA_TYPE,
}
SECTIONS = {
    **{kind: section for section, kind in _COMPONENTS.items() if section != "pathItems"},
    Kind.PATH: "pathItems",
}
"""Where components of a kind stand."""
_EXPAND: dict[Kind, Expand] = {
    Kind.DOCUMENT: _document,
    Kind.PATH: _path_item,
    Kind.CALLBACK: _path_item,
    Kind.OPERATION: _operation,
    Kind.PARAMETER: _described,
    Kind.REQUEST_BODY: _described,
    Kind.RESPONSE: _described,
    Kind.HEADER: _described,
    Kind.MEDIA_TYPE: _described,
    Kind.SCHEMA: _schema,
}
