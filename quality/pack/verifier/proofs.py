"""From the rows and documents of a pack up to its signed head: nothing was changed, put in or left out."""

import hashlib
import json
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from quality.pack.verifier.blocks import blocks, row
from quality.pack.verifier.ed25519 import is_signed
from quality.pack.verifier.hashes import digest, leaf, reached, root
from quality.pack.verifier.opened import MANIFEST, MOST_NAMED, BrokenPackError, Pack, instant
from quality.pack.verifier.sm2 import is_signed_by_sm2

_HEADS, _ENTRIES = "proofs/heads.json", "proofs/entries.json"


def prove(pack: Pack, public_key: str | None, kept: Sequence[Path]) -> None:
    """Look at the manifest's signature, the heads, the entries, and every row that the pack rests on."""
    _signature(pack, public_key)
    heads = pack.json(_HEADS)
    _chained(pack, heads, kept)
    _entries(pack, heads[-1])
    _reference(pack)
    _readings(pack)
    _documents(pack)


def _unsigned(said: Mapping[str, Any]) -> bytes:
    return row({name: value for name, value in said.items() if name not in {"signature", "timestamp"}})


def _is_signed(said: Mapping[str, Any]) -> bool:
    holds = is_signed_by_sm2 if said["public_key"].startswith("sm2:") else is_signed
    return holds(said["public_key"], _unsigned(said), said["signature"])


def _signature(pack: Pack, public_key: str | None) -> None:
    manifest = pack.manifest
    if not _is_signed(manifest):
        pack.fault(MANIFEST, f"its signature is not that of key {manifest['public_key']} over what it says")
    if public_key is not None and manifest["public_key"] != public_key:
        pack.fault(MANIFEST, f"signed with key {manifest['public_key']}, not with {public_key}")


def _chained(pack: Pack, heads: Sequence[Mapping[str, Any]], kept: Sequence[Path]) -> None:
    """Each head names the one before, so the last signature covers all; heads kept elsewhere are among them."""
    hashes, before = [], ""
    for place, head in enumerate(heads, start=1):
        if (head["number"], head["previous_hash"], head["site_id"]) != (place, before, pack.manifest["site"]["id"]):
            pack.fault(_HEADS, f"head {place}: does not follow the head before it in this site's chain")
        before = _hash(head, pack.algorithm)
        hashes.append(before)
    last = heads[-1]
    if not _is_signed(last):
        pack.fault(_HEADS, f"head {last['number']}: its signature is not that of its key over what it says")
    for name in ("public_key", "algorithm"):
        if last[name] != pack.manifest[name]:
            pack.fault(_HEADS, f"head {last['number']}: its {name} is not that of the manifest")
    if before != pack.manifest["head"]["hash"]:
        pack.fault(_HEADS, f"head {last['number']}: is not the head that the manifest names")
    for path in kept:
        if _hash(_outside(path), pack.algorithm) not in hashes:
            pack.fault(_HEADS, f"the head in {path.name} is not one of this chain: its history was written anew")
    pack.count("heads", len(heads))


def _outside(path: Path) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {"signature": "", **found}
    except (ValueError, TypeError) as cause:
        raise BrokenPackError(f"{path.name}: is not a head of an evidence chain") from cause


def _hash(head: Mapping[str, Any], algorithm: str) -> str:
    return digest(_unsigned(head) + str(head["signature"]).encode(), algorithm).hex()


def _entries(pack: Pack, head: Mapping[str, Any]) -> None:
    """Every entry of the log that the pack rests on: by its leaves, and by its audit path to the head."""
    width = len(digest(b"", pack.algorithm))
    for entry in pack.json(_ENTRIES):
        said, sealed = entry["said"], b64decode(entry["leaves"])
        where = f"entry {said['chain_position']} of the log ({said['table_name']})"
        entry["hashes"] = [sealed[at : at + width] for at in range(0, len(sealed), width)]
        if root(entry["hashes"], pack.algorithm).hex() != said["root_hash"]:
            pack.fault(_ENTRIES, f"{where}: its root is not that of its leaves")
        path = [bytes.fromhex(one) for one in entry["path"]]
        top = reached(leaf(row(said), pack.algorithm), said["chain_position"], head["size"], path, pack.algorithm)
        if top is None or top.hex() != head["root_hash"]:
            pack.fault(_ENTRIES, f"{where}: its audit path does not lead to the root of the signed head")
        pack.entries.append(entry)
        pack.count("entries")


