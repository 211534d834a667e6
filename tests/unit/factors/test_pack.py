"""Every fact row of the reference pack is in the library with its confidence, or listed with the reason."""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from factors.load import TABLES_DIR

PAGE: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parents[2] / "fixtures/reference_pack.yaml")
CROSSWALK: dict[str, Any] = PAGE["files"]
DIGESTS = Path(__file__).parents[2] / "fixtures/reference_pack.digests"


@pytest.fixture(scope="module")
def pack() -> Path:
    folder = os.environ.get("NENGTAN_REFERENCE")
    if not folder or not Path(folder).is_dir():
        pytest.skip("NENGTAN_REFERENCE names no folder with the reference pack")
    return Path(folder)


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        yield from csv.DictReader(handle)


def plain(text: str | None) -> str:
    """One spelling of a cell: numbers to ten places, what is written differently brought together."""
    cell = (text or "").strip()
    for pattern, replacement, _ in PAGE["written"]:
        cell = re.sub(pattern, replacement, cell)
    try:
        return f"{Decimal(cell).quantize(Decimal('1e-10')).normalize():f}"
    except InvalidOperation:
        return cell


def names_of(file: str, table: str) -> dict[str, str]:
    """Pack column -> our column, for the rows of a file that a table holds."""
    columns = CROSSWALK[file][table]
    return {name: name for name in columns["same"]} | columns["other"]


def held(file: str, table: str) -> Counter[tuple[str, ...]]:
    names = names_of(file, table).values()
    return Counter(tuple(plain(row[name]) for name in names) for row in rows(TABLES_DIR / f"{table}.csv"))


def placed(file: str, pack: Path) -> tuple[list[tuple[str, tuple[str, ...]]], list[dict[str, str]]]:
    """The rows of a file of the pack with the table that holds each, and those that no table holds."""
    found, left = [], list(rows(pack / file))
    for table in CROSSWALK[file]:
        counts, beyond = held(file, table), []
        for row in left:
            key = tuple(plain(row[name]) for name in names_of(file, table))
            if counts[key] > 0:
                counts[key] -= 1
                found.append((table, key))
            else:
                beyond.append(row)
        left = beyond
    return found, left


def digest(file: str, table: str, key: tuple[str, ...]) -> str:
    return sha256(chr(31).join((file, table, *key)).encode()).hexdigest()[:16]


def test_every_row_that_was_in_the_pack_is_still_in_the_library_without_the_pack_at_hand():
    """One digest for each row of the pack; NENGTAN_DIGESTS=write with NENGTAN_REFERENCE writes them anew."""
    wanted = Counter(DIGESTS.read_text("utf-8").split("\n")[:-1])
    library = Counter[str]()
    for file, tables in CROSSWALK.items():
        for table in tables:
            for key, count in held(file, table).items():
                library[digest(file, table, key)] += count
    assert wanted - library == Counter()
    assert wanted.total() + sum(len(listed["rows"]) for listed in PAGE["differs"].values()) == PAGE["rows"]


def test_the_digests_are_those_of_the_pack(pack):
    lines = sorted(digest(file, *row) for file in CROSSWALK for row in placed(file, pack)[0])
    if os.environ.get("NENGTAN_DIGESTS") == "write":
        DIGESTS.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    assert DIGESTS.read_text("utf-8").split("\n")[:-1] == lines
    assert sum(1 for file in CROSSWALK for _ in rows(pack / file)) == PAGE["rows"]


def test_every_file_of_the_pack_has_its_place(pack):
    assert {str(path.relative_to(pack)) for path in pack.rglob("*.csv")} == set(CROSSWALK)


@pytest.mark.parametrize("file", sorted(CROSSWALK))
def test_every_row_is_in_the_library_or_listed(pack, file):
    _, left = placed(file, pack)
    listed = PAGE["differs"].get(file, {})
    key = listed.get("key", "")
    told = listed.get("rows", {})
    unlisted = [row for row in left if row.get(key) not in told]
    assert unlisted == []
    assert {row[key] for row in left} == set(told), "a listed row is the same again"
    assert all(told.values())
