"""From the request to the report: design, write, prove, tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.design.formats import written
from backend.design.proof import prove
from backend.exercise.subject import Budget
from knowledge.design.feature import Design
from knowledge.design.scale import table_sizes
from knowledge.formats.statistics.row_counts import row_counts
from knowledge.report import Report
from tools.design_endpoint.given import design_of
from tools.design_endpoint.report import report_of
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.design_endpoint import DesignEndpointRequest

CASES = 500
SECONDS = 20.0
SEED = 1


async def answer(request: DesignEndpointRequest, toolbox: Toolbox) -> Report:
    """The designed endpoint with what running it has shown."""
    design = await design_of(request, toolbox)
    sizes = _sizes(design, request.rows)
    files = written(design.blueprint, request.formats)
    proof = await prove(
        design,
        toolbox.postgres,
        sizes=sizes,
        now=toolbox.clock(),
        seed=SEED,
        budget=Budget(cases=CASES, seconds=SECONDS),
        progress=toolbox.progress,
    )
    return report_of(design, proof, files, sizes, declared=bool(request.rows))


def _sizes(design: Design, rows: Sequence[str]) -> dict[str, int]:
    """Rows by table: those that are said, the others assumed.

    Raises:
        StatisticsError: one of them is no size.
        ToolError: there is no such table in the design.
    """
    assumed = table_sizes(design.blueprint)
    said = {name.removeprefix("public."): size for name, size in row_counts(rows).items()}
    if unknown := said.keys() - assumed.keys():
        raise ToolError(f"rows: the design has no table {min(unknown)!r}; it has {', '.join(sorted(assumed))}")
    return assumed | said
