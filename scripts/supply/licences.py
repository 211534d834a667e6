"""The licence of every locked package, as it names it, in locks/licences.csv; locks/licences.yaml says which we take.

    python -m scripts.supply.licences

rewrites the table from the environments that are here. A package that none of them has keeps its row; one that is only
for other machines has none to look at.
"""

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from scripts.supply import described, locked

ROOT = locked.LOCKS.parent
TABLE = locked.LOCKS / "licences.csv"
POLICY = locked.LOCKS / "licences.yaml"
#: What stands for a licence where the pin is for another system or Python and no environment here has it.
ELSEWHERE = "for other machines only"
_COLUMNS = ("package", "version", "licence", "locks")


@dataclass(frozen=True)
class Row:
    """One package in one version, its licence in its own words, and the locks that name it."""

    package: str
    version: str
    licence: str
    locks: str


def rows(pins: Sequence[locked.Pin], said: Mapping[tuple[str, str], str], kept: Sequence[Row]) -> list[Row]:
    """Return the table of the pins, from what the environments say, else from the rows that are kept."""
    before = {(row.package, row.version): row.licence for row in kept}
    found = []
    for name, version in sorted({(pin.name, pin.version) for pin in pins}):
        mine = [pin for pin in pins if (pin.name, pin.version) == (name, version)]
        absent = ELSEWHERE if all(pin.marker for pin in mine) else described.UNSAID
        licence = said.get((name, version)) or before.get((name, version)) or absent
        found.append(Row(name, version, licence, " ".join(sorted({pin.lock for pin in mine}))))
    return found


def faults(table: Sequence[Row], pins: Sequence[locked.Pin], policy: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence for each pin without a row, row without a pin, and licence that we do not take unexplained."""
    there = {(pin.name, pin.version): pin for pin in pins}
    listed = {(row.package, row.version) for row in table}
    yield from (
        f"{name} {version}: has no row in {TABLE.name}; make licences" for name, version in there.keys() - listed
    )
    yield from (f"{name} {version}: no lock names it; make licences" for name, version in listed - there.keys())
    explained = policy["explained"]
    for row in table:
        pin = there.get((row.package, row.version))
        if row.licence in policy["accepted"] or row.package in explained or pin is None:
            continue
        if row.licence != ELSEWHERE or not pin.marker:
            yield f"{row.package} {row.version}: {row.licence!r} is not accepted; explain it in {POLICY.name}"
    needless = explained.keys() - {row.package for row in table if row.licence not in policy["accepted"]}
    yield from (f"{name}: is explained in {POLICY.name} without need" for name in sorted(needless))


def read() -> list[Row]:
    """Return the table as it is kept."""
    if not TABLE.exists():
        return []
    return [Row(**row) for row in csv.DictReader(io.StringIO(TABLE.read_text("utf-8")))]


def policy() -> dict[str, Any]:
    """Return what is accepted and what is explained."""
    found: dict[str, Any] = YAML(typ="safe").load(POLICY.read_text("utf-8"))
    return found


def _said(environments: Path) -> dict[tuple[str, str], str]:
    return {
        (locked.normal(metadata["Name"]), str(metadata["Version"])): described.licence(metadata)
        for folder in sorted(environments.glob("*"))
        for metadata in described.of_environment(folder)
    }


def main() -> int:
    """Rewrite the table and print what is not in order."""
    pins = list(locked.pins())
    table = rows(pins, _said(ROOT / ".venv"), read())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((row.package, row.version, row.licence, row.locks) for row in table)
    TABLE.write_text(text.getvalue(), encoding="utf-8")
    told = sorted(faults(table, pins, policy()))
    print("\n".join(told) or f"{len(table)} packages, each with a licence that is accepted or explained")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
