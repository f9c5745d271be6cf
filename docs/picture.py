"""Draw the picture of the demo for the README, from a real run of it.

python -m docs.picture      (make picture)
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

import backend_architect  # noqa: F401  (claims the import path)
from knowledge.report import Report
from server.cli.demo import copy_example, rehearsed, statement_at, without_overview
from server.render.terminal import print_report

PICTURE = Path(__file__).with_name("demo.svg")
COLUMNS = 104
SHOWN = ("foreign-key-validates-now", "volatile-default-rewrites-table", "down-does-not-restore")
"""Rules whose first finding is in the picture; the whole output is several screens long."""
THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34),
     (88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)],
    [(110, 118, 129), (255, 161, 152), (86, 211, 100), (227, 179, 65),
     (121, 192, 255), (210, 168, 255), (86, 212, 221), (240, 246, 252)],
)  # fmt: skip
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    """Rehearse the example and write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = copy_example(Path(folder))
        report = rehearsed(workspace)
        shown = excerpt(report)
        hidden = len(report.findings) - len(shown.findings)
        PICTURE.write_text(drawn(shown, workspace, hidden), encoding="utf-8")


def excerpt(report: Report) -> Report:
    """``report`` with the first finding of each rule in the picture, and without its assumptions."""
    chosen = [next(finding for finding in report.findings if finding.rule == rule) for rule in SHOWN]
    return without_overview(report).model_copy(update={"findings": chosen, "assumptions": [], "not_tested": []})


def drawn(report: Report, workspace: Path, hidden: int) -> str:
    """``report`` as an SVG of a terminal; ``hidden`` findings are only counted."""
    console = Console(
        record=True, width=COLUMNS, highlight=False, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print("$ backend-architect demo", style="bold")
    print_report(console, report, source=lambda location: statement_at(workspace, location))
    console.print(Text(f"\n... and {hidden} more findings, each with its evidence\n", style="dim"))
    return console.export_svg(title="", theme=THEME, code_format=SVG, unique_id="demo")


if __name__ == "__main__":
    main()
