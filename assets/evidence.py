"""The evidence chain: what has landed is hashed into a log with a signed head, in every run that takes something in."""

import dagster as dg
import polars as pl
import pyarrow as pa

from assets import arrivals
from assets.python_marts import keys, step, written
from assets.work import LOG, Work
from lake.engine import connected
from lake.errors import LakeError
from quality import tables as tables_of
from quality.evidence import chain, sealing, timestamps
from quality.evidence import keys as signing
from quality.finding import Finding
from quality.lineage import carried
from quality.lineage.place import Inputs, Place
from quality.pack import record

MART = "evidence.batches"
ISSUED = "evidence.packs_issued"
MARTS = (MART, carried.MART, ISSUED)
KEYS = keys(MARTS)
SEALED = dg.AssetKey(["evidence", "sealed"])
_COUNTED = "energy.consumption_points_monthly"
_PARENTS = (
    *("evidence.sealed", "quality.sources", "carbon.emissions_monthly", _COUNTED),
    "reference.organizations",
)


@dg.asset(
    key=SEALED,
    deps=[arrivals.KEY],
    group_name="evidence",
    kinds={"python", "deltalake"},
    owners=["team:carbon"],
    description="存证：新到数据的哈希链与签名链头 | What has landed, in the log of hashes with its signed head.",
)
def sealed(work: dg.ResourceParam[Work]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Seal what has come; a chain that cannot go on is a finding and never keeps figures from being published."""
    return dg.MaterializeResult(metadata=seal(work))


def seal(work: Work) -> dict[str, str | int]:
    """Return what the last head says; a look back seals nothing."""
    if work.as_of is not None:
        return {"left_out": "a look back takes nothing in"}
    algorithm = work.environment.get("NENGTAN_EVIDENCE_HASH") or "sha256"
    try:
        key = signing.opened(signing.place(work.environment, work.root), signing.kind(work.environment))
        head = sealing.seal(work.lake, key, algorithm)
    except LakeError as trouble:
        LOG.warning("evidence: %s", trouble)
        work.findings.append(_broken(str(trouble)))
        return {"fault": str(trouble)}
    if head is None:
        return {}
    _stamp(work, head)
    return {"head": head.number, "entries": head.size, "root_hash": head.root_hash}


def _stamp(work: Work, head: chain.Head) -> None:
    """Have the head stamped where an authority is named; one that does not answer is asked again by the next run."""
    address = work.environment.get("NENGTAN_TIMESTAMP_URL")
    if address:
        try:
            timestamps.stamp(work.lake, head, address)
        except LakeError as trouble:
            LOG.warning("evidence: %s", trouble)
            work.findings.append(_unstamped(str(trouble)))


def evidence_asset() -> dg.AssetsDefinition:
    """Return the step that publishes what was sealed, and what the accounts rest on."""
    return step("evidence", MARTS, publish_chain, parents=_PARENTS, owner="team:carbon")


def publish_chain(work: Work) -> dict[str, int]:
    """Make the marts of the log's entries, of what lines rest on and of packs that were issued; return their rows."""
    made = {MART: _entries(work), carried.MART: _lineage(work), ISSUED: _packs(work)}
    return written(work, made, inside={carried.MART})


def _lineage(work: Work) -> pa.Table:
    """Look at the readings of the months that this run rebuilt; the published rows tell of the others."""
    assert work.build is not None, "the marts were built"
    assert work.worklist is not None, "the run was planned"
    inputs = work.build.inputs
    made_from = Inputs(inputs["raw"], inputs["ref"], work.site.settings.timezone, inputs["code_hash"])
    is_whole = work.worklist.months is None or bool(work.worklist.rebuild.whole & {_COUNTED, carried.MART})
    with connected(work.build.database, engine=work.build.engine) as connection:
        is_known = tables_of.exists(connection, f"published.{carried.MART.replace('.', '__')}")
        months = None if is_whole or not is_known else work.worklist.months
        return carried.table(Place(work.lake, connection, made_from, work.as_of), months)


def _entries(work: Work) -> pa.Table:
    assert work.build is not None, "the marts were built"
    heads = [head for head in chain.heads(work.lake) if work.as_of is None or head.sealed_at <= work.as_of]
    return of_entries(heads, chain.entries(work.lake, heads[-1] if heads else None))


def _packs(work: Work) -> pa.Table:
    """The record of packs, with the names of those whose figures are in them: of all of the site, its root's."""
    assert work.build is not None, "the marts were built"
    names = {row["organization_id"]: row for row in work.site.tables["organizations"].to_pylist()}
    roots = [name for name, row in names.items() if row["parent_id"] is None]
    rows = [row for row in record.rows(work.lake) if work.as_of is None or row["issued_at"] <= work.as_of]
    for row in rows:
        row["organization_id"] = row["organization_id"] or (roots[0] if len(roots) == 1 else None)
        whose = names.get(row["organization_id"], {"name_zh": None, "name_en": None})
        row |= {"organization_name_zh": whose["name_zh"], "organization_name_en": whose["name_en"]}
    return pa.Table.from_pylist(rows, record.MART)


def of_entries(heads: list[chain.Head], found: list[chain.Entry]) -> pa.Table:
    """Return the entries with the source that they came by and the head that covered them first."""
    ends = pl.DataFrame(
        [(head.size, head.number, head.sealed_at) for head in heads],
        schema={"end": pl.Int64, "head_number": pl.Int64, "sealed_at": pl.Datetime("us", "UTC")},
        orient="row",
    )
    rows = chain.mart(found).with_columns(end=pl.col("chain_position") + 1)
    named = rows.with_columns(source=pl.col("table_name").str.extract(r"^(?:raw|quarantine)/(.+)__"))
    covered = named.sort("end").join_asof(ends.sort("end"), on="end", strategy="forward").drop("end")
    return covered.sort("chain_position").to_arrow().cast(SCHEMA)


SCHEMA = pa.schema(
    [
        pa.field("chain_position", pa.int64()),
        pa.field("kind", pa.string()),
        pa.field("table_name", pa.string()),
        pa.field("month", pa.date32()),
        pa.field("batch_id", pa.string()),
        pa.field("rows", pa.int64()),
        pa.field("first_position", pa.int64()),
        pa.field("last_position", pa.int64()),
        pa.field("root_hash", pa.string()),
        pa.field("source", pa.string()),
        pa.field("head_number", pa.int64()),
        pa.field("sealed_at", pa.timestamp("us", "UTC")),
    ]
)


def _broken(said: str) -> Finding:
    return Finding(
        kind="evidence_chain",
        kind_name_zh="存证链",
        kind_name_en="Evidence chain",
        severity="error",
        source="evidence",
        subject="chain",
        message_zh=f"存证链未能续写：{said}",
        message_en=f"The evidence chain could not go on: {said}",
    )


def _unstamped(said: str) -> Finding:
    return Finding(
        kind="evidence_timestamp",
        kind_name_zh="时间戳",
        kind_name_en="Time stamp",
        severity="warning",
        source="evidence",
        subject="timestamp",
        message_zh=f"链头未能加盖可信时间戳：{said}",
        message_en=f"The head of the evidence chain has no time stamp: {said}",
    )
