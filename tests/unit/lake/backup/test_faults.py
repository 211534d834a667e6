"""What was lost, changed or cut off is named, and what is there is never mixed with it."""

import json
from fnmatch import fnmatch
from pathlib import Path

import pytest

from lake.backup.repository import Repository
from lake.errors import LakeError
from tests.unit.lake.backup import made
from tests.unit.lake.made import facts


def _object(here: made.Place, name: str) -> Path:
    files = here.repository.at(None).files
    return here.repository.object(next(file.digest for file in files if fnmatch(file.name, f"*{name}")))


def _spoil(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_verify_names_each_file_that_is_not_what_it_was(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    files = here.take().backup.files
    assert here.repository.faults(files) == []
    _spoil(_object(here, "portal.sqlite"), b"other")
    _object(here, "site/site.yaml").unlink()
    faults = here.repository.faults(files)
    assert len(faults) == 2
    assert any(
        "registers/uplink" not in fault and "portal.sqlite: its content was changed" in fault for fault in faults
    )
    assert any("site/site.yaml: its content is missing" in fault for fault in faults)


def test_a_restore_refuses_a_changed_file_and_goes_on_when_it_is_whole_again(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    here.take()
    path = _object(here, "meter__reading/*.parquet")
    content = path.read_bytes()
    _spoil(path, content[:-1])
    with pytest.raises(LakeError, match="is not what was kept"):
        here.restore(tmp_path / "there")
    assert not (tmp_path / "there/lake/lake.json").exists(), "half a lake is none"
    _spoil(path, content)
    there, _ = here.restore(tmp_path / "there")
    assert facts(there) == facts(here.lake)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    here.take()
    _object(here, "meter__reading/*.parquet").unlink()
    with pytest.raises(LakeError, match=r"meter__reading/.* missing from the backup"):
        here.restore(tmp_path / "there")


@pytest.mark.parametrize("spoilt", ["{", '{"hash": "x"}', '{"hash": "x", "backup": {"layout": 1}}'])
def test_a_list_that_was_changed_is_refused(tmp_path: Path, spoilt: str) -> None:
    here = made.place(tmp_path)
    here.take().path.write_text(spoilt, "utf-8")
    with pytest.raises(LakeError, match=r"cannot be read|was changed"):
        here.restore(tmp_path / "there")


def test_one_digit_in_a_list_is_found(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    path = here.take().path
    told = json.loads(path.read_text("utf-8"))
    told["backup"]["files"][0]["size_bytes"] += 1
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(LakeError, match="was changed after it was written"):
        here.restore(tmp_path / "there")


def test_a_backup_that_was_cut_off_is_none_and_serves_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = made.place(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Repository, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            here.take()
    with pytest.raises(LakeError, match="there is no backup"):
        here.restore(tmp_path / "there")
    assert here.take().new_files > 0
    assert not list(here.repository.folder.rglob(".incoming-*"))


@pytest.mark.parametrize("place", ["lake/lake.json", "lake/raw/x", "lake/other.sqlite", "lake/portal/x", "site/y.csv"])
def test_nothing_is_restored_over_what_is_there(tmp_path: Path, place: str) -> None:
    here = made.place(tmp_path)
    here.take()
    there = tmp_path / "there" / place
    there.parent.mkdir(parents=True)
    there.write_text("mine", "utf-8")
    with pytest.raises(LakeError, match="is there already"):
        here.restore(tmp_path / "there")
    assert there.read_text("utf-8") == "mine"
