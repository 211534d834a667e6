"""Known vulnerabilities of the locked packages: asked with pip-audit, recorded with the date, each one explained.

    python -m scripts.supply.audit [--offline] [--only NAME …] [--service pypi|osv] [--osv-url URL]

locks/audit.json records what was asked when and what was found; locks/audit.yaml explains each finding that stays.
`--offline` judges by the record alone. It ends with 1 where a finding is not explained, an explanation explains
nothing, or a package that a plant installs was not asked about for three months.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from scripts.supply import locked

RECORD = locked.LOCKS / "audit.json"
EXPLAINED = locked.LOCKS / "audit.yaml"
#: A record that is older tells too little of today.
HOLDS = timedelta(days=90)
_MOST_NAMES = 5


def asked(pins: Sequence[locked.Pin], service: str, osv_url: str | None, today: date) -> dict[str, Any]:
    """Ask a service about the pins and return the record of it.

    Raises RuntimeError where the service gives no answer.
    """
    answered = [one for wanted in _rounds(pins) for one in _answered(wanted, service, osv_url)]
    return {
        "asked": {
            f"{locked.normal(one['name'])}=={one['version']}": {"on": today.isoformat(), "service": service}
            for one in answered
            if "version" in one
        },
        "findings": [
            {
                "id": found["id"],
                "aliases": sorted(found["aliases"]),
                "package": locked.normal(one["name"]),
                "version": one["version"],
                "fixed_in": found["fix_versions"],
            }
            for one in answered
            for found in one.get("vulns", [])
        ],
    }


def _rounds(pins: Sequence[locked.Pin]) -> list[list[str]]:
    """Return the pins as requirements, in as many lists as it takes to have each name once in a list."""
    versions: dict[str, set[str]] = {}
    for pin in pins:
        versions.setdefault(pin.name, set()).add(pin.version)
    ordered = {name: sorted(found) for name, found in sorted(versions.items())}
    most = max(map(len, ordered.values()), default=0)
    return [[f"{name}=={found[at]}" for name, found in ordered.items() if at < len(found)] for at in range(most)]


def _answered(wanted: Sequence[str], service: str, osv_url: str | None) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "-r", str(listed), "--no-deps", "--disable-pip", "-f", "json"]
        command += ["--progress-spinner", "off", "-s", service, *(["--osv-url", osv_url] if osv_url else [])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        words = done.stderr.strip().splitlines() or ["it said nothing"]
        raise RuntimeError(f"{service} gave no answer: {words[-1]}")
    found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    return found


def merged(record: Mapping[str, Any], news: Mapping[str, Any], pins: Sequence[locked.Pin]) -> dict[str, Any]:
    """Return the record with news in it, without what no lock names any more."""
    there = {f"{pin.name}=={pin.version}" for pin in pins}
    answers = {key: told for key, told in {**record["asked"], **news["asked"]}.items() if key in there}
    held = [one for one in record["findings"] if _key(one) in answers and _key(one) not in news["asked"]]
    findings = [*held, *news["findings"]]
    return {
        "asked": dict(sorted(answers.items())),
        "findings": sorted(findings, key=lambda one: (one["package"], one["version"], one["id"])),
    }


def open_findings(
    record: Mapping[str, Any], explained: Sequence[Mapping[str, Any]], pins: Sequence[locked.Pin]
) -> Iterator[str]:
    """Yield one sentence for each finding that nobody explained and each explanation of what is not there."""
    there = {f"{pin.name}=={pin.version}" for pin in pins}
    found = {(one["id"], _key(one)): one for one in record["findings"] if _key(one) in there}
    answered = {(one["id"], _key(one)) for one in explained}
    for number, key in sorted(found.keys() - answered):
        fixed = ", ".join(found[number, key]["fixed_in"]) or "no release yet"
        yield f"{key} has {number} (fixed in {fixed}): renew the lock, or explain it in {EXPLAINED.name}"
    for number, key in sorted(answered - found.keys()):
        yield f"{number} of {key} is explained in {EXPLAINED.name} and no finding of a locked package: take it out"


def not_asked(record: Mapping[str, Any], pins: Sequence[locked.Pin], today: date) -> Iterator[str]:
    """Yield a sentence where packages that a plant installs were not asked about, or too long ago."""
    shipped = {f"{pin.name}=={pin.version}" for pin in pins if pin.lock in locked.SHIPPED}
    never = sorted(shipped - record["asked"].keys())
    if never:
        names = ", ".join(never[:_MOST_NAMES]) + (" …" if len(never) > _MOST_NAMES else "")
        yield f"{len(never)} of {len(shipped)} packages were never asked about ({names}): make audit"
    times = {key: date.fromisoformat(told["on"]) for key, told in record["asked"].items() if key in shipped}
    old = [key for key, on in times.items() if today - on > HOLDS]
    if old:
        first = min(times.values())
        yield f"{len(old)} packages were asked about more than {HOLDS.days} days ago, the first on {first}: make audit"


def read() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the record and the explanations as they are kept."""
    record: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    return record, YAML(typ="safe").load(EXPLAINED.read_text("utf-8")) or []


def _key(one: Mapping[str, Any]) -> str:
    return f"{one['package']}=={one['version']}"


def main() -> int:
    """Ask unless offline, keep the record, and print what is open."""
    given = argparse.ArgumentParser(prog="python -m scripts.supply.audit")
    given.add_argument("--offline", action="store_true")
    given.add_argument("--only", nargs="+", default=[], metavar="NAME")
    given.add_argument("--service", choices=("pypi", "osv"), default="pypi")
    given.add_argument("--osv-url")
    options = given.parse_args()
    pins, today = list(locked.pins()), datetime.now(UTC).date()
    record, explained = read()
    if not options.offline:
        wanted = [pin for pin in pins if not options.only or pin.name in options.only]
        try:
            record = merged(record, asked(wanted, options.service, options.osv_url, today), pins)
        except RuntimeError as cause:
            print(f"audit: {cause}; --offline judges by the record of before", file=sys.stderr)
            return 1
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    told = [*open_findings(record, explained, pins), *not_asked(record, pins, today)]
    print("\n".join(told) or f"{len(record['asked'])} packages, {len(record['findings'])} findings, each explained")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
