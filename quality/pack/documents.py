"""The documents that a pack's figures rest on: vouchers of the site's folder, and what came by the entry portal."""

import json
import shutil
from collections.abc import Iterator, Set
from datetime import date
from pathlib import Path
from typing import Any

from lake import entries
from lake.errors import LakeError
from quality.pack.asked import Asked


def write(asked: Asked, organizations: Set[str] | None, folder: Path) -> None:
    """Copy the documents of the period below vouchers/; those of the lake are named by their hash."""
    for name in sorted(set(_named(asked, organizations))):
        source = asked.site / "vouchers" / name
        if source.is_file():
            _copy(source, folder / "vouchers" / name)
    for digest in sorted(set(_landed(asked, organizations))):
        path = asked.lake.payload(digest)
        _copy(path, folder / "vouchers" / "payloads" / path.name)


def listed(folder: Path) -> list[str]:
    """Return the documents that were written, by their member's name."""
    return sorted(path.relative_to(folder).as_posix() for path in (folder / "vouchers").rglob("*") if path.is_file())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _named(asked: Asked, organizations: Set[str] | None) -> Iterator[str]:
    """Give the vouchers that rows of the site's files name, of the period where a row says when."""
    for thing in sorted(asked.published.ref):
        try:
            rows = asked.thing(thing)
        except LakeError:
            continue
        if "voucher" not in rows.column_names:
            continue
        for row in rows.to_pylist():
            if row["voucher"] and _is_mine(asked, row, organizations):
                yield row["voucher"]


def _is_mine(asked: Asked, row: dict[str, Any], organizations: Set[str] | None) -> bool:
    first, last = asked.bounds
    when = next((row[name] for name in ("month", "sampled_on", "posted_on") if isinstance(row.get(name), date)), None)
    if organizations is not None and row.get("organization_id") not in {None, *organizations}:
        return False
    return when is None or first <= when < last


def _landed(asked: Asked, organizations: Set[str] | None) -> Iterator[str]:
    """Give the hashes of approved sheets of the period, of their workbooks and of what was attached."""
    first, last = asked.bounds
    for table in (name for name in asked.lake.tables("raw") if name.endswith("__entry")):
        for line in entries.lines(asked.lake, table.removesuffix("__entry")).to_pylist():
            is_mine = organizations is None or line["organization_id"] in organizations
            if first <= line["month"] < last and is_mine:
                yield line["batch_id"]
                yield from json.loads(line["attachments"]).values()
                if line["workbook_hash"]:
                    yield line["workbook_hash"]
