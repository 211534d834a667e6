"""A full disk is one sentence, whatever library met it first."""

from pathlib import Path
from typing import NamedTuple

import pytest

from lake import room


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("said", "free", "is_told"),
    [
        ("(sqlite3.OperationalError) disk I/O error", 50_000_000, True),
        ("database or disk is full", 50_000_000, True),
        ("Generic LocalFileSystem error: No space left on device (os error 28)", 50_000_000, True),
        ("something else", 4096, True),
        ("something else", 50_000_000, False),
    ],
)
def test_a_full_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, free: int, is_told: bool
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: _Usage(10**9, 10**9 - free, free))
    told = room.explained(str(tmp_path), said)
    assert (told is not None) == is_told
    assert told is None or "make room and run again" in str(told)
    assert room.explained(str(tmp_path / "none"), said) is None
