"""Two Nengtan exchange a footprint: hosts with TLS, each a program: asked, answered, corrected, taken back, killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.supplier_client import asking
from lake import tablerows
from tests.integration import exchange_pair, pact_peer, portal_site
from tests.integration.exchange_pair import IDENTIFIER, ROOT, Instance
from tests.integration.until import eventually

pytestmark = pytest.mark.integration
RATINGS = {"dqr_technology": "2", "dqr_time": "1", "dqr_geography": "2"}
STANDING = "select record_id, state, row from supplier_answer order by number"


def standing(steel: Instance) -> dict[str, str]:
    """How each record of the lime works stands at the steel works."""
    return {row["record_id"]: row["state"] for row in steel.rows("select record_id, state from supplier_answer")}


def until(found: Callable[[], Any], expected: Any) -> None:
    """Wait until it is so, and say what it is instead."""
    last: list[Any] = []

    def is_so() -> bool:
        last[:] = [found()]
        return bool(last[0] == expected)

    try:
        eventually(is_so)
    except AssertionError:
        assert last[0] == expected


def test_footprints_are_asked_for_answered_corrected_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same in both versions, which both sides change to while their hosts run."""
    pair = exchange_pair.pair(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with pair.steel.serving(), pair.lime.serving():
        exchange_once(pair, 3)
        reviewed(pair.steel)
        exchange_once(pair, 2)
    outbox = pair.lime.rows("select distinct state from message")
    assert outbox == [{"state": "acknowledged"}]
    log = pair.lime.log.read_text("utf-8") + pair.steel.log.read_text("utf-8")
    kept = b"".join(path.read_bytes() for one in (pair.lime, pair.steel) for path in one.lake.glob("*.sqlite*"))
    for secret in (pair.lime.environment["STEEL_SECRET"], pair.steel.environment["LIME_SECRET"]):
        assert secret not in log
        assert secret.encode() not in kept


def exchange_once(pair: exchange_pair.Pair, version: int) -> None:
    lime, steel = pair.lime, pair.steel
    edit(lime, "customers.csv", f",{5 - version},https", f",{version},https")
    edit(steel, "suppliers.csv", f",{5 - version},event,", f",{version},list,")
    first = exchange_pair.release(lime, "1180")
    ((_, asked),) = asking.ask(steel.worker.place())
    assert asked.faults == []
    steel.worker.round()  # the portal has it before the supplier takes it back
    row = next(row for row in steel.rows(STANDING) if row["record_id"] == first)
    told = json.loads(row["row"])
    assert (told["footprint_kgco2e"], told["declared_unit"]) == ("1180.000000", "t")
    assert (told["reference_from"], told["reference_to"]) == ("2025-01-01", "2026-01-01")
    second = exchange_pair.release(lime, "1150")
    until(lambda: (standing(steel).get(first), second in standing(steel)), ("withdrawn", True))

    edit(steel, "suppliers.csv", ",list,", ",event,")
    assert [asked.states for _, asked in asking.ask(steel.worker.place())] == [{IDENTIFIER: asking.WAITING}]
    by_event = f"select state from ask where way = 'event' and product_identifier = '{IDENTIFIER}'"
    until(lambda: {row["state"] for row in steel.rows(by_event)}, {"answered"})
    other = f"urn:gtin:{version}"
    edit(steel, "supplier_materials.csv", IDENTIFIER, other)
    list(asking.ask(steel.worker.place()))
    refused = f"select state, answer from ask where product_identifier = '{other}'"
    until(lambda: [row["state"] for row in steel.rows(refused)], ["rejected"])
    code = {3: "NotFound", 2: "NoSuchFootprint"}[version]
    assert steel.rows(refused)[0]["answer"].startswith(f"{code}: ")
    edit(steel, "supplier_materials.csv", other, IDENTIFIER)
    exchange_pair.withdraw(lime, second)
    until(lambda: standing(steel)[second], "withdrawn")


def reviewed(steel: Instance) -> None:
    """What was handed over waits for two people; approved, it lies in the lake beside the payload that it came in."""
    until(lambda: [row for row in steel.rows(STANDING) if row["state"] == "judged"], [])
    first, second = steel.rows("select * from supplier_answer where entry_id is not null order by received_at")
    with portal_site.opened(steel.site, steel.lake, steel.lake / "portal", {}) as (portal, _):
        page = portal.signed_in("shen").get(f"/suppliers/answers/{second['entry_id']}").text
        assert second["record_id"] in page
        assert "deprecated" in page, "it was taken back while it waited"
        for person, step, ratings in (("shen", "review", RATINGS), ("song", "approve", {})):
            where = f"/suppliers/answers/{first['entry_id']}"
            answer = portal.signed_in(person).step(where, step, **ratings)
            assert answer.status_code == 200, answer.text
        (line,) = portal.lines("supplier_footprints")
    assert (line["entered_by"], line["reviewed_by"], line["approved_by"]) == ("pact:lime_works", "shen", "song")
    (row,) = tablerows.read(steel.lake / "raw/forms__supplier_footprints").to_pylist()
    assert (row["record_id"], str(row["footprint_kgco2e"]), row["channel"]) == (
        first["record_id"],
        "1180.000000",
        "pact",
    )
    payload = steel.lake / "payloads" / first["payload_hash"][:2] / row["voucher"]
    assert first["record_id"] in payload.read_text("utf-8")


def edit(instance: Instance, name: str, before: str, after: str) -> None:
    text = (instance.site / name).read_text("utf-8")
    instance.rewrite(name, text.replace(before, after))


def test_a_worker_that_is_killed_before_it_notes_an_answer_posts_the_same_event_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pact_peer, "CLIENT", "lime-client")
    monkeypatch.setattr(pact_peer, "SECRET", "known to two")
    pair = exchange_pair.pair(tmp_path)
    (tmp_path / "host.pem").rename(tmp_path / "peer.pem")
    (tmp_path / "host_key.pem").rename(tmp_path / "peer_key.pem")
    exchange_pair.release(pair.lime, "1180")
    with pact_peer.hosting(tmp_path) as buyer:
        customers = (pair.lime.site / "customers.csv").read_text("utf-8")
        pair.lime.rewrite("customers.csv", customers.replace(pair.steel.address, buyer.address))
        pair.lime.environment["STEEL_SECRET"] = "known to two"
        running: list[subprocess.Popen[bytes]] = []

        def plan(of: pact_peer.Host, method: str, path: str) -> None:
            if path.endswith("/events") and len(of.posted) == 1 and running:
                os.kill(running.pop().pid, signal.SIGKILL)  # it was heard, and nobody hears that

        kept = buyer.answer

        def answer(path: str, query: dict[str, list[str]]) -> pact_peer.Answer:
            plan(buyer, "POST", path)
            return kept(path, query)

        monkeypatch.setattr(buyer, "answer", answer)
        command = [sys.executable, "-m", "pipelines.cli.main", "exchange", "deliver"]
        running.append(subprocess.Popen(command, cwd=ROOT, env=pair.lime.environment))
        process = running[0]
        assert process.wait(120) == -signal.SIGKILL
        assert len(buyer.posted) == 1
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        done = pair.lime.worker.round()
        assert (done.sent.delivered, done.announced) == (1, 0)
        assert [one["id"] for one in buyer.posted] == [buyer.posted[0]["id"]] * 2
        assert pair.lime.worker.round().sent.delivered == 0
        counts = pair.lime.told("exchange", "status")["leaving"]
    assert counts["customer:steel_works"]["counts"] == {"acknowledged": 1}
