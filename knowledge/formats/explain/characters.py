"""Characters that programs put in place of a space, a line end or nothing."""

from __future__ import annotations

import re

_SPACES = str.maketrans(
    dict.fromkeys("\u00a0\u2007\u202f\u2002\u2003\u2009\u3000", " ") | dict.fromkeys("\u200b\ufeff\u2060")
)
_TAB = 8
_SYSLOG = re.compile(r"^\w{3} +\d{1,2} [\d:]{8} \S+ postgres\[\d+\]: \[\d+-\d+\] ", re.MULTILINE)


def plain(text: str) -> str:
    """The text with usual spaces and line ends; leading tabs become spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_SPACES)
    if "postgres[" in text:
        text = _SYSLOG.sub("", text).replace("#011", "\t")
    if "\t" not in text:
        return text
    return "\n".join(_without_tabs(line) for line in text.split("\n"))


def _without_tabs(line: str) -> str:
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].expandtabs(_TAB) + body.replace("\t", " ")
