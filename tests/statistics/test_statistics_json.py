"""Our JSON of statistics: what is written is read again, and what is odd is named."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.formats.statistics.array_literal import ArrayError, elements, literal
from knowledge.formats.statistics.error import StatisticsError
from knowledge.formats.statistics.export_json import MAX_BYTES, read_export, write_export
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, ExtendedStatistics, RelationStatistics

NAMES = st.text(string.ascii_letters + "ü _-.\"'", min_size=1, max_size=20)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
SHARES = st.floats(0, 1, width=32)


@st.composite
def columns(draw: st.DrawFn) -> ColumnStatistics:
    common = draw(st.lists(VALUES, max_size=4))
    bounds = draw(st.lists(VALUES, max_size=4))
    return ColumnStatistics(
        name=draw(NAMES),
        null_frac=draw(SHARES),
        avg_width=draw(st.integers(0, 9000)),
        n_distinct=draw(st.floats(-1, 1e9, width=32)),
        most_common_vals=literal(common) if common else "",
        most_common_freqs=tuple(draw(SHARES) for _ in common),
        histogram_bounds=literal(bounds) if bounds else "",
        correlation=draw(st.none() | st.floats(-1, 1, width=32)),
        inherited=draw(st.booleans()),
    )


RELATIONS = st.builds(
    RelationStatistics,
    schema=NAMES,
    name=NAMES,
    kind=st.sampled_from("rmipI"),
    pages=st.integers(0, 2**32),
    tuples=st.floats(0, 2.0**50, width=32),
    relpages=st.integers(0, 2**31),
    all_visible=st.integers(0, 2**31),
    table=NAMES,
    height=st.integers(0, 5),
    columns=st.lists(columns(), max_size=3).map(tuple),
)
EXTENDED = st.builds(
    ExtendedStatistics,
    schema=NAMES,
    name=NAMES,
    inherited=st.booleans(),
    ndistinct=st.binary(max_size=9).map(bytes.hex),
)
DATABASES = st.builds(
    DatabaseStatistics,
    relations=st.lists(RELATIONS, max_size=3).map(tuple),
    extended=st.lists(EXTENDED, max_size=2).map(tuple),
    settings=st.dictionaries(NAMES, VALUES, max_size=3),
    version=st.integers(10, 30),
    origin=st.just("exported"),
    redacted=st.booleans(),
    notes=st.lists(NAMES, max_size=3).map(tuple),
)


@given(DATABASES)
def test_what_was_written_is_read_again(statistics: DatabaseStatistics) -> None:
    assert read_export(write_export(statistics)) == statistics


@given(st.lists(VALUES, max_size=6))
def test_an_array_literal_gives_its_elements_back(values: list[str]) -> None:
    assert list(elements(literal(values))) == values


@given(st.text(max_size=30) | st.text('{}",\\ aN', max_size=12))
def test_any_text_is_an_array_literal_or_refused(text: str) -> None:
    try:
        found = elements(text)
    except ArrayError:
        return
    assert elements(literal(found)) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_a_hostile_document_gives_statistics_of_sound_numbers_or_an_error(data: st.DataObject) -> None:
    statistics = data.draw(DATABASES)
    document = json.loads(write_export(statistics))
    for _ in range(data.draw(st.integers(1, 4))):
        _spoil(document, data)
    try:
        found = read_export(json.dumps(document))
    except StatisticsError:
        return
    for relation in found.relations:
        assert relation.pages >= 0 and relation.tuples >= -1 and relation.height >= -1
        for column in relation.columns:
            assert 0 <= column.null_frac <= 1 and column.n_distinct >= -1 and column.avg_width >= 0
            assert len(elements(column.most_common_vals or "{}")) == len(column.most_common_freqs)
    assert read_export(write_export(found)).relations == found.relations


def _spoil(value: Any, data: st.DataObject) -> None:
    """Replace something somewhere in a JSON value by anything."""
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(value[key], dict | list) or not value[key] or data.draw(st.booleans()):
            value[key] = data.draw(JSON)
            return
        value = value[key]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[]", "not the export"),
        ('{"format": "planner statistics", "format_version": 9}', "version 1"),
        ('{"format": "planner statistics", "format_version": 1, "block_size": 16384}', "16384"),
        ('{"format": "planner statistics", "format_version": 1, "relations": NaN}', "NaN"),
        ("[" * 200_000, "no JSON"),
        (" " * (MAX_BYTES + 1), "64 MB"),
    ],
)
def test_what_is_no_export_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(StatisticsError, match=words):
        read_export(text)


def test_what_cannot_be_read_is_named_and_the_rest_is_kept() -> None:
    good = {"schema": "public", "name": "a", "kind": "r", "pages": 3, "tuples": 9}
    document = {
        "format": "planner statistics",
        "format_version": 1,
        "relations": [
            good | {"columns": [{"name": "x", "most_common_vals": "{a,b}", "most_common_freqs": [0.5]}, {"name": ""}]},
            {"schema": "public", "name": "b", "kind": "r", "pages": -3, "tuples": 9},
            good | {"name": "c", "columns": [{"name": "y", "null_frac": 7}, {"name": "z", "histogram_bounds": "{,}"}]},
            7,
        ],
    }
    found = read_export(json.dumps(document))
    assert [each.name for each in found.relations] == ["a", "c"]
    assert found.notes == (
        'public.a.x: "most_common_vals" and "most_common_freqs" do not fit each other and were left out',
        "public.a: a column has no name and was left out",
        "public.b has no usable kind, pages or tuples and was left out",
        'public.c.y: "null_frac" is out of range; the column was left out',
        'public.c.z: "histogram_bounds" is no array literal (element 1 cannot be read) and was left out',
        "relation 4 has no schema and name and was left out",
    )
