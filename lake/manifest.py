"""What one publication consists of: the version and files of every mart, and what they were made from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lake import durable
from lake.errors import LakeError

FOLDER = "_publications"
#: What a manifest that cannot be read is called.
TORN = ".torn"
#: Which marts of which publication have files that cannot be read: they count as not published.
_DOUBTS = "doubted.json"
#: So many of the newest publications are looked at by a run.
_LOOKED_AT = 3


@dataclass(frozen=True)
class Mart:
    """One mart of a publication. `files` are paths below the table's folder; `bi_days` limits the sealed copy.

    `grade` and the kinds of `sensitive` columns are those of lake/grades.yaml.
    """

    version: int
    files: tuple[str, ...]
    rows: int
    columns: tuple[str, ...]
    partition_by: str | None = None
    bi: bool = False
    bi_days: int | None = None
    comments: Mapping[str, str] = field(default_factory=dict)
    grade: str = "general"
    sensitive: Mapping[str, str] = field(default_factory=dict)


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
    """Write the manifest in one step: a reader sees all of it or none, and no power cut takes it back."""
    folder = area / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    durable.replace(folder / f"{manifest.number}.json", told.encode())


def numbers(area: Path) -> list[int]:
    """Return the numbers of the publications that are kept, oldest first."""
    return sorted(int(path.stem) for path in (area / FOLDER).glob("*.json") if path.stem.isdigit())


def read(area: Path, number: int) -> Manifest:
    """Read one publication."""
    path = area / FOLDER / f"{number}.json"
    try:
        return _parse(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as cause:
        raise LakeError(f"{path}: cannot be read; the next run goes back to the publication before it") from cause


def last(area: Path) -> Manifest | None:
    """Read the publication that holds now, if there is one."""
    found = numbers(area)
    if not found:
        return None
    latest, doubted = read(area, found[-1]), _doubted(area, found[-1])
    return replace(latest, marts={name: mart for name, mart in latest.marts.items() if name not in doubted})


def next_number(area: Path) -> int:
    """Return the number of the next publication; one that was set aside keeps its own."""
    return max((int(path.name.partition(".")[0]) for path in (area / FOLDER).glob("[0-9]*.json*")), default=0) + 1


def set_aside(area: Path) -> list[str]:
    """Set aside those of the newest manifests that cannot be read; return what was done, as sentences."""
    done = []
    for number in numbers(area)[-_LOOKED_AT:]:
        try:
            read(area, number)
        except LakeError:
            path = area / FOLDER / f"{number}.json"
            path.rename(path.with_name(path.name + TORN))
            done.append(f"{path}: cannot be read and was set aside; what it alone published is made again")
    return done


def doubt(area: Path, number: int, marts: frozenset[str]) -> None:
    """Remember that these marts of a publication, beside those known already, cannot be relied on."""
    told = {"number": number, "marts": sorted(marts | _doubted(area, number))}
    durable.replace(area / FOLDER / _DOUBTS, json.dumps(told).encode())


def _doubted(area: Path, number: int) -> frozenset[str]:
    path = area / FOLDER / _DOUBTS
    if not path.exists():
        return frozenset()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return frozenset(told["marts"]) if told["number"] == number else frozenset()
    except (ValueError, KeyError, TypeError) as cause:
        raise LakeError(f"{path}: cannot be read; delete it, a run finds again what is damaged") from cause


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
