"""``python -m benchmarks.api_linters``: review published documents beside two linters and write docs/api_linters.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import backend_architect  # noqa: F401  (claims the import path)
from benchmarks.api.documents import DOCUMENTS, LARGE, Published, file_of
from benchmarks.api.pairs import PAIRS
from benchmarks.api.tools import Run, ours, redocly, spectral

PAGE = Path(__file__).resolve().parents[1] / "docs" / "api_linters.md"
TOOLS = {"review_api": ours, "Spectral": spectral, "Redocly": redocly}
HEAD = """\
<!-- written by python -m benchmarks.api_linters -->
# Published documents beside two linters

`make eval-api` reviews eight OpenAPI documents that others publish in npm packages, every rule of every profile, beside
Spectral 6.16.3 (`spectral:oas` and the OWASP ruleset 2.0.1) and Redocly CLI 2.77.0 (`all`). Places are counted before
anything is folded. Seconds are those of the whole process on two shared and busy cores, so they compare the tools with
each other and nothing else (`make bench` measures the review alone); megabytes are the peak of the process.
"""
Results = dict[tuple[str, str], Run]


def measure(documents: Iterable[Published]) -> Results:
    """Every tool on every document."""
    found: Results = {}
    for document in documents:
        file = file_of(document)
        for name, run in TOOLS.items():
            found[document.name, name] = run(file)
            done = found[document.name, name]
            print(f"{document.name}: {name} {done.seconds:.1f} s, {sum(done.places.values()):,} places", flush=True)
    return found


def page(results: Mapping[tuple[str, str], Run], documents: Iterable[Published]) -> str:
    """The page in Markdown."""
    known = list(documents)
    parts = [HEAD, "## Each document", _per_document(results, known)]
    notes = [
        f"- {of} on {name}: {run.note or run.failed}" for (name, of), run in results.items() if run.note or run.failed
    ]
    parts += ["\n".join(notes)] if notes else []
    small = [document.name for document in known if document is not LARGE]
    parts += [
        "## The same subjects",
        f"Places in the {len(small)} smaller documents and, after the plus, in {LARGE.name}'s: this review, Spectral, "
        "Redocly. A dash: the tool has no such rule, or could not run it.",
        _per_subject(results, small),
        "## Only here",
        "Rules that found something and have no counterpart in either, with the number of places.",
        _only(results, "review_api", {rule for pair in PAIRS for rule in pair.ours}),
        "## Only there",
        "Spectral: " + _only(results, "Spectral", {rule for pair in PAIRS for rule in pair.spectral}),
        "Redocly: " + _only(results, "Redocly", {rule for pair in PAIRS for rule in pair.redocly}),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _per_document(results: Mapping[tuple[str, str], Run], documents: list[Published]) -> str:
    lines = [f"| document | {' | '.join(TOOLS)} |", "|---|" + "---|" * len(TOOLS)]
    for document in documents:
        cells = [_cell(results[document.name, name]) for name in TOOLS]
        lines.append(f"| {document.name} ({document.size}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(run: Run) -> str:
    if run.failed:
        return f"no answer; {run.seconds:.1f} s, {run.megabytes:,} MB"
    places = f"{sum(run.places.values()):,} places by {len(run.places)} rules"
    return f"{places}; {run.seconds:.1f} s, {run.megabytes:,} MB"


def _per_subject(results: Mapping[tuple[str, str], Run], small: list[str]) -> str:
    lines = ["| rule | places | why they differ |", "|---|---|---|"]
    for pair in PAIRS:
        counts = [
            _count(results, name, rules, small)
            for name, rules in (("review_api", pair.ours), ("Spectral", pair.spectral), ("Redocly", pair.redocly))
        ]
        if any(count not in ("-", "0 + 0", "0 + -") for count in counts):
            told = {count for count in counts if count != "-"}
            lines.append(
                f"| {', '.join(f'`{rule}`' for rule in pair.ours)} | {' / '.join(counts)} "
                f"| {pair.why if len(told) > 1 else ''} |"
            )
    return "\n".join(lines)


def _count(results: Mapping[tuple[str, str], Run], tool: str, rules: tuple[str, ...], small: list[str]) -> str:
    if not rules:
        return "-"
    total = sum(results[name, tool].places[rule] for name in small for rule in rules)
    large = results[LARGE.name, tool]
    unable = large.failed or (large.note and all(rule.startswith("owasp:") for rule in rules))
    return f"{total:,} + {'-' if unable else format(sum(large.places[rule] for rule in rules), ',')}"


def _only(results: Mapping[tuple[str, str], Run], tool: str, paired: set[str]) -> str:
    left: Counter[str] = Counter()
    for (_, name), run in results.items():
        if name == tool:
            left.update({rule: count for rule, count in run.places.items() if rule not in paired})
    return ", ".join(f"`{rule}` {count:,}" for rule, count in left.most_common()) or "nothing."


def main() -> None:
    """Measure and write the page."""
    PAGE.write_text(page(measure(DOCUMENTS), DOCUMENTS), encoding="utf-8")
    print(f"written: {PAGE.name}")


if __name__ == "__main__":
    main()
