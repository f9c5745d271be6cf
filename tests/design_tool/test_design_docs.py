"""What the page about APIs and the skill show is run: every command, every line of output, every call, every name."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.design.formats import FORMATS
from backend.workspace import Workspace
from knowledge.api.node import Policy
from knowledge.api.profiles import CHOICES, policy_from
from knowledge.design.feature import design_feature
from knowledge.report import Outcome
from knowledge.rules.api_rule import Profile
from server.cli.parser import build_parser
from tools.design_endpoint import DesignEndpointRequest
from tools.review_api import TOOL as REVIEW
from tools.toolbox import Toolbox

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "api"
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SKILL = (ROOT / "skills" / "design-apis" / "SKILL.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```\n\n```text\n(.*?)^```", PAGE, re.M | re.S)
KEPT = {
    "designed": {"openapi.yaml", "blueprint.yaml", "schema.sql", "laws.txt"},
    "reviewed": {"patch.json", "baseline.json", "changes.json", "findings.json"},
}
VERBS = {"soft delete": "delete", "locked": "update"}
"""Clauses that are not of what ``create`` or ``list`` does."""


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("commands", "shown"), BLOCKS)
def test_every_command_of_the_page_runs_and_writes_what_is_shown(commands: str, shown: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples" / "api")
    written = ""
    for command in commands.splitlines():
        program, *arguments = shlex.split(command)
        assert program == "backend-architect" and build_parser().parse_args(arguments)
        run = subprocess.run(
            [sys.executable, str(ROOT / "backend_architect.py"), *arguments],
            cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert run.returncode in (0, 1), run.stderr
        written += run.stdout
    lines = [line for line in shown.splitlines() if flat(line) not in flat(written)]
    assert lines == [], written
    kept = {path.name for folder in ("designed", "reviewed") for path in (tmp_path / folder).glob("*")}
    assert kept >= KEPT["designed" if "--keep designed" in commands else "reviewed"]


def test_there_are_two_blocks_and_a_line_that_nothing_writes_would_be_seen() -> None:
    assert len(BLOCKS) == 2
    assert flat("a  line") in flat("this is a line") and flat("another") not in flat("a line")


def test_formats_profiles_and_settings_of_the_page_are_those_there_are() -> None:
    formats = PAGE.partition("| format |")[2].partition("\n\n")[0]
    assert {name for row in formats.splitlines() for name in re.findall(r"`([\w-]+)`", row.split("|")[1])} == set(
        FORMATS
    )
    profiles = PAGE.partition("| profile |")[2].partition("\n\n")[0]
    assert {row.split("|")[1].strip(" `") for row in profiles.splitlines()[2:]} == {*Profile, "all"}
    settings = PAGE.partition("| setting |")[2].partition("\n\n")[0].splitlines()[2:]
    named = {name for row in settings for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named == set(Policy.__dataclass_fields__) - {"extra"}
    for row in settings:
        (name, *others), values = re.findall(r"`(\w+)`", row.split("|")[1]), re.findall(r"`(\w+)`", row.split("|")[2])
        if name in CHOICES and not others:
            assert set(values) == set(CHOICES[name]) and values[0] == getattr(Policy(), name), name
            assert all(policy_from({name: value}) for value in values)


def test_every_clause_of_the_table_is_understood() -> None:
    table = PAGE.partition("| to say |")[2].partition("\n\n")[0].splitlines()[4:]
    cells = [row.replace("\\|", "/").rsplit("|", 2)[1] for row in table]
    clauses = [clause.replace("open/done", "open|done") for cell in cells for clause in re.findall(r"`([^`]+)`", cell)]
    assert len(clauses) >= 15
    for clause in clauses:
        of_lists = re.match(r"filter|newest|sort|search|page|with|\d|cached", clause)
        verb = "list" if of_lists else VERBS.get(clause, "create")
        (operation,) = design_feature(f"{verb} posts, {clause}").focus
        assert operation == ("list_posts" if verb == "list" else f"{verb}_post")


async def test_every_call_of_the_skill_is_one(toolbox: Toolbox, tmp_path: Path) -> None:
    """The designs are taken as far as their blueprint: how they run is shown elsewhere."""
    from tools.design_endpoint.given import design_of

    shutil.copy(ROOT / "examples" / "blog.yaml", tmp_path / "blog.yaml")
    shutil.copy(EXAMPLES / "improved.yaml", tmp_path / "openapi.yaml")
    shutil.copy(EXAMPLES / "older.yaml", tmp_path / "openapi.before.yaml")
    (tmp_path / "schema.sql").write_text("CREATE TABLE orders (id uuid PRIMARY KEY, status text NOT NULL);")
    assert Workspace.at(tmp_path) == toolbox.workspace
    calls = [json.loads(call) for call in re.findall(r"`(\{.*?\})`", SKILL)]
    assert len(calls) == 5
    for call in calls:
        if "design" in call:
            assert (await design_of(DesignEndpointRequest.model_validate(call), toolbox)).focus
        else:
            report = await REVIEW.run(REVIEW.request.model_validate(call), toolbox)
            assert report.outcome in (Outcome.PASS, Outcome.FINDINGS)
    told = set(re.findall(r"`([\w-]+)`", SKILL.partition("`formats` (")[2].partition(")")[0]))
    assert told == set(FORMATS) - {"openapi"}


def test_the_examples_are_those_their_page_lists() -> None:
    listed = re.findall(r"`([\w.]+\.(?:yaml|graphql))`", (EXAMPLES / "README.md").read_text(encoding="utf-8"))
    assert sorted(set(listed)) == sorted(path.name for path in EXAMPLES.iterdir() if path.name != "README.md")
