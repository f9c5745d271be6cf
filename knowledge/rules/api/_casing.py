"""The casing that names are written in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

CASES = {
    "snake": re.compile(r"[a-z][a-z0-9]*(_+[a-z0-9]+)*"),
    "kebab": re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*"),
    "camel": re.compile(r"[a-z][a-zA-Z0-9]*"),
    "pascal": re.compile(r"[A-Z][a-zA-Z0-9]*"),
}


def in_case(name: str, case: str) -> bool:
    """Whether ``name`` is written in ``case``; a single lower-case word is in all but ``pascal``."""
    return CASES[case].fullmatch(name) is not None


def case_of(name: str) -> str:
    """The one casing that ``name`` is written in; empty where several fit (``id``), or none."""
    fitting = [case for case in CASES if in_case(name, case)]
    return fitting[0] if len(fitting) == 1 else ""


def common_case(names: Iterable[str]) -> str:
    """The casing that most of ``names`` are written in; empty where none tells."""
    counted = Counter(case for case in map(case_of, names) if case)
    return counted.most_common(1)[0][0] if counted else ""
