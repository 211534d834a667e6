"""A verification pack: its members gathered in a folder, signed, and made one file that has verified itself."""

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from lake import tablerows
from lake.errors import LakeError
from quality.evidence import canonical, chain, keys
from quality.pack import bundle, declared, documents, packed, page, readings, scope, statements, zipped
from quality.pack.asked import Asked
from quality.pack.verifier.command import verify
from quality.pack.verifier.opened import FORMAT, MANIFEST, Verdict


@dataclass(frozen=True)
class Issued:
    """A pack that was made: the file, its hash, what its manifest says, and what verifying it looked at."""

    file: Path
    sha256: str
    manifest: dict[str, Any]
    verdict: Verdict


def issue(asked: Asked, file: Path) -> Issued:
    """Make the pack and verify it; raises LakeError, and leaves no file, where the figures cannot be proven."""
    with tempfile.TemporaryDirectory(prefix="nengtan-pack-") as place:
        folder = Path(place)
        manifest = _gather(asked, folder)
        manifest["members"] = {
            name: {"sha256": zipped.digest_of(path), "size": path.stat().st_size}
            for name, path in zipped.members(folder)
        }
        manifest["signature"] = keys.signature(asked.key, canonical.row(manifest))
        _json(folder / MANIFEST, manifest)
        zipped.write(folder, file)
    verdict = verify(file, keys.public(asked.key))
    if verdict.faults:
        file.unlink()
        first, count = verdict.faults[0], len(verdict.faults)
        raise LakeError(
            f"no pack was made: {count} things of it do not hold, the first is {first.member}: {first.said}"
        )
    return Issued(file, zipped.digest_of(file), manifest, verdict)


def _gather(asked: Asked, folder: Path) -> dict[str, Any]:
    """Write every member but the manifest; return what the manifest says of them."""
    head = asked.heads[-1]
    if head.public_key != keys.public(asked.key):
        raise LakeError(
            "the evidence chain is signed with another key than this one; name it with NENGTAN_EVIDENCE_KEY"
        )
    mine = scope.of(asked)
    members = mine.organizations
    decided = statements.variables(asked)
    texts = statements.of(asked, decided)
    for name, text in texts.items():
        _text(folder / name, text)
    shown = declared.write(asked, members, folder / "data/declared")
    if not shown["carbon.emissions_monthly"].num_rows:
        raise LakeError(
            f"{asked.period}: no emissions are published for it; `nengtan sql` shows which months there are"
        )
    needed, count = readings.write(asked, mine.points, folder / "data/readings")
    things = sorted({*statements.things(texts), "snapshots"})
    for thing in things:
        _table(folder / f"data/ref/{thing}.parquet", _of_thing(asked, mine, thing, things))
    wanted = {f"ref/{thing}" for thing in things}
    needed += [entry for entry in asked.entries if entry.table_name in wanted]
    _json(folder / "proofs/heads.json", [chain.exported(one) for one in asked.heads])
    _json(folder / "proofs/entries.json", [json.loads(_plain(one)) for one in readings.proofs(asked, needed)])
    documents.write(asked, members, folder)
    _text(folder / "verify.py", bundle.text())
    manifest = {**_manifest(asked, members, count), "variables": decided}
    for language, name in (("zh", "index.html"), ("en", "index.en.html")):
        _text(folder / name, page.html(manifest, shown, documents.listed(folder), language))
    return manifest


def _of_thing(asked: Asked, mine: scope.Scope, thing: str, things: list[str]) -> pa.Table:
    if thing != "snapshots":
        return mine.of(thing, asked.thing(thing))
    rows = tablerows.read(asked.lake.path("ref", "snapshots"))
    known = {(one, datetime.fromisoformat(asked.published.ref[one])) for one in things if one != "snapshots"}
    mask = [(row["thing"], row["known_at"]) in known for row in rows.select(["thing", "known_at"]).to_pylist()]
    return rows.filter(pa.array(mask))


def _manifest(asked: Asked, members: frozenset[str] | None, count: int) -> dict[str, Any]:
    head, published, (first, last) = asked.heads[-1], asked.published, asked.bounds
    begin, end = asked.stretch
    return {
        "format": FORMAT,
        "site": {
            "id": asked.settings.id,
            "name_zh": asked.settings.name_zh,
            "name_en": asked.settings.name_en,
            "timezone": asked.settings.timezone,
        },
        "organization": asked.organization,
        "organizations": sorted(members) if members is not None else None,
        "period": asked.period,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "interval_minutes": asked.settings.interval_minutes,
        "publication": {
            "number": published.number,
            "published_at": published.published_at,
            "code_hash": published.code_hash,
        },
        "nengtan": asked.version,
        "readings": {
            "count": count,
            "from": begin.astimezone(UTC).isoformat(),
            "to": end.astimezone(UTC).isoformat(),
            "newest": published.newest_reading_at,
        },
        "algorithm": head.algorithm,
        "public_key": head.public_key,
        "head": {"number": head.number, "size": head.size, "root_hash": head.root_hash, "hash": head.hash()},
    }


def _plain(one: dict[str, Any]) -> bytes:
    """Return an entry with its proof as JSON; what was hashed of it is spelt as it was hashed."""
    return canonical.row({**one, "said": json.loads(canonical.row(one["said"]))})


def _json(file: Path, value: object) -> None:
    _text(file, json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n")


def _text(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _table(file: Path, rows: pa.Table) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with packed.writer(file, rows.schema) as out:
        out.write_table(rows)
