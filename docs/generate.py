"""Write what the documentation repeats from the code: the tools in the README, and the page of rules.

    python -m docs.generate      (make docs)

A test holds the files to what this would write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import backend_architect  # noqa: F401  (claims the import path)
from backend.exercise.concurrency import all_races
from backend.exercise.crash import all_crashes
from backend.exercise.laws import Law, all_laws
from knowledge.blueprint.schema import json_schema
from knowledge.rules import all_rules, api_rules, graphql_rules, plan_rules
from knowledge.rules.api_rule import Profile
from knowledge.rules.page import page
from knowledge.rules.rule import Rule
from tools.registry import all_tools
from tools.spec import ToolSpec

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
RULES = ROOT / "docs" / "rules.md"
API_RULES = ROOT / "docs" / "api_rules.md"
LAWS = ROOT / "docs" / "laws.md"
BLUEPRINT_SCHEMA = ROOT / "docs" / "blueprint.schema.json"
FAMILY_TITLES = {
    "locks": "Locks, rewrites and scans",
    "failures": "Statements that fail",
    "breaking": "Changes that break code or lose data",
    "schema": "The finished schema",
    "plans": "Query plans",
}


def main() -> None:
    """Write the generated files."""
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")


def generated() -> dict[Path, str]:
    """File -> the text it must have."""
    readme = README.read_text(encoding="utf-8")
    known = (*all_rules(), *plan_rules())
    readme = between(readme, "tools", tools_table(all_tools()))
    readme = between(readme, "rules", rules_table(known))
    return {
        README: readme,
        RULES: rules_page(known),
        API_RULES: api_rules_page({"OpenAPI": api_rules(), "GraphQL": graphql_rules()}),
        LAWS: laws_page([*all_laws(), *all_races(), *all_crashes()]),
        BLUEPRINT_SCHEMA: json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n",
    }


def between(text: str, mark: str, content: str) -> str:
    """``text`` with ``content`` between ``<!-- mark:begin -->`` and ``<!-- mark:end -->``.

    Raises:
        ValueError: the marks are missing.
    """
    begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"no {begin} ... {end}")
    return f"{head}{begin}\n{content}\n{end}{tail}"


def tools_table(tools: Iterable[ToolSpec]) -> str:
    """The tools: name, what they do, arguments, what they may write."""
    rows = [f"| `{tool.name}` | {tool.description} | {_arguments(tool)} | {_writes(tool)} |" for tool in tools]
    return "\n".join(["| tool | what it does | arguments | writes |", "|---|---|---|---|", *rows])


def _arguments(tool: ToolSpec) -> str:
    fields = tool.request.model_fields.items()
    names = [f"**`{name}`**" if field.is_required() else f"`{name}`" for name, field in fields]
    return ", ".join([*names, "`detail`"])


def _writes(tool: ToolSpec) -> str:
    if tool.read_only:
        return "nothing"
    kept = ", ".join(tool.read_only_actions)
    return f"only the other actions; with `--read-only`: {kept}" if kept else "files or databases"


def rules_table(rules: Iterable[Rule]) -> str:
    """How many rules each family has, and which."""
    lines = ["| family | rules |", "|---|---|"]
    known = list(rules)
    for family in FAMILY_TITLES:
        names = [f"[`{rule.id}`](docs/rules.md#{rule.id})" for rule in known if rule.family == family]
        lines.append(f"| {FAMILY_TITLES[family]} ({len(names)}) | {', '.join(names)} |")
    contracts = f"OpenAPI ({len(api_rules())}), GraphQL ({len(graphql_rules())})"
    lines.append(f"| {contracts} | [one line each](docs/api_rules.md), by profile |")
    return "\n".join(lines)


def rules_page(rules: Iterable[Rule]) -> str:
    """All rules on one page: an index, then each rule from its record."""
    known = list(rules)
    parts = [
        "# Rules",
        "Written by `make docs` from the rules themselves. Both examples of every rule are run by the tests on the "
        "engines it holds for. A finding about a statement is reported only if executing it bore it out; one about a "
        "query plan says how much of the query's time it explains.",
    ]
    for family in FAMILY_TITLES:
        members = [rule for rule in known if rule.family == family]
        parts.append(f"**{FAMILY_TITLES[family]}**\n")
        parts.append("\n".join(f"- [{rule.id}](#{rule.id}) ({rule.severity}): {rule.claim}" for rule in members))
    parts += [re.sub(r"^(#+) ", r"#\1 ", page(rule).rstrip(), flags=re.M) for rule in known]
    return "\n\n".join(parts) + "\n"


def api_rules_page(languages: Mapping[str, Sequence[Rule]]) -> str:
    """What review_api looks for, one line a rule, by language and profile."""
    lines = [
        "# Rules about API contracts",
        "",
        "Written by `make docs` from the rules themselves; both examples of every rule are reviewed by the tests. "
        "`backend-architect rules ID` shows a rule with its examples and sources. The profile `default` is used "
        "unless others are asked for: what three or more published rule sets agree on, and what is invalid.",
    ]
    for language, rules in languages.items():
        for profile in Profile:
            members = [rule for rule in rules if getattr(rule, "profile", None) is profile]
            if not members:
                continue
            lines += ["", f"## {language}: {profile.value} ({len(members)})", ""]
            lines += ["| rule | severity | what is true of a contract that keeps it | unless |", "|---|---|---|---|"]
            lines += [
                f"| `{rule.id}` | {rule.severity} | {_cell(rule.claim)} | {_cell(rule.unless)} |" for rule in members
            ]
    return "\n".join(lines) + "\n"


def laws_page(laws: Iterable[Law]) -> str:
    """What exercise_backend holds against a backend, one line a law."""
    lines = [
        "# Laws",
        "",
        "Written by `make docs` from the laws themselves. `exercise_backend` tries to break each of them over the "
        "wire; each has programs that break it, which the tests demand it to catch, and a sound one on which it must "
        "be silent.",
        "",
        "| law | what is true of a backend that keeps it | why it matters | source |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{law.id}` | {_cell(law.claim)} | {_cell(law.why)} | {_cell(law.source)} |" for law in laws]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
