"""Findings that are known and accepted, so that only new ones are reported.

A baseline is a JSON list of fingerprints. A fingerprint holds the rule, the object and a hash of the statement's
words, but no line number: moving a statement, or changing its spacing, changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from knowledge.report import Finding
from knowledge.statement import Statement

_COMMENT = re.compile(r"--[^\n]*")


class BaselineError(ValueError):
    """A baseline file that cannot be read; the text says what is expected."""


def fingerprint(finding: Finding, statement: Statement | None) -> str:
    """``rule subject hash``, the same wherever the statement stands."""
    words = normalised(statement.sql) if statement is not None else finding.message
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    return f"{finding.rule} {finding.subject or '-'} {digest}"


def normalised(sql: str) -> str:
    """The statement's words without comments, spacing and the closing semicolon."""
    return " ".join(_COMMENT.sub(" ", sql).split()).rstrip("; ")


def dump(fingerprints: Iterable[str]) -> str:
    """The text of a baseline file: sorted, one fingerprint a line, so that it can be reviewed."""
    return json.dumps(sorted(fingerprints), indent=0, ensure_ascii=False) + "\n"


def load(text: str) -> Counter[str]:
    """The fingerprints of a baseline file, with how often each is accepted.

    Raises:
        BaselineError: it is not a JSON list of strings.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(f"the baseline is not JSON (line {error.lineno}: {error.msg})") from None
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise BaselineError("the baseline must be a JSON list of fingerprints, each a string")
    return Counter(found)


def is_new(fingerprints: Sequence[str], known: Counter[str]) -> list[bool]:
    """For each finding whether it goes beyond the baseline: the second of two equal ones does."""
    left = known.copy()
    verdicts = []
    for item in fingerprints:
        accepted = left[item] > 0
        if accepted:
            left[item] -= 1
        verdicts.append(not accepted)
    return verdicts
