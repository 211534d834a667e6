"""A pack laid open in a folder: its members against the manifest, and what was found out about it so far."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

FORMAT = "nengtan verification pack 1"
MANIFEST = "manifest.json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: So many of a kind are named one by one; of more their number is told.
MOST_NAMED = 5


@dataclass(frozen=True)
class Fault:
    """One thing that does not hold: the member of the pack it is in, and a sentence that says what."""

    member: str
    said: str


@dataclass
class Verdict:
    """What was looked at, and what does not hold."""

    manifest: Mapping[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class BrokenPackError(Exception):
    """What keeps the rest of a pack from being looked at."""


class Pack:
    """The members of a pack as files in a folder, an empty database, and the verdict so far."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Take the folder and the manifest that was in it."""
        self.folder, self.manifest, self.algorithm = folder, manifest, str(manifest["algorithm"])
        self.found = Verdict(manifest)
        self.entries: list[dict[str, Any]] = []
        self.con = duckdb.connect()
        self.con.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        # the statements of a pack read its own tables and nothing else of this machine
        self.con.execute(f"set temp_directory = '{_quoted(folder / 'spilled')}'")
        self.con.execute(f"set allowed_directories = ['{_quoted(folder)}']; set enable_external_access = false")
        self.con.execute("set lock_configuration = true")

    def fault(self, member: str, said: str) -> None:
        """Note what does not hold."""
        self.found.faults.append(Fault(member, said))

    def count(self, what: str, more: int = 1) -> None:
        """Note what was looked at."""
        self.found.counts[what] = self.found.counts.get(what, 0) + more

    def json(self, member: str) -> Any:  # noqa: ANN401 - as JSON has it
        """Read a member that is JSON."""
        try:
            return json.loads((self.folder / member).read_text(encoding="utf-8"))
        except (OSError, ValueError) as cause:
            raise BrokenPackError(f"{member}: cannot be read ({cause})") from cause

    def members(self, below: str) -> list[tuple[str, Path]]:
        """Return the members of a folder with their files, in order."""
        found = sorted(path for path in (self.folder / below).rglob("*") if path.is_file())
        return [(path.relative_to(self.folder).as_posix(), path) for path in found]

    def rows(self, path: Path) -> list[dict[str, Any]]:
        """Return the rows of a small table; instants in UTC."""
        source = f"read_parquet('{_quoted(path)}')"
        kinds = [(name, kind) for name, kind, *_ in self.con.execute(f"describe select * from {source}").fetchall()]
        instants = {name for name, kind in kinds if kind == "TIMESTAMP WITH TIME ZONE"}
        listed = ", ".join(f'epoch_us("{name}")' if name in instants else f'"{name}"' for name, _ in kinds)
        found = self.con.execute(f"select {listed} from {source}").fetchall()
        return [
            {
                name: instant(value) if name in instants and value is not None else value
                for (name, _), value in zip(kinds, one, strict=True)
            }
            for one in found
        ]


def instant(microseconds: int) -> datetime:
    """Return an instant by its microseconds since 1970."""
    return EPOCH + timedelta(microseconds=microseconds)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def unpacked(file: Path, folder: Path) -> Pack:
    """Lay the members out in an empty folder, each compared with the manifest; raises BrokenPackError."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest.get("format") != FORMAT:
                raise BrokenPackError(f"says it is {manifest.get('format')!r}; this verifier knows {FORMAT!r}")
            pack = Pack(folder, manifest)
            _lay_out(pack, archive, manifest["members"])
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError) as cause:
        raise BrokenPackError(f"is not a verification pack that can be read ({cause})") from cause
    return pack


def _lay_out(pack: Pack, archive: zipfile.ZipFile, listed: Mapping[str, Mapping[str, Any]]) -> None:
    names = [name for name in archive.namelist() if name != MANIFEST]
    for name in sorted(set(names) ^ listed.keys()):
        here, there = ("in the pack", "in its manifest") if name in names else ("in the manifest", "in the pack")
        pack.fault(name, f"is {here}, but not {there}")
    if len(names) != len(set(names)):
        raise BrokenPackError("holds two members of one name")
    for name in names:
        target = (pack.folder / name).resolve()
        if not target.is_relative_to(pack.folder.resolve()):
            raise BrokenPackError(f"{name}: leads out of the pack")
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
        kept, said = hashlib.sha256(target.read_bytes()).hexdigest(), listed.get(name, {}).get("sha256")
        if said is not None and kept != said:
            pack.fault(name, f"its SHA-256 is {kept[:16]}…, the manifest says {said[:16]}…")
        pack.count("members")
