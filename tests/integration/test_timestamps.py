"""Heads that an authority outside has stamped, by OpenSSL's own: in a run, by hand, and what does not hold."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from assets import evidence
from lake.store import Lake
from pipelines.cli.main import status_of
from quality.evidence import chain, keys, sealing, timestamps, verification
from tests.integration import stamp_authority
from tests.integration.peers import program
from tests.unit.lake.made import batch

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stamp_authority.Desk]:
    with stamp_authority.opened(tmp_path_factory.mktemp("authority")) as found:
        yield found


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(str(tmp_path / "lake"))
    made.claim("works")
    made.land(batch([("p", 0, "1", None)], 1))
    return made


def _work(lake: Lake, address: str) -> SimpleNamespace:
    environment = {"NENGTAN_TIMESTAMP_URL": address}
    return SimpleNamespace(lake=lake, root=str(lake.root), environment=environment, as_of=None, findings=[])


def test_a_run_has_its_head_stamped_once(lake: Lake, desk: stamp_authority.Desk) -> None:
    work = _work(lake, desk.address)
    evidence.seal(work)
    evidence.seal(work)
    (stamp,) = timestamps.stamps(lake)
    verdict = verification.verify(lake, authority=desk.root)
    assert (work.findings, verdict.faults, verdict.timestamps) == ([], [], 1)
    (reply := desk.root.parent / "kept.tsr").write_bytes(stamp.reply)
    (question := desk.root.parent / "stamped").write_bytes(timestamps._stamped(chain.heads(lake)[-1]))
    checked = [
        program("openssl"),
        "ts",
        "-verify",
        "-in",
        str(reply),
        "-data",
        str(question),
        "-CAfile",
        str(desk.root),
    ]
    assert "Verification: OK" in subprocess.run(checked, capture_output=True, text=True, check=True).stdout


def test_an_authority_that_does_not_answer_keeps_no_run_from_going_on(lake: Lake, desk: stamp_authority.Desk) -> None:
    work = _work(lake, "http://127.0.0.1:1/")
    assert evidence.seal(work)["head"] == 1
    (finding,) = work.findings
    assert "gave no time stamp" in finding.message_en
    evidence.seal(later := _work(lake, desk.address))
    assert (later.findings, len(timestamps.stamps(lake))) == ([], 1)


def test_the_answer_to_another_question_is_not_taken(lake: Lake, desk: stamp_authority.Desk) -> None:
    evidence.seal(_work(lake, desk.address))
    lake.land(batch([("p", 15, "2", None)], 16))
    desk.is_stale = True
    work = _work(lake, desk.address)
    evidence.seal(work)
    desk.is_stale = False
    assert "answered another question" in work.findings[0].message_en


def test_a_stamp_is_carried_by_hand_where_there_is_no_way_out(
    lake: Lake, desk: stamp_authority.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealing.seal(lake, keys.opened(tmp_path / "key.pem"))
    asked, reply, here = tmp_path / "head.tsq", tmp_path / "head.tsr", ["--lake", str(lake.root)]
    assert status_of(["evidence", "stamp", "--request", str(asked), *here]) == 0
    answering = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", str(asked), "-out", str(reply)]
    subprocess.run([program("openssl"), *answering], cwd=desk.root.parent, check=True, capture_output=True)
    assert status_of(["evidence", "stamp", "--reply", str(reply), *here]) == 0
    assert "head 1 was there at" in capsys.readouterr().out
    assert status_of(["evidence", "head", *here]) == 0
    exported = capsys.readouterr().out
    assert "timestamp" in json.loads(exported)
    assert chain.imported(exported, "head.json").hash() == chain.heads(lake)[-1].hash()
    assert status_of(["evidence", "stamp", "--reply", str(asked), *here]) == 1
    assert "is not a time stamp of RFC 3161 that was granted" in capsys.readouterr().err
    assert status_of(["evidence", "stamp", *here]) == 2
    assert "no authority is known" in capsys.readouterr().err


def test_a_stamp_of_another_head_or_by_another_authority_is_named(
    lake: Lake, desk: stamp_authority.Desk, tmp_path: Path
) -> None:
    sealing.seal(lake, keys.opened(tmp_path / "key.pem"))
    timestamps.stamp(lake, chain.heads(lake)[-1], desk.address)
    (stamp,) = timestamps.stamps(lake)
    with stamp_authority.opened(tmp_path) as stranger:
        (fault,) = verification.verify(lake, authority=stranger.root).faults
    assert "its time stamp does not hold" in fault.said
    (tmp_path / "empty.pem").write_text("no certificate")
    (fault,) = verification.verify(lake, authority=tmp_path / "empty.pem").faults
    assert "holds no certificate in PEM" in fault.said
    lake.land(batch([("p", 15, "2", None)], 16))
    sealing.seal(lake, keys.opened(tmp_path / "key.pem"))
    heads = chain.heads(lake)
    moved = timestamps.Stamp(2, stamp.stamped_at, stamp.reply)
    (fault,) = timestamps.faults(heads, [moved], None)
    assert "its time stamp is about something else" in fault.said
