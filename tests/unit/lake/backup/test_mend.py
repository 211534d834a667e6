"""Files of a living lake that cannot be read come back from the backup; whatever can be read stays."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lake import damage
from lake.backup.mend import mend
from lake.errors import LakeError
from tests.unit.lake.backup import made
from tests.unit.lake.made import facts


def _shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _noise(path: Path) -> None:
    path.write_bytes(b"\x07" * path.stat().st_size)


@pytest.mark.parametrize("spoil", [_shorter, _noise, Path.unlink])
def test_every_file_of_a_table_comes_back(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    here = made.place(tmp_path)
    here.take()
    whole, root = facts(here.lake), here.lake.root
    tables = sorted(root.glob("raw/*"))
    files = [path for table in tables for path in (*table.rglob("*.parquet"), table / "_delta_log" / f"{0:020d}.json")]
    files.append(root / "lake.json")
    assert len(files) >= 4
    for path in files:
        spoil(path)
    done = mend(here.repository, here.lake)
    assert set(done.put_back) == set(files)
    assert done.lost == ()
    assert facts(here.lake) == whole
    assert mend(here.repository, here.lake).put_back == ()


def test_what_no_backup_has_is_told(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    here.take()
    before = set(here.lake.root.rglob("*.parquet"))
    made.land(here.lake, 9)
    path = min(set((here.lake.root / "raw").rglob("*.parquet")) - before)
    _noise(path)
    done = mend(here.repository, here.lake)
    assert done.put_back == ()
    [told] = done.lost
    assert told.startswith(str(path))
    assert [one.path for one in damage.look(here.lake)] == [path]


def test_a_damaged_backup_mends_nothing(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    here.take()
    path = min((here.lake.root / "raw").rglob("*.parquet"))
    _noise(path)
    for kept in (here.repository.folder / "objects").glob("??/*"):
        kept.chmod(0o644)
        kept.write_bytes(b"")
    with pytest.raises(LakeError, match="not what was kept"):
        mend(here.repository, here.lake)
