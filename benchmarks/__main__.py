"""``python -m benchmarks``: measure everything and print one table."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

import backend_architect  # noqa: F401  (claims the import path)
from benchmarks.ddl import generated_ddl
from benchmarks.evidence import evidence_review, trace_overhead
from benchmarks.figures import Comparison, Figure, table
from benchmarks.startup import startup
from benchmarks.static_review import static_review
from server.app import make_toolbox
from server.redact import redactor_for
from server.settings import Settings

BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"


async def measure(characters: int, statements: int, runs: int) -> list[Comparison | Figure]:
    """All comparisons, on generated input of the given size."""
    text = generated_ddl(characters)
    measured: list[Comparison | Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        toolbox = make_toolbox(Settings(workspace=Path(folder).resolve()), redactor_for((), ()))
        try:
            measured.append(await static_review(toolbox, text, runs))
            measured += await evidence_review(toolbox, text, runs)
            measured.append(await trace_overhead(toolbox.postgres, 20, statements, runs))
        finally:
            await toolbox.postgres.aclose()
    return [*measured, *startup(runs)]


def main() -> None:
    """Measure, print, and with ``--update FILE`` put the table between the marks of that file."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--characters", type=int, default=1_050_000, help="size of the generated DDL")
    parser.add_argument("--statements", type=int, default=200, help="statements of the generated migration")
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured; medians are shown")
    parser.add_argument("--update", type=Path, metavar="FILE", help="a Markdown file to put the table into")
    options = parser.parse_args()
    made = table(asyncio.run(measure(options.characters, options.statements, options.runs)))
    print(made)
    if options.update:
        options.update.write_text(updated(options.update.read_text(encoding="utf-8"), made), encoding="utf-8")


def updated(text: str, made: str) -> str:
    """``text`` with ``made`` between its marks.

    Raises:
        ValueError: the marks are missing.
    """
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the file has no {BEGIN} ... {END}")
    return f"{head}{begin}\n{made}\n{end}{tail}"


if __name__ == "__main__":
    main()
