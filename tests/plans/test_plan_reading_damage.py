"""Damaged and hostile texts: never a crash, always a line, never more time than their length warrants."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_corpus import Telling
from plan_wrappings import WRAPPINGS
from test_plan_reading_corpus import tellings  # noqa: F401  (a fixture)

from knowledge.formats.explain import PlanSyntaxError, read, text_notation
from knowledge.formats.explain.limits import MAX_CHARACTERS
from knowledge.plan.reckoning import reckon

LINE = re.compile(r"line (\d+): |and \d+ more lines")
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def told(text: str) -> None:
    """Read a text: what is wrong is told with a line of it, and what was read can be reckoned."""
    last = max(1, len(re.split("\r\n|\r|\n", text)))
    try:
        plan = read(text)
    except PlanSyntaxError as mistake:
        assert 1 <= mistake.line <= last, text
        assert mistake.message
        return
    for problem in plan.problems:
        found = LINE.match(problem)
        assert found, problem
        assert 1 <= int(found.group(1) or 1) <= last
    assert len(reckon(plan)) == len(plan.nodes)


@st.composite
def damage(draw: st.DrawFn) -> tuple[str, float, float, str]:
    """What is done to a text, where, and with what."""
    kinds = ["delete line", "repeat line", "swap lines", "cut", "delete", "repeat", "replace", "indent", "join"]
    text = draw(
        st.sampled_from(
            ["", " ", "\n", "x", '"', "'", "(", "->  ", "9" * 400, "{", "]", ":", "\t", "- ", "<", "\0", "é"]
        )
    )
    return draw(st.sampled_from(kinds)), draw(st.floats(0, 1)), draw(st.floats(0, 1)), text


def damaged(text: str, kind: str, first: float, second: float, with_text: str) -> str:
    lines = text.split("\n")
    place, other = int(first * (len(lines) - 1)), int(second * (len(lines) - 1))
    at = int(first * len(text))
    until = min(len(text), at + 1 + int(second * 40))
    match kind:
        case "delete line":
            return "\n".join(lines[:place] + lines[place + 1 :])
        case "repeat line":
            return "\n".join([*lines[:place], lines[place], *lines[place:]])
        case "swap lines":
            lines[place], lines[other] = lines[other], lines[place]
            return "\n".join(lines)
        case "cut":
            return text[:at]
        case "delete":
            return text[:at] + text[until:]
        case "repeat":
            return text[:at] + text[at:until] * 2 + text[until:]
        case "replace":
            return text[:at] + with_text + text[until:]
        case "indent":
            return "\n".join([*lines[:place], with_text + lines[place].strip(), *lines[place + 1 :]])
        case _:
            return "\n".join(lines[:place]) + with_text + "".join(lines[place:])


@MANY
@given(data=st.data())
def test_no_damage_crashes_a_reader(data: st.DataObject, tellings: list[Telling]) -> None:  # noqa: F811
    telling = data.draw(st.sampled_from(tellings).map(lambda found: found.texts), label="texts")
    text = telling[data.draw(st.sampled_from(sorted(telling)))]
    if data.draw(st.booleans()):
        text = WRAPPINGS[data.draw(st.sampled_from(sorted(WRAPPINGS)))](text)
    for what in data.draw(st.lists(damage(), min_size=1, max_size=4)):
        text = damaged(text, *what)
    told(text)


@MANY
@given(
    st.text(alphabet=st.sampled_from("->() \n\t:\"'{}[]<>/|+=.,0123456789SeqScanPlanNodeTypecostrows"), max_size=300)
)
def test_no_text_at_all_crashes_a_reader(text: str) -> None:
    told(text)


TREE = """\
Hash Join  (cost=1.00..2.00 rows=1 width=4) (actual time=0.010..0.020 rows=1 loops=1)
  Hash Cond: (a.x = b.x)
  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4) (actual time=0.001..0.002 rows=1 loops=1)
  ->  Hash  (cost=1.00..1.00 rows=1 width=4) (actual time=0.003..0.003 rows=1 loops=1)
        ->  Seq Scan on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.001..0.002 rows=1 loops=1)
              Filter: (y > 1)
