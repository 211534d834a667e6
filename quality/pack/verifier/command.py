"""Verify a Nengtan verification pack with nothing but Python 3.11 or newer and DuckDB: no lake, no network, no Nengtan.

    python verify.py PACK.zip [--public-key BASE64] [--head HEAD.json] [--json]

The copy in a pack is there to be read and tried. Who does not trust the sender takes this file from a release of the
product, or runs `nengtan verify PACK`. Whose pack it is shows only to those who know the key, or a head, already.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb

from quality.pack.verifier.figures import recompute
from quality.pack.verifier.opened import BrokenPackError, Fault, Pack, Verdict, unpacked
from quality.pack.verifier.proofs import prove


def verify(
    file: Path, public_key: str | None = None, heads: Sequence[Path] = (), instead: Mapping[str, str] | None = None
) -> Verdict:
    """Return what holds of a pack and what does not; `instead` are statements that the caller trusts more."""
    with tempfile.TemporaryDirectory(prefix="nengtan-verify-") as folder:
        try:
            pack = unpacked(file, Path(folder).resolve())
        except BrokenPackError as cause:
            return Verdict(faults=[Fault(file.name, str(cause))])
        for look in (_proofs(public_key, heads), _figures(instead or {})):
            try:
                look(pack)
            except BrokenPackError as cause:
                pack.fault(file.name, str(cause))
            except (duckdb.Error, OSError, LookupError, TypeError, ValueError, AttributeError) as cause:
                pack.fault(
                    file.name, f"cannot be read any further ({type(cause).__name__}: {str(cause).strip()[:200]})"
                )
        pack.con.close()
        return pack.found


def _proofs(public_key: str | None, heads: Sequence[Path]) -> Callable[[Pack], None]:
    return lambda pack: prove(pack, public_key, heads)


def _figures(instead: Mapping[str, str]) -> Callable[[Pack], None]:
    return lambda pack: recompute(pack, instead)


def told(verdict: Verdict, *, is_known: bool) -> list[str]:
    """Return the verdict as lines for people."""
    manifest, lines = verdict.manifest, []
    if manifest:
        head = manifest["head"]
        lines += [
            f"{manifest['site']['id']}, {manifest['organization'] or 'all organisations'}, {manifest['period']}: "
            f"publication {manifest['publication']['number']} of {manifest['publication']['published_at']}",
            ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in verdict.counts.items()),
            f"head {head['number']}, root {head['root_hash']}",
            f"key {manifest['public_key']} ({'the one asked for' if is_known else 'known from the pack only'})",
        ]
    lines += [f"  {fault.member}: {fault.said}" for fault in verdict.faults]
    lines.append(f"{len(verdict.faults)} things do not hold" if verdict.faults else "everything holds")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the pack that the arguments name; 0 where everything holds, 1 where something does not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pack", type=Path)
    parser.add_argument("--public-key", help="whose signature it has to be, in base64")
    parser.add_argument("--head", type=Path, action="append", default=[], help="a head that was kept elsewhere")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    asked = parser.parse_args(arguments)
    verdict = verify(asked.pack, asked.public_key, asked.head)
    if asked.json:
        said = {name: value for name, value in asdict(verdict).items() if name != "manifest"}
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(told(verdict, is_known=bool(asked.public_key or asked.head))) + "\n")
    return int(bool(verdict.faults))


if __name__ == "__main__":
    sys.exit(main())
