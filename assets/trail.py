"""The audit trail: what every door noted is taken into the lake, sealed by each run, and published."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg
import pyarrow as pa

from assets import evidence, raw
from assets.python_marts import keys, step, written
from assets.work import LOG, Work
from exchange import register as exchange_register
from exchange.api import accesses
from ingestion.portal import audit as portal_audit
from lake.engine import connected
from lake.schemas import UTC
from lake.site.load import SourceSpec
from lake.trail import act, own, table
from lake.trail.dashboards import Dashboards
from lake.trail.registers import Chained, Register
from quality.finding import Finding

MART, DAILY = "evidence.audit", "evidence.audit_daily"
MARTS = (MART, DAILY)
KEYS = keys(MARTS)
TAKEN = dg.AssetKey(["raw", table.TABLE])
_PARENTS = (f"raw.{table.TABLE}", "reference.organizations")


def registers(marts: Path, portal_home: Path, dashboards_home: Path) -> list[Register]:
    """Return the logs that this machine's doors keep, whether they are there or not."""
    return [
        Chained("nengtan", marts / own.FILE, own.LOG, own.shaped),
        Chained("portal", portal_home / "portal.sqlite", portal_audit.LOG, portal_audit.shaped),
        Chained("exchange", marts / exchange_register.FILE, accesses.LOG, accesses.shaped),
        Dashboards(dashboards_home / "superset.db"),
    ]


def taking_asset(found: Sequence[Register], sources: Mapping[str, SourceSpec]) -> dg.AssetsDefinition:
    """Return the step that takes new lines in, in every run: also where no reading is new, people did things."""

    @dg.asset(
        key=TAKEN,
        group_name="evidence",
        kinds={"sqlite", "deltalake"},
        owners=["team:data"],
        deps=[dg.AssetKey(["ref", "factors"]), *[raw.key(source) for source in sources]],
        description="审计记录：各入口的变更与读取，只追加 | What was changed and read by every door, append-only.",
    )
    def audit_lines(work: dg.ResourceParam[Work]) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(metadata=take(work, found))

    return audit_lines


def take(work: Work, found: Sequence[Register]) -> dict[str, int]:
    """Take the lines in and seal them at once; a register that is not as it was is a finding and stops nothing."""
    work.begin()
    taken = table.take(work.lake, found)
    for doubt in taken.doubts:
        LOG.warning("audit trail: %s", doubt.message_en)
        work.findings.append(_doubted(doubt))
    if taken.lines:
        evidence.seal(work)
    return {"lines": taken.lines, "doubts": len(taken.doubts)}


def trail_asset() -> dg.AssetsDefinition:
    """Return the step that publishes the trail: every line for who operates, counts by day for who looks."""
    return step("trail", MARTS, publish_trail, parents=_PARENTS, owner="team:data")


def publish_trail(work: Work) -> dict[str, int]:
    """Make the marts of the lines that were taken until now, or until the time that a look back knows of."""
    assert work.build is not None, "the marts were built"
    lines = of_lines(table.files(work.lake), work)
    daily = _counted(lines, work.site.settings.timezone)
    return written(work, {MART: lines, DAILY: daily}, inside={MART})


def of_lines(files: Sequence[str], work: Work) -> pa.Table:
    """Return the lines with the names of doors, effects and legal entities."""
    if not files:
        return AUDIT.empty_table()
    with connected() as connection:
        connection.register("organizations", work.site.tables["organizations"])
        for name, known in (("doors", act.DOORS), ("effects", act.EFFECTS), ("outcomes", act.OUTCOMES)):
            rows = [{"id": key, "zh": zh, "en": en} for key, (zh, en) in known.items()]
            connection.register(name, pa.Table.from_pylist(rows))
        found: pa.Table = connection.sql(
            _LINES.format(lines=table.relation(files)), params={"at": work.as_of}
        ).to_arrow_table()
    return found.cast(AUDIT)


def _counted(lines: pa.Table, timezone: str) -> pa.Table:
    with connected() as connection:
        connection.register("audit", lines)
        found: pa.Table = connection.sql(_DAYS, params={"zone": timezone}).to_arrow_table()
    return found.cast(AUDIT_DAILY)


def _doubted(doubt: table.Doubt) -> Finding:
    return Finding(
        kind="audit_trail",
        kind_name_zh="审计记录",
        kind_name_en="Audit trail",
        severity="error",
        source="evidence",
        subject=doubt.register,
        message_zh=doubt.message_zh,
        message_en=doubt.message_en,
    )


_TEXT, _COUNT = pa.string(), pa.int64()
_NAMED = ("door", "door_name_zh", "door_name_en", "effect", "effect_name_zh", "effect_name_en")
_WHOSE = ("organization_id", "organization_name_zh", "organization_name_en")
AUDIT = pa.schema(
    [
        pa.field("occurred_at", UTC, nullable=False),
        *[pa.field(name, _TEXT) for name in (*_NAMED, "act", "actor_id", "address", *_WHOSE, "subject", "detail")],
        *[pa.field(name, _TEXT) for name in ("outcome", "outcome_name_zh", "outcome_name_en")],
        pa.field("records_count", _COUNT),
        pa.field("register", _TEXT, nullable=False),
        pa.field("line_number", _COUNT, nullable=False),
        pa.field("line_hash", _TEXT, nullable=False),
    ]
)
AUDIT_DAILY = pa.schema(
    [
        pa.field("local_date", pa.date32(), nullable=False),
        *[pa.field(name, _TEXT) for name in (*_NAMED, *_WHOSE)],
        *[pa.field(name, _COUNT) for name in ("lines_count", "refused_count", "actors_count", "records_count")],
    ]
)
_LINES = """
    select
        lines.at as occurred_at, door, doors.zh as door_name_zh, doors.en as door_name_en, effect,
        effects.zh as effect_name_zh, effects.en as effect_name_en, act, actor as actor_id, address,
        lines.organization_id, organizations.name_zh as organization_name_zh,
        organizations.name_en as organization_name_en, subject, detail, outcome, outcomes.zh as outcome_name_zh,
        outcomes.en as outcome_name_en, records_count, register, number as line_number, line_hash
    from {lines} as lines
    left join doors on lines.door = doors.id
    left join effects on lines.effect = effects.id
    left join outcomes on lines.outcome = outcomes.id
    left join organizations on lines.organization_id = organizations.organization_id
    where $at is null or known_at <= $at
    order by lines.at, register, number
"""
_DAYS = """
    select
        cast(occurred_at at time zone $zone as date) as local_date, door, door_name_zh, door_name_en, effect,
        effect_name_zh, effect_name_en, organization_id, organization_name_zh, organization_name_en,
        count(*) as lines_count, count(*) filter (where outcome <> 'done') as refused_count,
        count(distinct actor_id) as actors_count, cast(sum(records_count) as bigint) as records_count
    from audit
    group by all
    order by all
"""
