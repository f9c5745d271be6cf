"""``python -m benchmarks.scaffolded``: a scaffolded backend, all of its middleware on, against the two yardsticks.

The same blueprint takes part twice: once reading every row from the database, once keeping answers in its cache.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shlex
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import backend_architect  # noqa: F401  (claims the import path)
from backend.scaffold.render import render_project
from benchmarks.reference_apps.candidate import MINIMAL, USUAL, Candidate, Requests
from benchmarks.reference_backend import disturbances, measure, promises, shown
from knowledge.blueprint.reader import read_blueprint

BEGIN, END = "<!-- reference:begin -->", "<!-- reference:end -->"

POOL = {"DATABASE_POOL_SIZE": "8", "DATABASE_POOL_OVERFLOW": "0"}
"""Fewer connections than the yardsticks have: all of them share one database, which allows its role 40."""

BLUEPRINT = """\
name: items
auth: {{scheme: none}}
rate_limit: {{requests: 1000000, seconds: 60}}
resources:
  item:
    fields:
      title: {{type: string, min_length: 1, max_length: 200}}
      body: {{type: text}}
      price: {{type: decimal, precision: 12, scale: 2}}
      quantity: {{type: integer, minimum: 0}}
    operations:
      list: {{access: [public], pagination: cursor}}
      get: {{access: [public]{cache}}}
      create: {{access: [public]}}
"""


def scaffolded(folder: Path, name: str, cache: str) -> Candidate:
    """The project, rendered into ``folder``; logs, limits, headers and request ids as it ships."""
    blueprint = read_blueprint(BLUEPRINT.format(cache=cache))
    for path, text in render_project(blueprint).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Candidate(
        name,
        "app.main:create_app",
        {"ENVIRONMENT": "test", "JWT_SECRET": secrets.token_urlsafe(48), "LOG_LEVEL": "WARNING", **POOL},
        Requests(cached="/api/v1/items/{id}" if cache else ""),
        folder,
        factory=True,
        prepare=shlex.split(f"{shlex.quote(sys.executable)} -m alembic upgrade head"),
    )


def main() -> None:
    """Measure, print, and with ``--update FILE`` put the table between the marks of that file."""
    parser = argparse.ArgumentParser(prog="benchmarks.scaffolded", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="rows of the table")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured; medians are shown")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--update", type=Path, metavar="FILE", help="a Markdown file to put the table into")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="backend-architect-") as home:
        plain = scaffolded(Path(home) / "plain", "scaffolded", "")
        cached = scaffolded(Path(home) / "cached", "scaffolded, cache on", ", cache: {server: 300}")
        candidates = [USUAL, MINIMAL, plain, replace(cached, prepare=())]
        contestants = asyncio.run(measure(candidates, options.rows, options.rounds, options.seconds))
    made = shown(contestants)
    print("\n".join([made, "", disturbances(contestants), "", *promises(contestants)]))
    if options.update:
        head, begin, rest = options.update.read_text(encoding="utf-8").partition(BEGIN)
        _, end, tail = rest.partition(END)
        if not begin or not end:
            raise SystemExit(f"{options.update} has no {BEGIN} ... {END}")
        options.update.write_text(f"{head}{BEGIN}\n{made}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
