"""The documentation says what the code is: generated parts, links, options, figures that can be checked."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from docs.generate import between, generated
from docs.picture import PICTURE
from knowledge.blueprint.reader import read_blueprint
from server.cli.parser import build_parser
from server.settings import READERS, settings_from
from tools.registry import all_tools

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
HEADINGS = ("Sixty seconds", "Install", "Tools", "Rules", "Configuration", "Safety", "Testing", "Troubleshooting")


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.name)
def test_generated_pages_and_tables_are_as_the_code_would_write_them(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generated()[path], "run: make docs"


def test_a_table_that_lags_behind_the_code_would_be_seen() -> None:
    tool = all_tools()[0]
    assert between(README, "tools", "| an old table |") != README
    assert f"`{tool.name}`" in README.partition("<!-- tools:begin -->")[2].partition("<!-- tools:end -->")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_and_headings_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)?(?:#[^)\s]*)?\)", text):
        if target and not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target


def test_links_to_rules_lead_to_their_headings() -> None:
    rules = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    anchors = set(re.findall(r"^## (\S+)$", rules, re.M))
    wanted = set(re.findall(r"docs/rules\.md#([\w-]+)", README)) | set(re.findall(r"\]\(#([\w-]+)\)", rules))
    assert wanted
    assert wanted <= anchors


def test_the_readme_follows_its_outline() -> None:
    found = [heading for heading in re.findall(r"^## (.+)$", README, re.M) if heading in HEADINGS]
    assert found == list(HEADINGS)


def test_every_option_and_variable_of_the_configuration_table_exists() -> None:
    rows = re.findall(r"^\| `(--[a-z-]+)[^`]*` \| `BACKEND_ARCHITECT_([A-Z_]+)` \|", README, re.M)
    assert len(rows) >= 7
    for option, variable in rows:
        assert option.removeprefix("--").replace("-", "_") == variable.lower()
        assert variable.lower() in READERS


def test_every_command_line_of_the_readme_is_understood() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.M | re.S)
    lines = [line.partition("#")[0] for block in blocks for line in block.splitlines()]
    commands = [shlex.split(line.partition(">")[0]) for line in lines if re.match(r"(uvx )?backend-architect\b", line)]
    assert len(commands) >= 4
    for command in commands:
        options = build_parser().parse_args(command[command.index("backend-architect") + 1 :])
        assert options.module


def test_client_configurations_are_valid_json_and_start_the_server() -> None:
    blocks = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", README, re.M | re.S)]
    servers = [next(iter(block.values()))["backend-architect"] for block in blocks]
    assert len(servers) >= 3
    for server in servers:
        assert server["command"] == "uvx"
        name, *arguments = server["args"]
        assert name == "backend-architect"
        options = build_parser().parse_args(["." if part.startswith(("/", "$")) else part for part in arguments])
        assert settings_from(options, {}).workspace == Path.cwd()


def test_the_picture_is_of_the_demo_and_names_no_machine() -> None:
    svg = PICTURE.read_text(encoding="utf-8")
    assert "foreign-key-validates-now" in svg
    assert "fix,&#160;proven" in svg
    assert not re.search(r"/(?:home|root|tmp|work|Users)/|https?://(?!www\.w3\.org)", svg)


def test_the_skill_says_what_and_when_within_the_limits() -> None:
    for path in (ROOT / "skills").glob("*/SKILL.md"):
        front = re.match(r"---\nname: (\S+)\ndescription: (.+)\n---\n", path.read_text(encoding="utf-8"))
        assert front is not None
        assert front[1] == path.parent.name
        assert len(front[2]) <= 1_024
        assert "Use when" in front[2]


def test_the_blueprint_that_the_documentation_shows_is_one() -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "backend.md").read_text(encoding="utf-8"), re.S)
    blueprint = read_blueprint(shown)
    assert blueprint.resources["note"].optimistic_locking
