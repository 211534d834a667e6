"""What one publication consists of: the version and files of every mart, and what they were made from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FOLDER = "_publications"


@dataclass(frozen=True)
class Mart:
    """One mart of a publication. `files` are paths below the table's folder; `bi_days` limits the sealed copy."""

    version: int
    files: tuple[str, ...]
    rows: int
    columns: tuple[str, ...]
    partition_by: str | None = None
    bi: bool = False
    bi_days: int | None = None
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """One publication. Times are ISO 8601 in UTC; `comments` of a mart has the table's own under the empty name.

    `models` has the fingerprint of every model and of Python's marts, so that the next run knows whose rules changed.
    """

    number: int
    run_id: str
    published_at: str
    site_id: str
    code_hash: str
    as_of: str | None
    timezone: str
    months: tuple[str, ...] | None
    period_from: str | None
    period_to: str | None
    newest_reading_at: str | None
    raw: Mapping[str, int]
    quarantine: Mapping[str, int]
    ref: Mapping[str, str]
    marts: Mapping[str, Mart]
    models: Mapping[str, str] = field(default_factory=dict)


def write(area: Path, manifest: Manifest) -> None:
    """Write the manifest in one step: a reader sees all of it or none."""
    folder = area / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    incoming = folder / f".{manifest.number}.incoming"
    incoming.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), encoding="utf-8")
    incoming.replace(folder / f"{manifest.number}.json")


def numbers(area: Path) -> list[int]:
    """Return the numbers of the publications that are kept, oldest first."""
    return sorted(int(path.stem) for path in (area / FOLDER).glob("*.json") if path.stem.isdigit())


def read(area: Path, number: int) -> Manifest:
    """Read one publication."""
    return _parse(json.loads((area / FOLDER / f"{number}.json").read_text(encoding="utf-8")))


def last(area: Path) -> Manifest | None:
    """Read the publication that holds now, if there is one."""
    found = numbers(area)
    return read(area, found[-1]) if found else None


def forget(area: Path, keep: int) -> None:
    """Remove all but the latest publications from the list; their data is not touched here."""
    for number in numbers(area)[:-keep]:
        (area / FOLDER / f"{number}.json").unlink()


def _parse(document: dict[str, Any]) -> Manifest:
    marts = {
        name: Mart(**{**entry, "files": tuple(entry["files"]), "columns": tuple(entry["columns"])})
        for name, entry in document["marts"].items()
    }
    months = document["months"]
    return Manifest(**{**document, "marts": marts, "months": tuple(months) if months is not None else None})
