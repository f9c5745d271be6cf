"""Reads AsyncAPI 2 and 3: which messages go over which channels, in which direction, with what payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from knowledge.api.reading import Problem, read

UNREADABLE: Final = "asyncapi-unreadable"
MOST_REFERENCES: Final = 32
_ACTIONS: Final = {"send": "send", "receive": "receive", "publish": "receive", "subscribe": "send"}
"""Of version 2 the words are a client's: what it subscribes to, the application sends."""


@dataclass(frozen=True)
class Message:
    """One message on one channel."""

    name: str
    channel: str
    """The channel's address."""
    action: str
    """``send`` or ``receive``, as the application sees it; empty where no operation says."""
    payload: Mapping[str, Any]
    """Its schema, the reference at its top followed."""


@dataclass(frozen=True)
class Events:
    """What a document describes."""

    version: str
    title: str
    messages: tuple[Message, ...]
    problems: tuple[Problem, ...] = ()


def read_asyncapi(text: str) -> Events:
    """Read JSON or YAML. What is wrong with it is in ``problems``; nothing is raised."""
    reading = read(text)
    found = reading.value if isinstance(reading.value, Mapping) else {}
    version = str(found.get("asyncapi", ""))
    problems = list(reading.problems)
    if not version.startswith(("2.", "3.")):
        problems.append(Problem(UNREADABLE, "not AsyncAPI 2 or 3: it needs 'asyncapi: 3.0.0' and 'channels'", 1, 1))
        return Events(version, "", (), tuple(problems))
    info = _mapping(found.get("info"))
    messages = _second(found) if version.startswith("2.") else _third(found)
    return Events(version, str(info.get("title", "")), tuple(messages), tuple(problems))


def _third(document: Mapping[str, Any]) -> Iterator[Message]:
    actions: dict[str, str] = {}
    for operation in _mapping(document.get("operations")).values():
        told = _resolved(document, operation)
        reference = str(_mapping(told.get("channel")).get("$ref", ""))
        actions[reference.rpartition("/")[2]] = _ACTIONS.get(str(told.get("action")), "")
    for key, given in _mapping(document.get("channels")).items():
        channel = _resolved(document, given)
        for name, message in _mapping(channel.get("messages")).items():
            address = str(channel.get("address") or key)
            yield _message(document, str(name), address, actions.get(str(key), ""), message)


def _second(document: Mapping[str, Any]) -> Iterator[Message]:
    for address, given in _mapping(document.get("channels")).items():
        channel = _resolved(document, given)
        for word in ("publish", "subscribe"):
            operation = _resolved(document, channel.get(word))
            message = _resolved(document, operation.get("message"))
            several = message.get("oneOf")
            for each in several if isinstance(several, list) else [message] if message else []:
                name = str(_resolved(document, each).get("name", word))
                yield _message(document, name, str(address), _ACTIONS[word], each)


def _message(document: Mapping[str, Any], name: str, address: str, action: str, given: Any) -> Message:
    message = _resolved(document, given)
    return Message(str(message.get("name", name)), address, action, _resolved(document, message.get("payload")))


def _resolved(document: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """The mapping that a value is or refers to within the document; empty where that is nothing or a circle."""
    for _ in range(MOST_REFERENCES):
        held = _mapping(value)
        reference = held.get("$ref")
        if not isinstance(reference, str):
            return held
        value = document
        for part in reference.removeprefix("#/").split("/"):
            value = _mapping(value).get(part.replace("~1", "/").replace("~0", "~"))
    return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
