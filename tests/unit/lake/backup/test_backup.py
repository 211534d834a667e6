"""A backup has everything, is small the second time, and a restore is the original."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from lake import payloads
from lake.backup import parts
from lake.build import running
from lake.errors import LakeError
from tests.unit.lake.backup import made
from tests.unit.lake.made import facts


def test_what_is_restored_is_what_was_there(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    taken = here.take()
    there, restored = here.restore(tmp_path / "there")
    assert facts(there) == facts(here.lake)
    assert len(facts(there)) == 6
    assert there.site_id() == "tests"
    assert made.rows(there.root / "portal/portal.sqlite") == 10
    assert made.rows(there.root / "uplink.sqlite") == 3
    assert (tmp_path / "there/site/site.yaml").read_text("utf-8") == "id: tests\n"
    assert restored.files == len(taken.backup.files) >= 15
    assert restored.missing_keys == ()
    assert not (there.root / "restoring.json").exists()


def test_a_second_backup_copies_what_is_new(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    first = here.take()
    again = here.take()
    assert (again.new_files, again.backup.files) == (0, first.backup.files)
    made.land(here.lake, 9)
    made.write(here.homes[parts.PORTAL] / "portal.sqlite", 1)
    third = here.take()
    names = {file.name for file in third.backup.files} - {file.name for file in first.backup.files}
    assert third.new_files == len(names) + 1  # and the register
    assert 3 <= len(names) <= 6
    there, _ = here.restore(tmp_path / "there")
    assert len(facts(there)) == 8
    assert made.rows(there.root / "portal/portal.sqlite") == 11


def test_an_earlier_backup_is_the_lake_of_its_time(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    first = here.take()
    made.land(here.lake, 9)
    here.take()
    there, restored = here.restore(tmp_path / "there", at=first.backup.taken_at)
    assert len(facts(there)) == 6
    assert restored.backup == first.backup


def test_keys_are_kept_apart(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    taken = here.take()
    assert {key.name for key in taken.backup.keys} == {"lake/keys/evidence.pem", "dashboards/secrets.json"}
    assert not [file for file in taken.backup.files if file.name.endswith((".pem", "secrets.json"))]
    held = {path.read_bytes() for path in here.repository.folder.rglob("*") if path.is_file()}
    assert not [content for content in held if b"PRIVATE KEY" in content]
    assert {path.stat().st_mode & 0o777 for path in here.keys.rglob("*") if path.is_file()} == {0o600}
    (here.keys / "lake/keys/evidence.pem").unlink()
    there, restored = here.restore(tmp_path / "there")
    assert restored.missing_keys == ("lake/keys/evidence.pem",)
    assert (there.root / "superset/secrets.json").exists()


def test_a_key_that_is_another_one_is_refused(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    here.take()
    (here.keys / "lake/keys/evidence.pem").write_text("-----BEGIN PRIVATE KEY-----\nother", "utf-8")
    with pytest.raises(LakeError, match=r"evidence\.pem: .* is not what was kept"):
        here.restore(tmp_path / "there")


def test_batches_that_arrive_meanwhile_are_whole_or_absent(tmp_path: Path) -> None:
    here = made.place(tmp_path, batches=1)
    stop = threading.Event()

    def arrive() -> None:
        number = 1
        while not stop.is_set():
            made.land(here.lake, number)
            made.write(here.homes[parts.PORTAL] / "portal.sqlite", 1)
            number += 1

    thread = threading.Thread(target=arrive)
    thread.start()
    try:
        for _ in range(3):
            here.take()
    finally:
        stop.set()
        thread.join()
    for number, at in enumerate(here.repository.instants()):
        there, _ = here.restore(tmp_path / f"there{number}", at=at)
        known = there.delta("raw", "meter__batch").to_pyarrow_table().to_pylist()
        read = there.delta("raw", "meter__reading").to_pyarrow_table().to_pylist()
        assert {row["batch_id"] for row in known} <= {row["batch_id"] for row in read}
        assert all(payloads.find(there.area("payloads"), row["batch_id"]).exists() for row in read)
        made.rows(there.root / "portal/portal.sqlite")


def test_a_register_with_an_open_writer_is_copied_as_committed(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    with closing(sqlite3.connect(here.homes[parts.PORTAL] / "portal.sqlite")) as writer:
        writer.execute("insert into kept values (1)")  # not committed
        here.take()
        writer.commit()
    there, _ = here.restore(tmp_path / "there")
    assert made.rows(there.root / "portal/portal.sqlite") == 10


def test_where_a_run_is_at_work_nothing_is_copied(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    with running(here.lake), pytest.raises(LakeError, match="another process is writing it"):
        here.take()
    assert here.repository.instants() == []


def test_a_backup_inside_the_lake_is_refused(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    inside = made.Place(here.lake, here.homes, made.Repository(here.lake.root / "kept"), here.keys)
    with pytest.raises(LakeError, match="lost with it"):
        inside.take()


def test_a_place_without_a_lake_is_refused(tmp_path: Path) -> None:
    nothing = made.Place(
        made.Lake(str(tmp_path / "no")), made.homes(tmp_path), made.Repository(tmp_path / "k"), tmp_path
    )
    with pytest.raises(LakeError, match="no lake to back up"):
        nothing.take()
