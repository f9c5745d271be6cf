"""Which rules a review uses, and the settings of the house, checked before they are obeyed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any

from knowledge.api.node import Policy
from knowledge.rules import api_rules
from knowledge.rules.api_rule import ApiRule, Profile

CASES = ("snake", "camel", "kebab", "pascal", "any", "auto")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "property_case": CASES,
    "parameter_case": CASES,
    "path_case": CASES,
    "boolean_prefix": ("any", "demanded", "forbidden"),
    "error_format": ("envelope", "problem", "any"),
    "validation_status": ("422", "400", "any"),
    "totals": ("demanded", "forbidden", "any"),
    "paging": ("cursor", "offset", "any"),
}
MOST_NESTING = 10


class SettingError(ValueError):
    """A profile or setting that does not exist; the text says what does."""


def select(
    profiles: Iterable[str] = (Profile.DEFAULT,), without: Collection[str] = (), rules: Iterable[ApiRule] | None = None
) -> tuple[ApiRule, ...]:
    """The rules of some profiles, by id.

    Args:
        profiles: their names; ``all`` for every one.
        without: ids of rules that are left out.
        rules: what is chosen from; every rule there is if left out.

    Raises:
        SettingError: a profile or rule does not exist.
    """
    known = tuple(rules) if rules is not None else api_rules()
    wanted = set(profiles)
    unknown = wanted - set(Profile) - {"all"}
    if unknown:
        raise SettingError(f"there is no profile {min(unknown)!r}; there are {', '.join([*Profile, 'all'])}")
    strangers = set(without) - {rule.id for rule in known}
    if strangers:
        raise SettingError(f"there is no rule {min(strangers)!r} that could be left out")
    return tuple(rule for rule in known if ("all" in wanted or rule.profile in wanted) and rule.id not in without)


def policy_from(settings: Mapping[str, Any]) -> Policy:
    """The policy that ``settings`` describe.

    Raises:
        SettingError: a setting does not exist or cannot have this value.
    """
    names = {field.name for field in fields(Policy)}
    for name, value in settings.items():
        if name not in names:
            raise SettingError(f"there is no setting {name!r}; there are {', '.join(sorted(names))}")
        _check(name, value)
    return Policy(**settings)


def _check(name: str, value: Any) -> None:
    if name in CHOICES and value not in CHOICES[name]:
        raise SettingError(f"{name} is one of {', '.join(CHOICES[name])}, not {value!r}")
    if name == "version_in_url" and not isinstance(value, bool):
        raise SettingError(f"{name} is true or false, not {value!r}")
    if name == "max_nesting" and not (type(value) is int and 0 < value <= MOST_NESTING):
        raise SettingError(f"{name} is a number from 1 to {MOST_NESTING}, not {value!r}")
    if name == "extra" and not (
        isinstance(value, Mapping) and all(isinstance(text, str) for pair in value.items() for text in pair)
    ):
        raise SettingError("extra is a mapping of texts")
    if name == "extra":
        for text in value.values():
            try:
                re.compile(text)
            except re.error as error:
                raise SettingError(f"extra: {text!r} is not a regular expression: {error}") from None
