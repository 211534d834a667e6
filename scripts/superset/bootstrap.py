"""Set Superset up for one lake, in one process, as often as wanted: the second time it sees that nothing changed.

    python -m scripts.superset.bootstrap --marts LAKE/marts_bi.duckdb --home DIR [--own DIR] [--prove] [--accounts]

Database schema, roles, themes, the read-only connection, datasets, charts, dashboards in two languages for three
devices, row rules with default deny. `--prove` asks every chart's question in process; `--accounts` adds the first
accounts and prints their passwords, once. Exit status: 0 fine, 1 a chart without answer, 2 wrong usage.
"""

import argparse
import hashlib
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scripts.superset import access, facts, generate, proof, specification, sync
from scripts.superset.home import Home

HERE = Path(__file__).parent
SYNC_USER = "nengtan_sync"
SUPERSET = version("apache-superset")


def run(marts: Path, home: Home, own: Path | None = None, *, prove: bool, accounts: bool) -> dict[str, Any]:
    """Bring Superset up to date, with the site's own pages if it has any; return what was done.

    New passwords are under `passwords`.
    """
    began = time.monotonic()
    home.open()
    wanted = specification.read(own=own)
    known = facts.read(marts, wanted)
    files = generate.assets(wanted, known, marts)
    state, digest, publication = home.state(), _digest(files, known), _publication(marts)
    todo = {
        "sync": state.get("digest") != digest or state.get("superset") != SUPERSET,
        "prove": prove and state.get("proved") != f"{digest} {publication}",
        "accounts": accounts and state.get("accounts") != sorted(person.username for person in access.people(known)),
    }
    report: dict[str, Any] = {
        "changed": todo["sync"],
        "charts": 0,
        "faults": [],
        "empty": [],
        "removed": [],
        "passwords": {},
    }
    if any(todo.values()):
        with home.log():
            report |= _inside(wanted, known, files, state, todo)
        fresh: dict[str, Any] = {"digest": digest, "superset": SUPERSET}
        if todo["prove"] and not report["faults"]:
            fresh["proved"] = f"{digest} {publication}"
        if todo["accounts"]:
            fresh["accounts"] = sorted(person.username for person in access.people(known))
        home.record(state | fresh)
    report["charts"] = report["charts"] or len(generate.identifiers(files, "charts"))
    report["dashboards"] = len(generate.identifiers(files, "dashboards"))
    report["left_out"] = [slug for slug, chart in wanted.charts.items() if not known.can_draw(chart)]
    report["seconds"] = round(time.monotonic() - began, 1)
    return report


def _inside(
    wanted: specification.Specification,
    known: facts.Facts,
    files: dict[str, Any],
    state: dict[str, Any],
    todo: dict[str, bool],
) -> dict[str, Any]:
    """Do what is to do inside one Superset application."""
    from superset.app import create_app

    done: dict[str, Any] = {}
    app = create_app()
    with app.app_context():
        from superset import security_manager
        from superset.utils.core import override_user

        if state.get("superset") != SUPERSET:
            _found()
        with override_user(security_manager.find_user(SYNC_USER)):
            if todo["sync"]:
                done["removed"] = sync.bring(files)
                access.grant(wanted, known)
            if todo["prove"]:
                answers = proof.ask(wanted, known)
                done["empty"] = [
                    answer.chart
                    for answer in answers
                    if not answer.rows and not answer.fault and not answer.may_be_empty
                ]
                done["faults"] = [f"{answer.chart}: {answer.fault}" for answer in answers if answer.fault]
            if todo["accounts"]:
                done["passwords"] = access.enrol(known)
    return done


def _found() -> None:
    """Lay the foundation: schema, permissions, standard roles, and the account that owns what git owns."""
    import secrets

    from flask_migrate import upgrade
    from superset import appbuilder
    from superset import security_manager as manager

    upgrade()
    appbuilder.add_permissions(update_perms=True)
    manager.sync_role_definitions()
    if manager.find_user(SYNC_USER) is None:
        owner = manager.add_user(
            SYNC_USER, "Nengtan", "能碳", "sync@nengtan.invalid", manager.find_role("Admin"), secrets.token_urlsafe(42)
        )
        owner.active = False  # owns the assets, never signs in
        manager.update_user(owner)


def _digest(files: dict[str, Any], known: facts.Facts) -> str:
    """Fingerprint everything that a sync depends on: assets, site, our code and texts."""
    parts = hashlib.sha256(json.dumps([files, known.organizations], sort_keys=True, default=str).encode())
    for folder in (HERE, specification.FOLDER):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                parts.update(path.read_bytes())
    return parts.hexdigest()


def _publication(marts: Path) -> str:
    status = marts.stat()
    return f"{status.st_ino} {status.st_mtime_ns} {status.st_size}"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--marts", type=Path, required=True, help="the self-contained marts_bi.duckdb")
    parser.add_argument("--home", type=Path, required=True, help="Superset's own folder; made where missing")
    parser.add_argument("--own", type=Path, help="the site's own pages, SITE/dashboards")
    parser.add_argument("--prove", action="store_true", help="ask every chart's question")
    parser.add_argument("--accounts", action="store_true", help="add the first accounts, print their passwords once")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    arguments = parser.parse_args()
    if not arguments.marts.is_file():
        print(f"{arguments.marts} does not exist; publish the marts first with `nengtan run`", file=sys.stderr)
        return 2
    given = {"prove": arguments.prove, "accounts": arguments.accounts}
    report = run(arguments.marts, Home(arguments.home), arguments.own, **given)
    print(json.dumps(report, ensure_ascii=False) if arguments.json else words(report))
    return 1 if report["faults"] else 0


def words(report: dict[str, Any]) -> str:
    """Say in words what a run did."""
    changed = "brought up to date" if report["changed"] else "nothing new"
    lines = [f"dashboards: {report['dashboards']}, charts: {report['charts']}, {changed}, {report['seconds']} s"]
    lines += [f"removed {name}, which git no longer has" for name in report["removed"]]
    if report["left_out"]:
        lines.append(f"left out, their marts are not published: {', '.join(report['left_out'])}")
    if report["empty"]:
        lines.append(f"empty, the site has no such data yet: {', '.join(report['empty'])}")
    lines += [f"no answer: {fault}" for fault in report["faults"]]
    if report["passwords"]:
        lines.append("First passwords, shown this once; change them after the first sign-in:")
        lines += [f"  {name:<28}{password}" for name, password in report["passwords"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
