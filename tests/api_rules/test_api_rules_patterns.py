"""Patterns: what this project says of a regular expression, beside what Node, Python and the text itself say."""

from __future__ import annotations

import json
import random
import re
import subprocess

import pytest
from node_clients import NODE
from rule_hits import messages, of_schemas, patched

from knowledge.rules.api._pattern import PatternError, read_pattern

PIECES = (
    r"a b - @ \d \w \s \D \. \- \_ \/ \u0041 \x41 \b [a-z] [^0-9] [\w-] [\w-.] [z-a] [] [^] [&&] [\d.\-] ( ) (?: (?= "
    r"(?! (?<= (?<n> (?P<n> | * + ? {2} {2,} {3,1} {,2} { } ] ^ $ . \A \p{L} \1 ++ *? (a|b) (ab)"
).split()
REFUSED_UNICODE = {"needless escape", "letter without a meaning", "bare bracket", "class in range"}
"""What we say that ECMA-262 refuses with the flag u."""
SCRIPT = """
const flags = {plain: '', unicode: 'u'}
const compiles = (text, flag) => { try { new RegExp(text, flag); return true } catch { return false } }
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'))
console.log(JSON.stringify(texts.map(([text, samples]) => ({
  plain: compiles(text, ''), unicode: compiles(text, 'u'),
  matches: compiles(text, '') ? samples.map((sample) => new RegExp(text).test(sample)) : [],
}))))
"""
SAMPLES = ["", "a", "ab", "1", "-", "a-b", "_", "A", ".", "@", "é", "٣", " ", "aa11", "ab_9", "x\n", "\u00a0"]


def node(texts: list[str]) -> list[dict[str, object]]:
    """What Node says of each: whether it compiles without and with the flag u, and which samples it matches."""
    given = json.dumps([[text, SAMPLES] for text in texts])
    done = subprocess.run(
        [str(NODE), "-e", SCRIPT], input=given, capture_output=True, text=True, timeout=60, check=True
    )
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def made(count: int) -> list[str]:
    """Patterns put together from pieces, the same in every run."""
    choose = random.Random(7)
    return ["".join(choose.choice(PIECES) for _ in range(choose.randint(1, 6))) for _ in range(count)]


def refused(text: str) -> bool:
    try:
        read_pattern(text)
    except PatternError:
        return True
    return False


def test_what_is_called_no_regular_expression_is_none_to_node() -> None:
    texts = made(4000)
    wrong = [text for text, answer in zip(texts, node(texts), strict=True) if refused(text) and answer["plain"]]
    assert wrong == []


def test_what_node_refuses_is_called_no_regular_expression() -> None:
    texts = [text for text in made(4000) if "(?<n>" not in text]  # a name given twice is not looked for
    answers = node(texts)
    missed = [text for text, answer in zip(texts, answers, strict=True) if not refused(text) and not answer["plain"]]
    assert missed == []


def test_what_is_said_to_fail_with_the_flag_u_fails() -> None:
    texts = [text for text in made(4000) if not refused(text)]
    told = [text for text in texts if {item.name for item in read_pattern(text).features} & REFUSED_UNICODE]
    assert [text for text, answer in zip(told, node(told), strict=True) if answer["unicode"]] == []


def test_a_pattern_without_remarks_means_the_same_to_node_and_python() -> None:
    texts = [text for text in made(6000) if not refused(text) and not read_pattern(text).features]
    assert len(texts) > 100
    for text, answer in zip(texts, node(texts), strict=True):
        assert answer["unicode"], text
        # Python's $ also matches before a line break at the end
        python = [bool(re.search(text, sample)) for sample in SAMPLES if not sample.endswith("\n")]
        ours = [match for sample, match in zip(SAMPLES, answer["matches"], strict=True) if not sample.endswith("\n")]  # type: ignore[call-overload]
        assert python == ours, text


def test_a_pattern_that_is_rewritten_matches_what_it_matched_before() -> None:
    before, after = [], []
    for text in made(3000):
        if refused(text):
            continue
        value = patched("new-regex-portable", of_schemas(json.dumps({"A": {"type": "string", "pattern": text}})))
        if isinstance(value, dict):
            before.append(text)
            after.append(value["components"]["schemas"]["A"]["pattern"])
    assert len(after) > 100
    assert [item["matches"] for item in node(before)] == [item["matches"] for item in node(after)]


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("^[a-z]{1,5}$", 5),
        ("^(a|bb|c{3})$", 3),
        ("^a+$", None),
        ("[a-z]{5}", None),
        ("^(a{2}){3}-x?$", 8),
        ("(^a$)|(^bc$)", 2),
    ],
)
def test_the_longest_text_a_pattern_admits_is_known(text: str, longest: int | None) -> None:
    assert read_pattern(text).longest == longest


@pytest.mark.parametrize(
    "text",
    ["^abc$", "@", "foo|bar", "^x-", "\\.pdf$", "\\bword\\b", "^(?=.*[0-9]).+$", ".*[a-z]+.*", "^a$|^b$", "^(a|b)$"],
)
def test_patterns_that_are_meant_to_find_a_part_are_not_at_fault(text: str) -> None:
    assert messages("schema-pattern-valid", of_schemas(json.dumps({"A": {"type": "string", "pattern": text}}))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a-z]+", "not anchored"),
        ("^a|b$", "binds the first alternative"),
        ("(?P<year>[0-9]{4})", "no regular expression of ECMA-262"),
        ("^[a-z", "is not closed"),
        ("^(?i)abc$", "no regular expression of ECMA-262"),
    ],
)
def test_patterns_that_check_less_than_they_seem_to_are(text: str, said: str) -> None:
    found = messages("schema-pattern-valid", of_schemas(json.dumps({"A": {"type": "string", "pattern": text}})))
    assert len(found) == 1
    assert said in found[0]


def test_pattern_properties_are_unknown_before_3_1() -> None:
    schema = "A: {type: object, patternProperties: {'^x-': {type: string}}}"
    assert messages("schema-pattern-properties", of_schemas(schema, "3.1")) == []
    assert messages("schema-pattern-properties", of_schemas(schema, "3.0")) == [
        "OpenAPI 3.0 has no patternProperties: they are ignored"
    ]


def test_a_pattern_nested_without_end_is_refused_rather_than_read() -> None:
    assert refused("(" * 5000 + ")" * 5000)
