"""All marts or none: what a build made becomes one publication.

Order: one Delta commit per changed mart, then the manifest, which is the instant of publication, then the files that
readers open. Whatever dies before the manifest is undone by the next run, whatever dies after it is finished by it
(`lake/recovery.py`).
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from lake import doors, durable, grades, manifest, martfiles, tablerows, tenants
from lake import project as dbt
from lake.build import Build
from lake.engine import connected
from lake.manifest import Manifest, Mart
from lake.store import Lake


def last_manifest(lake: Lake) -> Manifest | None:
    """Return the publication that readers see, if there is one."""
    return manifest.last(lake.area("marts"))


def table_of(lake: Lake, published: Manifest, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table of the site or the library as they were published; none where there is none."""
    return table_known(lake, published.ref.get(name), name)


def table_known(lake: Lake, known: str | None, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table of the site or the library as they were known first at a time; none without one."""
    if known is None or not lake.exists("ref", name):
        return []
    rows = tablerows.read(lake.path("ref", name)).to_pylist()
    return [row for row in rows if row["known_at"].isoformat() == known]


def publish(lake: Lake, build: Build) -> Manifest:
    """Make what the build wrote the publication that readers see."""
    before = manifest.last(build.marts)
    documented = _documented(dbt.manifest(build.project))
    with connected(build.database, engine=build.engine) as con:
        built = con.execute(
            "select distinct schema_name, table_name, partition_by, described from meta.built"
        ).fetchall()
        changes = {
            f"{schema}.{table}": _change(con, build, before, f"{schema}.{table}", by) for schema, table, by, _ in built
        }
    documented |= {f"{schema}.{table}": json.loads(text) for schema, table, _, text in built if text}
    earlier = {} if build.worklist.is_full else _kept(build, before, changes, documented)
    marts = {**earlier, **{name: _commit(name, change, before, documented) for name, change in sorted(changes.items())}}
    published = _manifest(build, before, marts)
    durable.keep_all(build.marts)
    manifest.write(build.marts, published)
    finish(build.marts, lake.root if build.as_of is None else build.marts, published)
    shutil.rmtree(build.folder, ignore_errors=True)
    return published


def _change(
    con: duckdb.DuckDBPyConnection, build: Build, before: Manifest | None, name: str, by: str | None
) -> martfiles.Change:
    root = build.marts / name.replace(".", "/")
    shape = con.sql(f"select * from {doors.quoted_name(name)} limit 0").to_arrow_table().schema
    added = tuple(sorted(path.relative_to(root).as_posix() for path in root.rglob(f"{build.run_id}*.parquet")))
    old = before.marts.get(name) if before else None
    replaced = {
        Path(path).relative_to(root).as_posix()
        for (path,) in con.execute("select path from meta.replaced where mart = $1", [name]).fetchall()
    }
    by_work = not build.worklist.is_full and name not in build.worklist.rebuild.whole and by is not None
    removed = tuple(path for path in (old.files if old else ()) if not by_work or path in replaced)
    return martfiles.Change(root, shape, by, added, removed)


def _commit(name: str, change: martfiles.Change, before: Manifest | None, documented: Mapping[str, Any]) -> Mart:
    old = before.marts.get(name) if before else None
    version = martfiles.commit(change)
    retained = [path for path in (old.files if old else ()) if path not in change.removed]
    files = tuple(sorted([*retained, *change.added]))
    known = documented.get(name, {})
    return Mart(
        version=version,
        files=files,
        rows=martfiles.rows(change.root, files),
        columns=tuple(change.schema.names),
        partition_by=change.partition_by,
        bi=bool(known.get("bi", False)),
        bi_days=known.get("bi_days"),
        comments=known.get("comments", {}),
        grade=known.get("grade", grades.GENERAL),
        sensitive=known.get("sensitive", {}),
    )


def _kept(
    build: Build, before: Manifest | None, changes: Mapping[str, object], documented: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mart]:
    """Return the marts that stay as they were, in today's words; one whose model is gone goes with it."""
    gone = set(before.models if before else {}) - set(build.inputs["models"])
    return {
        name: replace(mart, **_told(documented[name])) if name in documented else mart
        for name, mart in (before.marts if before else {}).items()
        if name not in changes and name not in gone
    }


def _told(documented: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a mart today, whatever was said when its rows were made."""
    return {name: documented[name] for name in ("comments", "grade", "sensitive") if name in documented}


def _documented(known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the descriptions and flags of each model, from dbt's manifest."""
    found = {}
    for node in known["nodes"].values():
        if node["resource_type"] == "model":
            meta = node["config"].get("meta", {})
            comments = {column["name"]: column["description"] for column in node["columns"].values()}
            comments = {"": node["description"], **comments}
            found[f"{node['schema']}.{node['alias']}"] = {
                "bi": meta.get("bi", False),
                "bi_days": meta.get("bi_days"),
                "comments": {column: text for column, text in comments.items() if text},
                "grade": meta.get("grade", grades.GENERAL),
                "sensitive": _sensitive(node["columns"]),
            }
    return found


def _sensitive(columns: Mapping[str, Any]) -> dict[str, str]:
    """Return the kind of each column that dbt's manifest calls sensitive."""
    kinds = {name: column.get("config", {}).get("meta", {}).get("sensitive") for name, column in columns.items()}
    return {name: kind for name, kind in kinds.items() if kind}


def _manifest(build: Build, before: Manifest | None, marts: Mapping[str, Mart]) -> Manifest:
    inputs = build.inputs
    period = inputs["period"] or (None, None)
    months = build.worklist.months
    return Manifest(
        number=manifest.next_number(build.marts),
        run_id=build.run_id,
        published_at=datetime.now(UTC).isoformat(timespec="seconds"),
        site_id=inputs["site_id"],
        code_hash=inputs["code_hash"],
        as_of=build.as_of.isoformat() if build.as_of else None,
        timezone=build.variables["timezone"],
        months=None if months is None else tuple(month.isoformat() for month in months),
        period_from=period[0],
        period_to=period[1],
        newest_reading_at=inputs["newest_reading_at"],
        raw=inputs["raw"],
        quarantine=inputs["quarantine"],
        ref=inputs["ref"],
        marts=marts,
        models=inputs["models"],
    )


def finish(area: Path, folder: Path, published: Manifest) -> None:
    """Make the files that readers open show a publication."""
    doors.open_marts(folder, area, published)
    doors.open_sealed(folder, area, published)
    if published.as_of is None:
        tenants.open_all(folder, area, published)
