"""A folder that is in use stays, however long, while sweeps of other processes take what the dead left."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest

from backend.engines.postgres.account import server_account
from backend.engines.postgres.folders import PREFIX, held_folder, sweep

LATER = 3600.0


def test_a_held_folder_is_not_swept_and_one_that_nobody_holds_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = Path(tempfile.mkdtemp(prefix=PREFIX))
    with held_folder() as held:
        (held / "run.db").write_text("rows")
        assert sweep(server_account(), tmp_path, now=time.time() + LATER) == [left]
        assert (held / "run.db").read_text() == "rows"
    assert not held.exists()
