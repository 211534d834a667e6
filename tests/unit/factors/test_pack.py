"""Every fact row of the reference pack is in the library with its confidence, or listed with the reason."""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from factors.load import TABLES_DIR

PAGE: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parents[2] / "fixtures/reference_pack.yaml")
CROSSWALK: dict[str, Any] = PAGE["files"]


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


def missing(file: str, pack: Path) -> list[dict[str, str]]:
    """The rows of a file of the pack that no table of the library holds."""
    left = list(rows(pack / file))
    for table, columns in CROSSWALK[file].items():
        names = {name: name for name in columns["same"]} | columns["other"]
        held = Counter(tuple(plain(row[name]) for name in names.values()) for row in rows(TABLES_DIR / f"{table}.csv"))
        beyond = []
        for row in left:
            key = tuple(plain(row[name]) for name in names)
            if held[key] > 0:
                held[key] -= 1
            else:
                beyond.append(row)
        left = beyond
    return left


def test_every_file_of_the_pack_has_its_place(pack):
    assert {str(path.relative_to(pack)) for path in pack.rglob("*.csv")} == set(CROSSWALK)


@pytest.mark.parametrize("file", sorted(CROSSWALK))
def test_every_row_is_in_the_library_or_listed(pack, file):
    left = missing(file, pack)
    listed = PAGE["differs"].get(file, {})
    key = listed.get("key", "")
    told = listed.get("rows", {})
    unlisted = [row for row in left if row.get(key) not in told]
    assert unlisted == []
    assert {row[key] for row in left} == set(told), "a listed row is the same again"
    assert all(told.values())