def _reference(pack: Pack) -> None:
    """Every row of the site and of the factor library is one that was sealed, and no table lacks any."""
    found = {path.stem: (member, pack.rows(path)) for member, path in pack.members("data/ref")}
    known = {one["thing"]: one["rows"] for one in found.get("snapshots", ("", []))[1]}
    for thing, (member, rows) in found.items():
        mine = [entry["hashes"] for entry in pack.entries if entry["said"]["table_name"] == f"ref/{thing}"]
        sealed = Counter(one for hashes in mine for one in hashes)
        changed = []
        for place, one in enumerate(rows, start=1):
            hashed = leaf(row(one), pack.algorithm)
            if not sealed[hashed]:
                changed.append((place, row(one).decode()))
            sealed[hashed] -= 1
        for place, said in changed[:MOST_NAMED]:
            pack.fault(member, f"row {place} is not one that was sealed: {said}")
        is_whole = pack.manifest["organization"] is None and thing != "snapshots"
        if is_whole and len(rows) != known.get(thing):
            pack.fault(member, f"has {len(rows)} rows where {known.get(thing)} were known")
        pack.count("reference_rows", len(rows))


def _readings(pack: Pack) -> None:
    """Every block of readings has the hash that was sealed of it."""
    entries = {entry["said"]["chain_position"]: entry for entry in pack.entries}
    for member, path in pack.members("data/readings"):
        columns = pack.con.execute("describe select value from read_parquet($file)", {"file": str(path)}).fetchall()
        places = int(columns[0][1].rstrip(")").split(",")[1])
        changed = []
        for number, block, rows, content in blocks(pack.con, str(path), places):
            entry = entries.get(number)
            is_mine = entry is not None and entry["said"]["table_name"] == f"raw/{path.stem}"
            sealed = entry["hashes"][block - 1 : block] if entry is not None and is_mine else []
            if sealed != [leaf(content, pack.algorithm)]:
                changed.append((number, block))
            pack.count("readings", rows)
            pack.count("blocks")
        for number, block in sorted(changed)[:MOST_NAMED]:
            pack.fault(member, _where(pack, path, entries.get(number), number, block))
        if len(changed) > MOST_NAMED:
            pack.fault(member, f"{len(changed)} blocks in all are not as they were sealed")


def _where(pack: Pack, path: Path, entry: Mapping[str, Any] | None, number: int, block: int) -> str:
    delivery = str(entry["said"]["batch_id"])[:12] if entry else "unknown"
    first, last = [
        pack.con.execute(
            "select point_id, epoch_us(reading_at), cast(value as varchar) from read_parquet($file) where "
            f"chain_position = $number and block = $block order by point_id {way}, reading_at {way} limit 1",
            {"file": str(path), "number": number, "block": block},
        ).fetchall()[0]
        for way in ("asc", "desc")
    ]
    between = " and ".join(f"{one[0]} at {instant(one[1]):%Y-%m-%d %H:%M} UTC = {one[2]}" for one in (first, last))
    return f"block {block} of delivery {delivery} (entry {number}): not as it was sealed; it lies between {between}"


def _documents(pack: Pack) -> None:
    """What people handed in lies in the lake under its hash; a document of the site's folder only in the manifest."""
    for member, path in pack.members("vouchers"):
        kept = hashlib.sha256(path.read_bytes()).hexdigest()
        if member.startswith("vouchers/payloads/") and kept != path.stem.split(".")[0]:
            pack.fault(member, f"its bytes have the hash {kept}, not the one that it is named by")
        pack.count("documents")
