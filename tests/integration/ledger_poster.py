"""A person at the portal as a program of its own, to be killed: enters, has reviewed and approved what it is told to.

    python -m tests.integration.ledger_poster SITE LAKE HOME SEED

It takes the same steps with the same file and lake as the portal's pages, without the pages, and prints a line for each
approval and each refusal, until it is killed.
"""

import random
import sqlite3
import sys
from pathlib import Path

from ingestion.portal import landing, posting, sheets
from ingestion.portal.database import Database
from ingestion.portal.place import Place
from ingestion.portal.refusal import Refusal
from ingestion.portal.sheets import Key, Row
from ingestion.portal.workflow import Actor
from lake.errors import LakeError
from lake.store import Lake

LI, SONG, SHEN = (
    Actor("li", frozenset({"enter"})),
    Actor("song", frozenset({"review"})),
    Actor("shen", frozenset({"approve"})),
)


def rows(chance: random.Random, kind: str, month: str) -> list[Row]:
    """Return one to three transactions of a month, of which some sell or surrender what may not be there."""
    found: list[Row] = []
    for number in range(chance.randint(1, 3)):
        what = chance.choice(("bought", "sold", "sold", "surrendered"))
        first = chance.randint(1, 60)
        count = chance.randint(1, 20) if kind == "credits" else chance.randint(1, 60)
        row = {
            "organization_id": "mill",
            "transaction_id": f"{kind[0]}{month}-{number}",
            "posted_on": f"{month}-{number + 1:02d}",
        }
        row |= {"kind": what, "quantity_t": str(count), "vintage": "2024"}
        row |= {"compliance_year": "2024"} if what == "surrendered" else {"counterparty": "somebody"}
        if kind == "credits":
            row |= {"project": "P-1", "serial_from": f"K{first:04d}", "serial_to": f"K{first + count - 1:04d}"}
        found.append(row)
    return found


def approve(database: Database, place: Place, key: Key, entered: list[Row]) -> None:
    """Take a sheet, or a correction of it, from its draft to its approval; each step is a transaction of its own."""
    with database.writing() as connection:
        version = sheets.latest(connection, key)
        if version is None:
            version = sheets.begin(connection, key, entered, "li")
        elif version.state == "approved":
            sheets.step(connection, version, "correct", LI, "counted again")
            version = sheets.latest(connection, key)
    for name, actor in (("submit", LI), ("review", SONG), ("approve", SHEN)):
        with database.writing() as connection:
            version = sheets.latest(connection, key)
            assert version is not None
            if name == "submit":
                sheets.save(connection, version, entered, "li")
                version = sheets.latest(connection, key)
                assert version is not None
            if name == "approve":
                posting.check(connection, version, place.known(), "en")
            sheets.step(connection, version, name, actor, "")


def main(site: str, lake: str, home: str, seed: str) -> None:
    """Go on and on."""
    chance, place = random.Random(int(seed)), Place(Path(site), {})
    database, store = Database(Path(home) / "portal.sqlite"), Lake(lake)
    while True:
        key = Key(chance.choice(("allowances", "credits")), "mill", f"2025-{chance.randint(2, 12):02d}")
        try:
            approve(database, place, key, rows(chance, key.kind, key.month))
            say("approved")
        except Refusal as refusal:
            say(refusal.key)
            if refusal.key == "not_posted":
                give_up(database, key)
        except sqlite3.IntegrityError:  # somebody else began the same sheet
            say("taken")
        try:
            landing.settle(database, store, place.known())
        except LakeError:  # somebody else writes the lake: it stays due
            say("due")


def say(word: str) -> None:
    """Tell who waits for it what was done."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def give_up(database: Database, key: Key) -> None:
    """Send back what may not be posted, so that the sheet can be written anew."""
    with database.writing() as connection:
        version = sheets.latest(connection, key)
        if version is not None and version.state == "reviewed":
            sheets.step(connection, version, "refuse", SHEN, "not held")


if __name__ == "__main__":
    main(*sys.argv[1:])
