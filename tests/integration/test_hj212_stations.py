"""Stations that connect to the collector and send what real stations have sent; no independent peer is to be had."""

import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion import collector, health, hj212
from ingestion.sources.hj212 import Hj212
from lake.errors import SourceShapeError
from lake.site.check import check_site
from lake.site.load import Site
from lake.store import Lake
from tests.integration import live_site, peers
from tests.integration.test_collector import running
from tests.integration.until import eventually, rows
from tests.unit.ingestion.made import context, points_table, site

pytestmark = pytest.mark.integration
FILE = Path(__file__).resolve().parents[1] / "fixtures/telegrams/hj212.txt"
PUBLISHED = [line.split("\t")[1].encode() + b"\r\n" for line in FILE.read_text("utf-8").splitlines() if "\t" in line]
STACK, WATER, SPLIT, OLD = "81733553216103", "000101", "88888880000137", "81733553216204"
POINTS = {
    "flow_m3": f"{STACK}/2061/a00000-Cou",
    "flow_now": f"{STACK}/2011/a00000-Rtd",
    "cod_now": f"{WATER}/2011/w01018-Rtd",
    "ph_now": f"{WATER}/2011/w01001-Rtd",
    "o2_minute": f"{SPLIT}/2051/a19001-Avg",
    "late": f"{SPLIT}/2051/a01011-Avg",
    "old": f"{OLD}/2011/011-Rtd",
}


