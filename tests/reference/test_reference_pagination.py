"""Cursors come back as they were given, and anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import create_engine, text

from backend.reference.errors import BadRequestError
from backend.reference.ids import uuid7
from backend.reference.pagination import Cursor, CursorText, containing, read_cursor

MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, st.uuids())
def test_a_cursor_comes_back_as_it_was_given(moment: datetime, row: UUID) -> None:
    encoded = Cursor(moment, row).encode()
    assert read_cursor(encoded) == Cursor(moment, row)
    assert TypeAdapter(CursorText).validate_python(encoded) == encoded


@given(st.text(max_size=200))
def test_whatever_else_is_handed_in_is_refused(text: str) -> None:
    with pytest.raises(BadRequestError):
        read_cursor(text)


@given(st.text(alphabet="ab%_\\", max_size=6), st.text(alphabet="ab%_\\", max_size=3))
def test_a_search_takes_wildcards_for_what_they_are(value: str, part: str) -> None:
    with create_engine("sqlite://").connect() as connection:
        found = connection.execute(
            text("select :value like :pattern escape '\\'"), {"value": value, "pattern": containing(part)}
        ).scalar_one()
    assert bool(found) == (part in value)


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [uuid7() for _ in range(1000)]
    assert {row.version for row in made} == {7}
    assert {row.variant for row in made} == {"specified in RFC 4122"}
    milliseconds = [row.int >> 80 for row in made]
    assert milliseconds == sorted(milliseconds)
    assert len(set(made)) == 1000
