"""Figures on their way to a platform that fails, delays, hangs up and loses its answers."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from assets import publish, uplinks
from assets.work import Work
from exchange import uplink
from exchange.outbox import Outbox
from lake.engine import Engine
from lake.site.load import UplinkSpec
from tests.integration import peers, receiver
from tests.integration.until import eventually

pytestmark = pytest.mark.integration
TEMPLATE = {"unit": "{unit}", "id": "{idempotency_key}", "values": [{"$each": {"code": "{code}", "value": "{value}"}}]}


def _spec(port: int, **more: Any) -> UplinkSpec:
    quick = {"timeout_seconds": 60, "first_retry_seconds": 0.001, "most_retry_seconds": 0.01}
    accepted = {"accepted": {"path": "$.code", "values": [0]}, "token": "hidden"}
    messages = {"month": {"query": "figures", "key": ["unit"], "template": TEMPLATE}}
    return UplinkSpec(
        "province", {"url": f"http://127.0.0.1:{port}/in", "messages": messages, **quick, **accepted, **more}
    )


def _figures(count: int, first: str = "1.250000") -> list[Mapping[str, Any]]:
    rows = [(f"u{unit:03d}", code, Decimal(unit)) for unit in range(count) for code in ("a", "b")]
    changed = {"unit": "u000", "code": "a", "value": Decimal(first)}
    return [changed, *({"unit": unit, "code": code, "value": value} for unit, code, value in rows[1:])]


def _queue(outbox: Outbox, spec: UplinkSpec, rows: Sequence[Mapping[str, Any]]) -> int:
    return uplink.queue(outbox, spec, lambda query: rows)


def _send(outbox: Outbox, spec: UplinkSpec) -> uplink.Sent:
    with uplink.client_of(spec) as client:
        return uplink.send(outbox, spec, client)


def _send_until_empty(outbox: Outbox, spec: UplinkSpec) -> None:
    with uplink.client_of(spec) as client:

        def is_empty() -> bool:
            uplink.send(outbox, spec, client)
            return outbox.next_at(spec.id) is None

        eventually(is_empty)


def test_nothing_is_lost_and_repetitions_are_known_by_their_key(tmp_path: Path) -> None:
    file = tmp_path / "uplink.sqlite"
    with receiver.receiving() as platform:
        spec = _spec(platform.port)
        with closing(Outbox(file)) as outbox:
            assert _queue(outbox, spec, _figures(12)) == 12
            _send(outbox, spec)
        with closing(Outbox(file)) as outbox:  # as after a crash: the file is all there is
            assert _queue(outbox, spec, _figures(12)) == 0
            _send_until_empty(outbox, spec)
            assert len(platform.kept) == 12
            assert _queue(outbox, spec, _figures(12, "2.500000")) == 1
            _send_until_empty(outbox, spec)
            standing = outbox.standing("province")
    assert (len(platform.kept), platform.differing) == (13, 0)
    assert platform.repetitions > 0
    assert platform.faults > 10
    assert platform.authorizations == {"Bearer hidden"}
    assert standing.counts == {"acknowledged": 13}
    assert all(key == told["id"] for key, told in platform.kept.items())
    assert [told["values"] for told in platform.kept.values() if told["unit"] == "u000"] == [
        [{"code": "a", "value": 1.25}, {"code": "b", "value": 0}],
        [{"code": "a", "value": 2.5}, {"code": "b", "value": 0}],
    ]
    with closing(sqlite3.connect(file)) as audit:
        (attempts,) = audit.execute("select count(*) from attempt").fetchone()
        outcomes = dict(audit.execute("select outcome, count(*) from attempt group by outcome"))
        (body,) = audit.execute("select body from message where revision = 2").fetchone()
    assert attempts == platform.requests
    assert outcomes["acknowledged"] == 13
    assert '"value": 2.500000' in body  # every digit


def test_a_platform_that_is_away_is_asked_less_and_less(tmp_path: Path) -> None:
    spec = _spec(peers.free_port(), first_retry_seconds=1000, most_retry_seconds=5000)
    with closing(Outbox(tmp_path / "uplink.sqlite")) as outbox:
        _queue(outbox, spec, _figures(3))
        assert _send(outbox, spec).waiting == 1  # the round ends with the first that fails
        assert len(outbox.due("province", 0)) == 2
        assert "ConnectError" in (outbox.standing("province").last_answer or "")
        assert _queue(outbox, spec, _figures(3, "9.000000")) == 1
        assert outbox.standing("province").counts == {"superseded": 1, "waiting": 3}


def test_what_is_refused_waits_for_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "PLAN", ("fail",))
    with receiver.receiving() as platform, closing(Outbox(tmp_path / "uplink.sqlite")) as outbox:
        spec = _spec(platform.port)
        _queue(outbox, spec, _figures(2))
        monkeypatch.setattr(uplink, "_FINAL", frozenset({500}))
        assert _send(outbox, spec).refused == 2
        assert outbox.next_at("province") is None
        assert _queue(outbox, spec, _figures(2)) == 0
        monkeypatch.setattr(receiver, "PLAN", ("take",))
        assert outbox.again("province") == 2
        assert _send(outbox, spec).acknowledged == 2
    assert len(platform.kept) == 2


def _published(folder: Path, tce: str) -> None:
    file = folder / "marts.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as con:
        con.execute("create schema energy")
        con.execute(
            f"create table energy.figures as select 'u1' as unit, 'tce' as code, {tce}::decimal(18, 6) as value"
        )


def test_a_run_tells_the_platform_and_never_fails_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "PLAN", ("take",))
    (tmp_path / "locks").mkdir()
    query = {"month": {"query": "select * from energy.figures", "key": ["unit"], "template": TEMPLATE}}
    work = Work(str(tmp_path), tmp_path, {}, tmp_path, Engine())
    with receiver.receiving() as platform:
        spec = _spec(platform.port, messages=query)
        (asset,) = uplinks.uplink_assets({"province": spec}, tmp_path)
        _published(tmp_path, "1.25")
        assert dg.materialize([asset], resources={"work": work}).success
        assert uplinks.tell(work, spec, tmp_path)["queued"] == 0
        _published(tmp_path, "2.5")
        assert uplinks.tell(work, spec, tmp_path) == {"queued": 1, "acknowledged": 1, "refused": 0, "is_left": False}
    assert sorted(body["values"][0]["value"] for body in platform.kept.values()) == [1.25, 2.5]
    _published(tmp_path, "3.5")
    assert uplinks.tell(work, spec, tmp_path)["is_left"] is True  # the platform is away
    wrong = _spec(1, messages={"month": {**query["month"], "query": "select * from energy.nothing"}})
    assert "a query of uplinks.yaml is refused" in str(uplinks.tell(work, wrong, tmp_path)["fault"])
    work.as_of = datetime(2026, 1, 1, tzinfo=UTC)
    assert set(uplinks.tell(work, spec, tmp_path)) == {"left_out"}
    assert asset.keys_by_output_name["result"].path == ["uplink", "province"]
    assert asset.dependency_keys == {publish.KEY}
