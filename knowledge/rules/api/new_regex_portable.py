"""Patterns that engines read differently."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._pattern import Pattern, PatternError, read_pattern
from knowledge.rules.api_rule import ApiRule, Profile

ASCII = {"\\d": "0-9", "\\w": "A-Za-z0-9_"}
NEGATED = {"\\D": "[^0-9]", "\\W": "[^A-Za-z0-9_]"}
HARM = {
    "\\d": "digits of all scripts in Python and Rust, 0 to 9 in ECMA-262",
    "\\w": "letters of all scripts in Python and Rust, those of ASCII in ECMA-262",
    "\\s": "not the same white space in ECMA-262, Python, Rust and RE2",
    "\\b": "a border of other words in Python and Rust than in ECMA-262",
    "lookaround": "unknown to Rust and RE2",
    "back reference": "unknown to Rust and RE2",
    "named group": "written (?P<name>) in Python",
    "inline flag": "not known to older engines of ECMA-262",
    "property of Unicode": "unknown to Python, and to ECMA-262 without the flag u",
    "code of Unicode": "written otherwise in RE2",
    "control letter": "unknown to Python and Rust",
    "letter without a meaning": "refused by Python, Rust and ECMA-262 with the flag u, or read as an anchor",
    "needless escape": "refused by ECMA-262 with the flag u",
    "bare bracket": "refused by ECMA-262 with the flag u",
    "empty class": "refused by Python and Rust",
    "bracket in class": "the start of an inner class in Rust",
    "set operation": "an operation on classes in Rust",
    "class in range": "refused by Python and by ECMA-262 with the flag u",
}


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Patterns with parts that ECMA-262, Python, Rust and RE2 do not all have, or do not read alike."""
    text = node.value.get("pattern")
    if not isinstance(text, str):
        return
    try:
        found = read_pattern(text)
    except PatternError:
        return
    told = {feature.name.lower() if feature.name[0] == "\\" else feature.name: feature for feature in found.features}
    if told:
        name, feature = next(iter(told.items()))
        shown = text[feature.start : feature.end] if feature.end - feature.start < 20 else name
        message = f"in {text[:60]}: {shown} ({name}) is {HARM[name]}" if shown != name else f"{name} is {HARM[name]}"
        better = _rewritten(found)
        edits = (Edit("replace", ("pattern",), better),) if better else ()
        yield ApiHit(message, ("pattern",), node.key, edits)


def _rewritten(found: Pattern) -> str:
    """The same pattern, by ECMA-262, without what is not portable; empty where that cannot be said."""
    text = found.text
    for feature in sorted(found.features, key=lambda item: -item.start):
        part = text[feature.start : feature.end]
        if feature.name in ASCII:
            part = ASCII[feature.name] if feature.in_class else f"[{ASCII[feature.name]}]"
        elif feature.name in NEGATED and not feature.in_class:
            part = NEGATED[feature.name]
        elif feature.name == "needless escape" and part[1] not in "-&~":
            part = part[1:]
        elif feature.name == "needless escape" and part == "\\-" and not feature.in_class:
            part = "-"
        else:
            return ""
        text = text[: feature.start] + part + text[feature.end :]
    return text


RULE = ApiRule(
    id="new-regex-portable",
    claim="A pattern means the same in ECMA-262, Python, Rust and RE2.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "The server validates with one engine, the client with another and the gateway with a third: what one "
        "accepts, the next refuses, or cannot compile."
    ),
    unless=("The pattern has only classes written out, plain groups, alternatives, counts and the anchors ^ and $."),
    profile=Profile.DESIGN,
    on=(Kind.SCHEMA,),
    keywords=("pattern",),
    fix_safety="safe",
    check=check,
    failing=(
        "openapi: 3.1.0\n"
        "info: {title: Shop, version: 1.0.0}\n"
        "paths: {}\n"
        "components:\n"
        "  schemas:\n"
        "    Address:\n"
        "      type: object\n"
        "      properties:\n"
        "        zip: {type: string, pattern: '^\\d{5}$'}\n"
    ),
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Address:
      type: object
      properties:
        zip: {type: string, pattern: '^[0-9]{5}$'}
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-core#section-6.4",
        "https://tc39.es/ecma262/#sec-patterns",
        "https://docs.rs/regex/latest/regex/#syntax",
        "https://github.com/google/re2/wiki/Syntax",
        "https://docs.python.org/3/library/re.html#regular-expression-syntax",
    ),
)
