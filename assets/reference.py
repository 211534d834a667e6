"""The site folder and the factor library, every version kept as ref tables."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pyarrow as pa

from assets.work import LOG, Work
from factors import site_tables
from ingestion import health
from lake import acknowledgements, closings, entries, footprint_releases, review_doubts, supplier_acts
from lake.ledger import rows as ledger
from lake.ledger.book import Refused
from lake.schemas import UTC as INSTANT
from lake.site import aside, closure
from lake.site.load import SiteSettings, SourceSpec

_OUTAGES = pa.schema(
    [
        pa.field("source", pa.string()),
        pa.field("from_at", INSTANT),
        pa.field("to_at", INSTANT),  # null where it lasts
        pa.field("reason", pa.string()),
    ]
)
_CLOCKS = pa.schema(
    [pa.field("source", pa.string()), pa.field("device", pa.string()), pa.field("offset_s", pa.int64())]
)


@dg.asset(key=["ref", "site"], group_name="ref", kinds={"csv", "yaml", "deltalake"}, owners=["team:energy"])
def site(work: dg.ResourceParam[Work]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """站点文件夹与已批准填报的每个版本 | Every version of the site folder, with what was entered and approved."""
    work.begin()
    read = work.site
    together, form = dict(read.tables), None
    for spec in read.sources.values():
        if spec.kind == "form":
            together, form = entries.merged(work.lake, spec.id, together), spec.id
    together, unposted = ledger.settled(together)
    tables = {name: table for name, table in together.items() if table.num_columns}
    organizations = read.tables["organizations"]
    tables["organization_closure"] = closure.organization_closure(organizations)
    tables["unit_closure"] = closure.unit_closure(read.tables["energy_units"], organizations)
    tables |= site_tables.by_use(together)
    tables["site"] = _one_row(read.settings)
    tables["sources"] = kinds_of_sources(read.sources)
    tables |= noted_by_the_collector(work.lake.root)
    tables["site_factor_sets"] = _factor_sets(read.settings.factor_sets)
    joined = work.library
    for fault in joined.faults:
        LOG.warning("method package left out, the rest is accounted: %s", fault)
    tables["method_packages"] = joined.packages
    refused = pa.concat_tables([read.refused, _not_posted(unposted)])
    for row in refused.to_pylist():
        words = [row[name] or "-" for name in ("file", "line", "column", "reason")]
        LOG.warning("row left out, the rest is used: %s:%s: %s: %s", *words)
    tables["closings"] = closings.told(work.lake)
    tables["footprint_releases"] = footprint_releases.told(work.lake)
    tables["refused_rows"] = refused
    tables["alert_acknowledgements"] = acknowledgements.all_of(work.lake, form)
    tables["supplier_acts"] = supplier_acts.all_of(work.lake, form)
    if read.dispatch or "dispatch" in work.lake.tables("ref"):
        told = json.dumps(read.dispatch, ensure_ascii=False, sort_keys=True)
        tables["dispatch"] = pa.table({"settings": pa.array([told], pa.string())})
    tables["review_doubts"] = review_doubts.latest(work.lake, form)
    return _kept(work, tables)


@dg.asset(key=["ref", "factors"], group_name="ref", kinds={"csv", "deltalake"}, owners=["team:carbon"])
def factors(work: dg.ResourceParam[Work]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """因子库的每个版本 | Every version of the factor library: coefficients, carriers, units, each with its source."""
    return _kept(work, work.library.tables)


def _kept(work: Work, tables: dict[str, pa.Table]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    known_at = datetime.now(UTC)
    changed = work.lake.snapshots(tables, known_at)
    if changed:
        LOG.info("ref: new version of %s", ", ".join(changed))
        times = {name: tables[name].num_rows for name in changed}
        work.note("site_changed" if "site" in tables else "factors_changed", ", ".join(changed), json.dumps(times))
    return dg.MaterializeResult(metadata={"changed": changed, "tables": len(tables)})


def kinds_of_sources(sources: Mapping[str, SourceSpec]) -> pa.Table:
    """Return the id and the kind of each connection, and nothing else of it: settings may hold secrets."""
    schema = pa.schema([pa.field("source_id", pa.string()), pa.field("kind", pa.string())])
    return pa.Table.from_pylist([{"source_id": spec.id, "kind": spec.kind} for spec in sources.values()], schema)


def noted_by_the_collector(root: Path) -> dict[str, pa.Table]:
    """Return the outages of the sources and how far the clocks of devices are away; no rows without a collector."""
    noted = health.read(root).get("sources", ())
    outages = [
        {**outage, "source": one["source"], "from_at": _instant(outage["from_at"]), "to_at": _instant(outage["to_at"])}
        for one in noted
        for outage in one["outages"]
    ]
    clocks = [
        {"source": one["source"], "device": one["clock_device"], "offset_s": round(one["clock_offset_s"])}
        for one in noted
        if one["clock_offset_s"] is not None
    ]
    return {
        "source_outages": pa.Table.from_pylist(outages, _OUTAGES),
        "source_clocks": pa.Table.from_pylist(clocks, _CLOCKS),
    }


def _not_posted(unposted: Sequence[Refused]) -> pa.Table:
    """Return what the ledger refused as rows that are left out; what was entered stands on no line of the file."""
    rows = [
        {
            "file": f"{fault.entry.place[0]}.csv",
            "line": None,
            "column": fault.column,
            "reason": f"{fault.entry.organization_id} {fault.entry.transaction_id}: {fault.reason}",
            "payload": json.dumps({"entry": fault.entry.told.get("entry")}, ensure_ascii=False),
        }
        for fault in unposted
    ]
    return pa.Table.from_pylist(rows, aside.SCHEMA)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _one_row(settings: SiteSettings) -> pa.Table:
    scalars = {name: value for name, value in vars(settings).items() if name != "factor_sets"}
    return pa.Table.from_pylist([scalars])


def _factor_sets(sets: dict[str, str]) -> pa.Table:
    schema = pa.schema([pa.field("kind", pa.string()), pa.field("factor_set", pa.string())])
    return pa.Table.from_pylist([{"kind": kind, "factor_set": name} for kind, name in sorted(sets.items())], schema)
