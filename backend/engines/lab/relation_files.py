"""The files of a lab's relations: the planner takes a relation's size from their length.

A file is lengthened without writing (it stays sparse), in segments of 1 GiB as PostgreSQL reads them
(src/backend/storage/smgr/md.c). The running server sees a longer file at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from backend.engines.lab.error import LabError
from knowledge.statistics import BLOCK_SIZE

SEGMENT_PAGES = 131_072
"""RELSEG_SIZE: pages of one file of a relation."""
MOST_SEGMENTS = 8_192
"""Files one lab may have: 8 TiB. They cost no room but a directory entry each."""


def check_room(pages: Iterable[int]) -> None:
    """See that relations of these lengths do not need too many files.

    Raises:
        LabError: they do.
    """
    if sum(length // SEGMENT_PAGES for length in pages) > MOST_SEGMENTS:
        raise LabError(0, f"the relations are larger than a lab can show ({MOST_SEGMENTS >> 10} TiB in all)")


class RelationFiles:
    """Files below one data directory, by the path ``pg_relation_filepath`` gives.

    Args:
        data: the server's data directory; new files belong to its owner.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        owner = data.stat()
        self._owner = (owner.st_uid, owner.st_gid)

    def lengthen(self, path: str, pages: int) -> None:
        """Make the relation at least ``pages`` long.

        Raises:
            LabError: the lab would need too many files.
        """
        check_room([pages])
        whole, rest = divmod(pages, SEGMENT_PAGES)
        lengths = [SEGMENT_PAGES] * whole + ([rest] if rest else [])
        for number, length in enumerate(lengths):
            self._lengthen(self._segment(path, number), length * BLOCK_SIZE)

    def empty(self, path: str) -> None:
        """Cut the relation to no pages; segments beyond the first stay as files without content."""
        number = 0
        while (file := self._segment(path, number)).exists():
            os.truncate(file, 0)
            number += 1

    def pages(self, path: str) -> int:
        """The length of the relation."""
        total = number = 0
        while (file := self._segment(path, number)).exists() and (length := file.stat().st_size):
            total += length // BLOCK_SIZE
            number += 1
        return total

    def first_page(self, path: str) -> bytes:
        """The first page on disk, ``b""`` where there is none."""
        with self._segment(path, 0).open("rb") as file:
            return file.read(BLOCK_SIZE)

    def overwrite(self, path: str, content: bytes) -> None:
        """Write over the first pages."""
        with self._segment(path, 0).open("r+b") as file:
            file.write(content)

    @contextmanager
    def emptied(self, lengths: Mapping[str, int]) -> Iterator[None]:
        """Relations (lengths in pages by path) without pages for the length of the block, whatever ends it."""
        try:
            for path in lengths:
                self.empty(path)
            yield
        finally:
            for path, pages in lengths.items():
                self.lengthen(path, pages)

    def _segment(self, path: str, number: int) -> Path:
        return self._data / (f"{path}.{number}" if number else path)

    def _lengthen(self, file: Path, length: int) -> None:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            status = os.fstat(descriptor)
            if (status.st_uid, status.st_gid) != self._owner:
                os.fchown(descriptor, *self._owner)
            if status.st_size < length:
                os.ftruncate(descriptor, length)
        finally:
            os.close(descriptor)