"""


def test_indentation_that_is_lost_is_an_error_with_its_line() -> None:
    with pytest.raises(PlanSyntaxError, match="line 5: the indentation is damaged: Hash Join of line 1"):
        read(TREE.replace("        ->  Seq Scan on b", "  ->  Seq Scan on b"))


def test_without_the_count_of_inputs_a_wrong_tree_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_notation, "inputs_of", lambda _: (0, 1_000_000))
    weak = read(TREE.replace("        ->  Seq Scan on b", "  ->  Seq Scan on b"))
    assert len(weak.root.children) == 3


def test_indentation_between_two_levels_is_an_error_with_its_line() -> None:
    with pytest.raises(PlanSyntaxError, match="line 4: the indentation is damaged"):
        read(TREE.replace("  ->  Hash  ", "   ->  Hash  "))


def test_a_plan_that_is_cut_says_which_node_lacks_its_input() -> None:
    plan = read("\n".join(TREE.split("\n")[:4]))
    assert plan.problems == ("line 4: an input of this Hash is missing: was the text cut?",)


def test_a_line_that_says_nothing_is_told() -> None:
    plan = read(TREE.replace("Hash Cond: (a.x = b.x)", "Colour: blue"))
    assert plan.problems == ("line 2: “Colour” is not a property EXPLAIN is known for; it is kept as it stands",)


def test_a_second_plan_is_told_and_left() -> None:
    plan = read(TREE + "Planning Time: 0.1 ms\n" + TREE)
    assert len(plan.nodes) == 4
    assert plan.problems == ("line 8: a second plan begins here; only the first was read (6 lines left)",)


def test_a_text_without_a_plan_is_refused() -> None:
    for text in ("", "hello", "SELECT 1;", "[]", "{}", "<explain></explain>", '"', "- ", "[1, 2]"):
        with pytest.raises(PlanSyntaxError):
            read(text)


def test_a_text_too_long_is_refused() -> None:
    with pytest.raises(PlanSyntaxError, match="the limit is 5,000,000"):
        read("x" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    "text",
    [
        '[{"Plan": ' + '{"Node Type": "Limit", "Plans": [' * 5000,
        '{"Node Type": "Limit", "Plans": [' * 600 + "]}" * 600,
        "<explain><Query>" + "<Plan><Node-Type>Limit</Node-Type><Plans>" * 5000,
        "Limit  (cost=0..1 rows=1 width=1)\n"
        + "\n".join("  " * n + "->  Limit  (cost=0..1 rows=1 width=1)" for n in range(1, 900)),
        "- Plan: \n" + "".join("  " * n + f'- Node Type: "Limit"\n{"  " * n}  Plans: \n' for n in range(1, 900)),
    ],
    ids=["json cut", "json", "xml", "text", "yaml"],
)
def test_a_plan_too_deep_is_refused(text: str) -> None:
    with pytest.raises(PlanSyntaxError):
        read(text)


def test_xml_that_could_expand_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n'
    bomb += "<explain><Query><Plan><Node-Type>&b;</Node-Type></Plan></Query></explain>"
    with pytest.raises(PlanSyntaxError, match="line 1: XML with a document type is refused"):
        read(bomb)


def test_yaml_that_could_expand_stays_text() -> None:
    plan = read(
        '- Plan: \n    Node Type: "Result"\n    Alias: &a "x"\n    Filter: *a\n    Output: !!python/object:os.system\n'
    )
    assert plan.root.properties["Filter"] == "*a"
    assert plan.root.properties["Output"] == "!!python/object:os.system"


SLACK = 0.05
"""Seconds: what is read in less says nothing of how its time grows."""
HOSTILE = {
    "spaces": lambda size: "Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n" + " " * size + "x",
    "parentheses": lambda size: "Sort  (cost=0.00..1.00 rows=1 width=4)\n  Sort Key: " + "(" * size,
    "quotes": lambda size: "Sort  (cost=0.00..1.00 rows=1 width=4)\n  Sort Key: " + "'a\", " * (size // 5),
    "continuations": lambda size: "Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n" + "y z\n" * (size // 4),
    "arrows": lambda size: "Append  (cost=0.00..1.00 rows=1 width=4)\n" + "  ->  Result\n" * (size // 14),
    "digits": lambda size: "Seq Scan on a  (cost=" + "9" * size,
    "colons": lambda size: "Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n" + "A: " * (size // 3),
    "bars": lambda size: "|" * size + "\nSeq Scan on a  (cost=0.00..1.00 rows=1 width=4)",
    "rule": lambda size: "-" * size + "x\n" + "(" * size,
    "figures": lambda size: "(cost=" * (size // 6) + "\n" + "->  " * (size // 4),
    "backslashes": lambda size: "['" + "\\" * size,
    "python": lambda size: "[('" + "a', '" * (size // 5),
    "brackets": lambda size: "[" * size,
    "settings": lambda size: "Result  (cost=0.00..1.00 rows=1 width=4)\nSettings: " + "a = 'b', " * (size // 9) + "x",
    "trigger": lambda size: "Result  (cost=0.00..1.00 rows=1 width=4)\nTrigger " + " on for constraint " * (size // 18),
    "quoted": lambda size: '"' + '""' * (size // 2) + "\n" + '"(cost=' * (size // 7),
    "sort": lambda size: "Sort  (cost=0.00..1.00 rows=1 width=4)\n  Sort Method: " + "a " * (size // 2),
    "groups": lambda size: (
        "Sort  (cost=0.00..1.00 rows=1 width=4)\n  Full-sort Groups: 1  Sort Method: " + "a " * (size // 2)
    ),
    "returns": lambda size: "Result  (cost=0.00..1.00 rows=1 width=4)\nInitPlan 1 (returns " + "(" * size,
    "yaml": lambda size: '- Plan: \n    Node Type: "Result"\n' + "    " + "a " * (size // 2),
    "log": lambda size: "duration: " + "1" * size + " ms plan:" + "LOG:" * (size // 4),
    "options": lambda size: "Result  (cost=0.00..1.00 rows=1 width=4)\nJIT:\n  Timing: " + "A" * size,
    "buffers": lambda size: "Result  (cost=0.00..1.00 rows=1 width=4)\n  WAL: " + "a " * (size // 2),
    "explain": lambda size: "EXPLAIN " + " (" * (size // 2) + "\nResult  (cost=0.00..1.00 rows=1 width=4)",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_of_a_hostile_text(name: str) -> None:
    """Eight times the text takes about eight times as long; with a square in it, it would be 64 times."""
    short, long = (min(_seconds(HOSTILE[name](size)) for _ in range(3)) for size in (20_000, 160_000))
    assert long < 24 * short + SLACK


def _seconds(text: str) -> float:
    begun = perf_counter()
    told(text)
    return perf_counter() - begun
