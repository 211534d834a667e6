"""A small lake with registers, keys and a site, for backups."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lake.backup import parts
from lake.backup.repository import Repository
from lake.backup.restore import Restored, restore
from lake.backup.take import Taken, take
from lake.store import Lake
from tests.unit.lake.made import batch


@dataclass(frozen=True)
class Place:
    """A lake and what stands around it."""

    lake: Lake
    homes: dict[str, Path]
    repository: Repository
    keys: Path

    def take(self) -> Taken:
        return take(self.lake, self.homes, self.repository, lambda: "head", self.keys)

    def restore(self, folder: Path, **told: object) -> tuple[Lake, Restored]:
        to = homes(folder)
        restored = restore(self.repository, to, keys=self.keys, **told)  # type: ignore[arg-type]
        return Lake(str(to[parts.LAKE])), restored


def homes(folder: Path) -> dict[str, Path]:
    """Return homes below a folder, as an installation has them."""
    lake = folder / "lake"
    return {
        parts.LAKE: lake,
        parts.REGISTERS: lake,
        parts.PORTAL: lake / "portal",
        parts.DASHBOARDS: lake / "superset",
        parts.SITE: folder / "site",
    }


def place(folder: Path, batches: int = 3) -> Place:
    """Return a place whose lake has some batches, two registers, two keys and a site."""
    where = homes(folder / "here")
    lake = Lake(str(where[parts.LAKE]))
    lake.claim("tests")
    for number in range(batches):
        land(lake, number)
    where[parts.SITE].mkdir()
    (where[parts.SITE] / "site.yaml").write_text("id: tests\n", "utf-8")
    for home in (parts.PORTAL, parts.DASHBOARDS):
        where[home].mkdir(mode=0o700)
    write(where[parts.PORTAL] / "portal.sqlite", 10)
    write(where[parts.REGISTERS] / "uplink.sqlite", 3)
    (where[parts.DASHBOARDS] / "secrets.json").write_text('{"key": "x"}', "utf-8")
    (lake.root / "keys").mkdir(mode=0o700)
    (lake.root / "keys" / "evidence.pem").write_text("-----BEGIN PRIVATE KEY-----\n", "utf-8")
    return Place(lake, where, Repository(folder / "kept"), folder / "safe")


def land(lake: Lake, number: int) -> None:
    """Land one batch of two readings."""
    lake.land(batch([("p", 2 * number, str(number), None), ("q", 2 * number, str(number), None)], number))


def write(path: Path, rows: int) -> None:
    """Add rows to a register, as its owner does: in WAL, and left open by somebody."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table if not exists kept (number integer)")
        connection.executemany("insert into kept values (?)", [(number,) for number in range(rows)])
        connection.commit()


def rows(path: Path) -> int:
    """Return how many rows a register has, after asking whether it is whole."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        return int(connection.execute("select count(*) from kept").fetchone()[0])