class Station:
    """A data logger: sends, and reads answers."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", port), 60, (address, 0))
                break
            except OSError:
                assert time.monotonic() < deadline, "nobody listens"
                time.sleep(0.05)
        self._framer = hj212.Framer(lambda station: frozenset())

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self._socket.sendall(part)

    def answers(self, count: int) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        while len(found) < count:
            chunk = self._socket.recv(4096)
            assert chunk, "the platform hung up"
            found += [given.fields for given in self._framer.feed(chunk) if isinstance(given, hj212.Telegram)]
        return found

    @property
    def was_answered(self) -> bool:
        """Whether an answer lies ready."""
        return bool(select.select([self._socket], [], [], 0)[0])

    @property
    def is_turned_away(self) -> bool:
        """Whether the platform hangs up before a word; waits for it."""
        try:
            return self._socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self._socket.close()


@contextmanager
def station(port: int, address: str = "127.0.0.1") -> Iterator[Station]:
    found = Station(port, address)
    try:
        yield found
    finally:
        found.close()


def _site(folder: Path, port: int, **more: Any) -> Site:
    source = {
        "kind": "hj212",
        "listen": f"tcp://127.0.0.1:{port}",
        "timezone": "Asia/Shanghai",
        "minute_interval": 10,
        "batch_seconds": 0.2,
        **more,
    }
    addresses: dict[str, str | None] = dict(POINTS)
    return site(folder, {"meter": source}, points_table(addresses))


def _readings(lake: Lake) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (row["point_id"], row["reading_at"].isoformat()): (f"{row['value'].normalize():f}", row["status"])
        for row in rows(lake, "raw")
    }


def _telegram(text: str, station_name: str = SPLIT) -> bytes:
    return hj212.frame(f"QN=20180303104513001;ST=31;CN=2051;PW=123456;MN={station_name};{text}".encode())


def test_published_telegrams_land_once_are_acknowledged_and_refused_ones_are_not(tmp_path: Path) -> None:
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    deviations = {OLD: {"deviations": ["version_2005"]}}
    with (
        running(lake, _site(tmp_path, port, stations=deviations)) as live,
        station(port) as stack,
        station(port) as water,
    ):
        stream = b"".join(PUBLISHED)
        for start in range(0, len(stream), 777):
            stack.send(stream[start : start + 777])
        eventually(lambda: bool(live.lake.batches("meter").num_rows) and len(_readings(lake)) == len(POINTS))
        cod = next(text for text in PUBLISHED if b"MN=000101" in text)
        water.send(cod, cod)
        answers = water.answers(2)
        collected = live.end()["meter"]
    assert [(answer["QN"], answer["CN"], answer["MN"]) for answer in answers] == [
        ("20240123123205877", "9014", WATER)
    ] * 2
    assert _readings(lake) == {
        ("flow_m3", "2024-01-22T10:00:00+00:00"): ("19191.973", "good"),  # the hour of 17:00 ends at 18:00 in Shanghai
        ("flow_now", "2024-01-22T00:16:00+00:00"): ("5.407", "good"),
        ("cod_now", "2024-01-23T03:03:06+00:00"): ("4653.8", "good"),  # sampled an hour and a half before DataTime
        ("ph_now", "2024-01-23T04:32:00+00:00"): ("7.17", "good"),
        ("o2_minute", "2018-03-03T02:22:00+00:00"): ("0", "bad_fault"),
        ("late", "2018-03-03T02:22:00+00:00"): ("0", "bad_fault"),
        ("old", "2024-01-23T05:15:00+00:00"): ("32.439", "good"),
    }
    assert collected.rows_repeated == 4
    refused = [row["reason"] for row in rows(lake, "quarantine")]
    assert sum("Annex A gives" in reason for reason in refused) == 2
    assert sum("bytes and has" in reason for reason in refused) == 2
    assert sum("crc_lower_case" in reason for reason in refused) == 1
    assert any("no point of the source has an address of station" in reason for reason in refused)
    assert collected.rows_refused == len(refused)
    payload = "".join(lake.payload(batch).read_text("utf-8") for batch in _batches(lake))
    kept = [json.loads(line) for line in payload.splitlines()]
    assert b"".join(line["telegram"].encode() for line in kept) == stream + cod + cod
    assert [line["deviations"] for line in kept if "deviations" in line] == [["version_2005"]]


def _batches(lake: Lake) -> list[str]:
    rows = lake.batches("meter").to_pylist()
    return [row["batch_id"] for row in sorted(rows, key=lambda row: row["received_at"])]


def test_split_packets_flags_and_times(tmp_path: Path) -> None:
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    flag = "Flag=7;PNUM=2;PNO={};CP=&&"
    with running(lake, _site(tmp_path, port)) as live, station(port) as stack:
        for letter, minute in zip("NFMSDCTB", range(0, 80, 10), strict=True):
            at = datetime(2026, 1, 1, minute // 60, minute % 60).strftime("%Y%m%d%H%M%S")  # noqa: DTZ001 - wall clock
            stack.send(_telegram(f"Flag=5;CP=&&DataTime={at};a19001-Avg=1.5,a19001-Flag={letter}&&"))
        stack.send(_telegram(flag.format(1) + "DataTime=20260102000000;a19001-Avg=2,a19001-Flag=N&&"))
        stack.send(_telegram(flag.format(2) + "a01011-Avg=3,a01011-Flag=N&&"))
        answers = stack.answers(10)
        stack.send(_telegram("Flag=4;CP=&&DataTime=20260103000000;a19001-Avg=4,a19001-Flag=X&&"))
        stack.send(_telegram("Flag=4;CP=&&DataTime=2026013;a19001-Avg=4,a19001-Flag=N&&"))
        stack.send(_telegram("Flag=4;CP=&&a19001-Avg=4,a19001-Flag=N&&"))
        stack.send(_telegram("Flag=4;CP=&&DataTime=20260104000000;a19001-Avg=--,a19001-Flag=N&&"))
        stack.send(_telegram("Flag=4;CP=&&DataTime=20990104000000;a19001-Avg=1,a19001-Flag=N&&"))
        eventually(lambda: len(rows(lake, "quarantine")) == 5)
        collected = live.end()["meter"]
    assert len(answers) == 10
    statuses = [status for (point, _), (_, status) in sorted(_readings(lake).items()) if point == "o2_minute"]
    assert statuses == [*hj212.FLAGS.values(), "good"]
    assert _readings(lake)[("late", "2026-01-01T16:10:00+00:00")] == ("3", "good")
    assert dict(collected.reasons) == {"bad_value": 2, "bad_time": 2, "future_time": 1}


def test_a_wrong_password_a_stranger_and_noise_are_not_acknowledged(tmp_path: Path) -> None:
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    with running(lake, _site(tmp_path, port, stations={SPLIT: {"password": "654321"}})) as live, station(port) as stack:
        text = "Flag=5;CP=&&DataTime=20260101000000;{}-Avg=2,a19001-Flag=N&&"
        stack.send(_telegram(text.format("a19001")), _telegram(text.format("a19001"), "NOBODY"), b"\x00\xff" * 3000)
        own = next(published for published in PUBLISHED if b"MN=000101" in published)
        stack.send(own)
        assert [answer["MN"] for answer in stack.answers(1)] == [WATER]
        collected = live.end()["meter"]
    assert dict(collected.reasons)["unknown_point"] == 1
    reasons = [row["reason"] for row in rows(lake, "quarantine")]
    assert any("the password is not the one in sources.yaml" in reason for reason in reasons)
    assert any("bytes that belong to no telegram" in reason for reason in reasons)
    assert "from station" in (collected.away or "")


def test_only_listed_addresses_connect_and_a_station_sends_from_its_own(tmp_path: Path) -> None:
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    listed = {"allow": ["127.0.0.2", "127.0.1.0/24"], "stations": {SPLIT: {"allow": ["127.0.1.0/24"]}}}
    text = "Flag=5;CP=&&DataTime=20260101000000;a19001-Avg=2,a19001-Flag=N&&"
    with running(lake, _site(tmp_path, port, **listed)) as live:
        with station(port) as stranger:
            assert stranger.is_turned_away
        with station(port, "127.0.0.2") as known, station(port, "127.0.1.9") as own:
            known.send(_telegram(text), next(published for published in PUBLISHED if b"MN=000101" in published))
            assert [answer["MN"] for answer in known.answers(1)] == [WATER]
            own.send(_telegram(text))
            assert [answer["MN"] for answer in own.answers(1)] == [SPLIT]
        collected = live.end()["meter"]
    reasons = " | ".join(row["reason"] for row in rows(lake, "quarantine"))
    assert "127.0.0.1 is not in `allow`" in reasons
    assert f"station {SPLIT} may not send from this address" in reasons
    assert dict(collected.reasons)["protocol_error"] == 2


def test_nothing_is_acknowledged_while_the_lake_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "_NOTE_EVERY", 0.1)
    monkeypatch.setattr(collector, "_WRITE_AGAIN", (0.1, 0.2))
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    lake.root.mkdir()
    (lake.root / "payloads").write_text("no folder, so that nothing can be kept in it")
    text = "Flag=5;CP=&&DataTime=20260101000000;a19001-Avg=2,a19001-Flag=N&&"
    with running(lake, _site(tmp_path, port)) as live, station(port) as stack:
        stack.send(_telegram(text))
        eventually(lambda: [one["state"] for one in health.read(lake.root).get("sources", ())] == ["held_up"])
        assert not stack.was_answered
        (lake.root / "payloads").unlink()
        assert [answer["MN"] for answer in stack.answers(1)] == [SPLIT]
        assert live.end()["meter"].rows_landed == 1
    (noted,) = health.read(lake.root)["sources"]
    assert (noted["landed_count"], noted["unkept_count"], noted["clock_device"]) == (1, 0, SPLIT)
    assert noted["clock_offset_s"] < -60


def test_a_list_that_names_no_address_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceShapeError, match="source meter: allow 'plant' is no address"):
        Hj212(context(tmp_path, {"listen": "tcp://127.0.0.1:1", "minute_interval": 10, "allow": ["plant"]}, {}))


def test_a_site_folder_names_the_faults_of_a_station(tmp_path: Path) -> None:
    folder = live_site.write(tmp_path / "site", 1883, 502)
    with (folder / "sources.yaml").open("a", encoding="utf-8") as file:
        file.write(
            """  stacks:
    kind: hj212
    listen: tcp://0.0.0.0:9212
    timezone: Asia/Shanghai
    minute_interval: 10
    stations:
      010000A8900016F000169DC0: {pasword: a, deviations: [crc_modbos]}
"""
        )
    with (folder / "points.csv").open("a", encoding="utf-8") as file:
        file.write("so2,m,concentration,state,mg/m3,,stacks,010000A8900016F000169DC0/a21026\n")
    faults = [str(fault) for fault in check_site(folder, {})]
    assert any(
        "stations.010000A8900016F000169DC0.pasword: is unknown (did you mean password?)" in fault for fault in faults
    )
    assert any("deviations.0: 'crc_modbos' is unknown (did you mean crc_modbus?)" in fault for fault in faults)
    assert any("is no HJ 212 address" in fault for fault in faults)
