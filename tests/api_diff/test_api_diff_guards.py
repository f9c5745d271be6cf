"""The checks of this folder catch a diff that is made worse on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from diff_cases import document, equal_cases, found, schema_cases, told
from diff_values import values_of
from test_api_diff_documents import circular, growth
from test_api_diff_soundness import PAIRS, changes, witness

from knowledge.api_diff import canon, limits, properties, schemas
from knowledge.api_diff.change import Level


def wrong_labels() -> list[str]:
    return [case.name for case in schema_cases() if told(found(*case.documents)) != case.expected]


def unequal() -> list[str]:
    return [case.name for case in equal_cases() if told(found(*case.documents))]


def silent() -> list[str]:
    """Pairs that refuse a value that was admitted, of which nothing is said."""
    names = []
    for name, (old, new, *_) in PAIRS.items():
        noted = any(level is not Level.SAFE for level, _ in changes(old, new, "request"))
        if not noted and witness(old, new, values_of(old)) is not None:
            names.append(name)
    return names


def nothing(*_arguments: object) -> Iterator[Any]:
    return iter(())


def test_limits_that_are_not_compared_are_noticed_by_labels_and_by_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "limit_changes", nothing)
    assert "max length lowered (request)" in wrong_labels()
    assert "max length lowered" in silent()


def test_a_lower_limit_taken_for_an_upper_one_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = limits.limit_changes

    def turned(old: Any, new: Any) -> Iterator[Any]:
        return plain(new, old)

    monkeypatch.setattr(schemas, "limit_changes", turned)
    assert {"minimum raised (request)", "minimum raised (response)"} <= set(wrong_labels())
    assert "minimum raised" in silent()


def test_required_names_that_are_not_compared_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(properties, "_common", nothing)
    assert "property becomes required (request)" in wrong_labels()
    assert "property becomes required" in silent()


def test_alternatives_that_are_not_tidied_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canon, "tidy", lambda branches, exclusive: branches)
    assert "oneOf of constants [request]" in unequal()


def test_compositions_that_are_not_merged_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canon, "conjoin", lambda one, other: one)
    assert "allOf merged [request]" in unequal()


def test_schemas_that_are_compared_anew_for_each_use_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(dict[Any, Any]):
        def get(self, _key: Any, default: Any = None) -> Any:
            return default

    plain = canon.Canon.__init__

    def forgetting(self: canon.Canon, source: Any) -> None:
        plain(self, source)
        self._made = Forgetful()

    def make(count: int) -> tuple[dict[str, Any], dict[str, Any]]:
        return nested(count, 9), nested(count, 8)

    assert growth(make, 6) < 2.5
    monkeypatch.setattr(canon.Canon, "__init__", forgetting)
    assert growth(make, 6) > 10


def nested(count: int, limit: int) -> dict[str, Any]:
    """Compositions within compositions, each of which uses the next one twice."""
    made = circular(1, limit)
    held: dict[str, Any] = {f"N{count}": {"type": "string", "maxLength": limit}}
    for number in range(count):
        after = {"$ref": f"#/components/schemas/N{number + 1}"}
        held[f"N{number}"] = {"allOf": [after, after]}
    return {**made, "components": {"schemas": held}}


def test_the_checks_themselves_pass_as_things_are() -> None:
    assert wrong_labels() == []
    assert unequal() == []
    assert document(circular(1, 9)).problems == []
