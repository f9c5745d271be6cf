"""Whether a script is nested so deeply that the grammar must not be asked to read it.

libpg_query recurses over the tree it has built without looking at the stack: about 30,000 links of
``a || b || ...``, ``x::int::int...``, ``a JOIN b JOIN c ...`` overflow 8 MB and end the process. It also takes
quadratic time over nested comments and over runs of ``+`` and ``-``. The server itself guards its stack.
"""

from __future__ import annotations

import re

from knowledge.formats.sql_lexer import bare, deepest_comment, tokens

MAX_DEPTH = 2_000
"""Levels of nesting that are read. A tree is readable up to about 45 (see ``postgres_sql``); 1 MB of stack, the
smallest a thread is given anywhere, is safe up to about 3,500."""

_TOKEN = re.compile(
    r"[(\[{]|[)\]}]|,"
    r"|\b(?:union|except|intersect)\b"
    r"|[-+*/<>=~!@#%^&|`?]+|::"
    r"|\b(?:not|join|collate|is|isnull|notnull|zone|local|operator|case)\b",
    re.IGNORECASE,
)
_SIGNS = re.compile(rf"[-+]{{{MAX_DEPTH}}}")
_SETS = frozenset({"union", "except", "intersect"})


def too_deep(text: str) -> bool:
    """Whether some statement may be nested over :data:`MAX_DEPTH` levels: never wrongly no.

    AND and OR are not counted, the grammar makes one flat list of them.
    """
    if text.count("/*") > MAX_DEPTH and any(
        deepest_comment(text, start, end) > MAX_DEPTH for token, start, end in tokens(text) if token == "/*"
    ):
        return True
    # A chain of n links has at least 2n characters, so that ordinary statements are passed over unseen.
    return any(
        len(statement) > 2 * MAX_DEPTH and (_depth(statement) > MAX_DEPTH or _SIGNS.search(statement) is not None)
        for statement in bare(text).split(";")
    )


def _depth(statement: str) -> int:
    """An upper bound of the nesting of a statement without quoted text.

    Each open bracket has two counters: links since the last comma, and set operations, which commas do not end.
    A closed bracket hands the deeper of its parts on to what surrounds it.
    """
    links, sets, best = [0], [0], [0]
    total = deepest = 0
    for match in _TOKEN.finditer(statement):
        token = match[0]
        if token in "([{":
            links.append(1)
            sets.append(0)
            best.append(0)
            total += 1
        elif token in ")]}":
            if len(links) > 1:
                last = links.pop()
                inner = max(last, best.pop())
                total += inner - last
                links[-1] += inner + sets.pop()
        elif token == ",":
            best[-1] = max(best[-1], links[-1])
            total -= links[-1]
            links[-1] = 0
        else:
            (sets if token.lower() in _SETS else links)[-1] += 1
            total += 1
        deepest = max(deepest, total)
    return max(deepest, max(links[0], best[0]) + sets[0])
