"""Progress on a terminal's stderr; elsewhere none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from server.plain import one_line
from tools.toolbox import Progress, silent

MESSAGE_WIDTH = 60


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A ``Progress`` that draws a bar while the block runs, if a person is watching stderr."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    columns = (BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1, note="starting")

        async def show(done: float, total: float, message: str) -> None:
            note = Text(one_line(message, MESSAGE_WIDTH)).markup
            bar.update(task, completed=done, total=total or max(done, 1), note=note)

        yield show
