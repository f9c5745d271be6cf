"""Text notation: what the lines of a plan say, under the names of JSON."""

from __future__ import annotations

from knowledge.formats.explain import read

SCAN = """\
Seq Scan on o  (cost=0.00..309.00 rows=20000 width=4) (actual time=0.009..1.197 rows=20000 loops=1)
  Filter: (c > 1)
  Rows Removed by Filter: 7
"""


def test_a_scan_in_text_has_the_names_of_json() -> None:
    plan = read(SCAN)
    assert plan.problems == ()
    assert plan.root.kind == "Seq Scan"
    assert plan.root.properties["Filter"] == "(c > 1)"
    assert plan.root.properties["Rows Removed by Filter"] == 7
    assert plan.root.properties["Alias"] == "o"
    assert plan.root.line == 1
