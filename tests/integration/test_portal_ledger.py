"""The ledger where several people post at the same time, by form and by file, and are killed in the middle of it."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.portal import landing, sheets
from ingestion.portal.database import Database
from ingestion.portal.place import Place
from ingestion.portal.sheets import Key
from lake import entries, tablerows
from lake.ledger import rows
from lake.ledger.book import Refused, posted
from lake.ledger.kinds import HOLDING, KINDS
from lake.site.load import read_site
from lake.store import Lake
from tests.integration import ledger_poster, portal_site
from tests.integration.portal_site import ROOT, Portal

pytestmark = pytest.mark.integration
HEADER = "transaction_id,organization_id,posted_on,kind,quantity_t,vintage,counterparty\n"
FIRST = "F-0,mill,2024-12-01,issued,150,2024,\n"


@contextmanager
def posters(site: Path, lake: Path, home: Path, seeds: list[int]) -> Iterator[list["subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "tests.integration.ledger_poster", str(site), str(lake), str(home)]
    started = [
        subprocess.Popen([*command, str(seed)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for seed in seeds
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate(timeout=60)


def holds(tables: dict[str, object]) -> tuple[Counter[str], list[Refused]]:
    """Return what was posted by kind, and what may not be, of a book whose invariants were looked at."""
    kept, refused = rows.settled(tables)  # type: ignore[arg-type]
    book, more = posted(rows.entries(kept))
    assert more == [], "what is kept is posted"
    held: dict[object, Decimal] = defaultdict(Decimal)
    sides: dict[object, Decimal] = defaultdict(Decimal)
    used: list[tuple[str, str, int]] = []
    for line in book.lines:
        entry = line.entry
        sides[entry.organization_id, entry.instrument, entry.transaction_id, line.vintage] += line.debit - line.credit
        if line.account == HOLDING:
            held[entry.organization_id, entry.instrument, line.vintage, entry.project] += line.debit - line.credit
            assert min(held.values()) >= 0, entry
            if KINDS[entry.kind].final and entry.serials:
                run = range(entry.serials.first, entry.serials.last + 1)
                used += [(entry.instrument, entry.serials.prefix, number) for number in run]
    assert not any(sides.values())
    assert len(used) == len(set(used)), "a serial was used up twice"
    return Counter(line.entry.kind for line in book.lines if line.number == 1), refused


def test_posting_at_the_same_time_and_killed_in_the_middle(tmp_path: Path) -> None:
    """Two programs post into one portal and lake and are killed with SIGKILL, twice; the file grows meanwhile."""
    site, lake = portal_site.new(tmp_path)
    file, home, chance = site / "allowances.csv", lake / "portal", random.Random(20261123)
    file.write_text(HEADER + FIRST, encoding="utf-8")
    lines = [FIRST]
    database, place = Database(home / "portal.sqlite"), Place(site, {})
    sold = {"organization_id": "mill", "transaction_id": "S-1", "posted_on": "2025-01-05", "kind": "sold"}
    of = {"quantity_t": "120", "vintage": "2024", "counterparty": "somebody"}
    ledger_poster.approve(database, place, Key("allowances", "mill", "2025-01"), [sold | of])
    for killed in range(2):
        with posters(site, lake, home, [killed * 10, killed * 10 + 1]) as running:
            for process in running:
                _has_approved(process)
            lines.append(f"F-{killed + 1},mill,2024-12-{killed + 2:02d},bought,20,2024,somebody\n")
            _replace(file, HEADER + "".join(lines))
            for process in running:
                time.sleep(chance.uniform(0.1, 0.7))
                assert process.poll() is None, process.stderr.read() if process.stderr else ""
                process.send_signal(signal.SIGKILL)
                assert process.wait(60) == -signal.SIGKILL
    store = Lake(str(lake))
    landing.settle(database, store, place.known())

    with database.reading() as connection:
        standing = sheets.approved(connection, ["allowances", "credits"])
        told = connection.execute("select entry_id, version from versions where state = 'approved'").fetchall()
    landed = Counter((line["entry_id"], line["version"]) for line in entries.lines(store, "forms").to_pylist())
    assert landed == Counter((row["entry_id"], row["version"]) for row in told), "each approved version is in once"
    for entity in {version.key.kind for version in standing}:
        found = tablerows.read(store.path("raw", f"forms__{entity}")).to_pylist()
        of_rows = Counter((row["entry_id"], row["version"], row["position"]) for row in found)
        assert max(of_rows.values()) == 1

    merged = entries.merged(store, "forms", place.known().site.tables)
    kinds, refused = holds(merged)
    assert refused == [], "what was approved is posted, whoever was killed where"
    assert kinds["sold"] > 0

    _replace(file, HEADER + FIRST.replace("150", "1"))
    kinds, refused = holds(entries.merged(store, "forms", read_site(site, {}).tables))
    assert refused, "the file has taken back what was sold since"
    assert all("but mill holds" in fault.reason for fault in refused)


def _has_approved(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    for said in process.stdout:
        if said.strip() == "approved":
            return
    raise AssertionError(process.stderr.read())


def _replace(file: Path, text: str) -> None:
    beside = file.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with portal_site.in_thread(tmp_path) as (running, _):
        yield running


def test_a_trade_by_form_and_one_that_was_never_held(portal: Portal) -> None:
    """What is sold twice is refused with one sentence, in the reader's language; a row of another month is a fault."""
    (portal.site / "allowances.csv").write_text(HEADER + FIRST, encoding="utf-8")
    li, song, shen = (portal.signed_in(person) for person in ("li", "song", "shen"))
    cells = {"r1.kind": "sold", "r1.quantity_t": "100", "r1.vintage": "2024"}
    cells |= {"r1.counterparty": "somebody", "r1.price_cny_per_t": "60"}
    for month in ("2025-01", "2025-02"):
        path = f"/sheets/allowances/mill/{month}"
        cells["r1.transaction_id"] = f"S-{month}"
        wrong = li.post(path, step="submit", revision="", **cells, **{"r1.posted_on": "2024-11-30"})
        assert "属于 2024-11" in wrong.text
        li.step(path, "submit", **cells, **{"r1.posted_on": f"{month}-07"})
        song.step(path, "review")
        done = shen.step(path, "approve")
        assert done.status_code == (200 if month == "2025-01" else 409)
    assert "2025-02-07 转出 CEA 2024 100 t，而 mill 仅持有 50 t" in done.text
    lake = Lake(str(portal.lake))
    (line,) = entries.lines(lake, "forms").to_pylist()
    assert (line["entity"], line["month"].isoformat(), line["approved_by"]) == ("allowances", "2025-01-01", "shen")
    kinds, refused = holds(entries.merged(lake, "forms", read_site(portal.site, {}).tables))
    assert (dict(kinds), refused) == ({"issued": 1, "sold": 1}, [])
