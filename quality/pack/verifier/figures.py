"""The declared figures against what the methods give, run anew on the readings and reference rows of a pack."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from quality.pack.verifier.opened import EPOCH, MOST_NAMED, BrokenPackError, Pack

#: The declared tables that a pack has to hold, with the columns that tell their rows apart.
MONTHLY = {
    "energy.intervals": ("point_id", "period_start_at"),
    "energy.consumption_monthly": ("month", "energy_unit_id", "carrier", "use_type", "role", "quantity_unit"),
    "energy.comprehensive_units_monthly": ("month", "energy_unit_id"),
    "energy.comprehensive_monthly": ("month", "organization_id"),
    "carbon.emissions_monthly": ("lineage_id",),
    "carbon.park_balance_monthly": ("month", "organization_id", "basis", "place", "part_id"),
    "carbon.totals": ("organization_id", "basis", "scope"),
}
#: Those that a year has beside them.
ANNUAL = {
    "energy.comprehensive_annual": ("year", "organization_id"),
    "carbon.inventory_annual": ("year", "organization_id", "basis", "place", "item_key"),
}
#: How far before a period a profile of missing intervals may look.
HISTORY = timedelta(days=57)
_SCHEMAS = ("raw", "ref", "meta", "staging", "intermediate", "energy", "carbon", "declared")


def declared(period: str) -> Mapping[str, Sequence[str]]:
    """Return the tables that a pack of a period, 2025 or 2025-12, declares."""
    return MONTHLY if "-" in period else {**MONTHLY, **ANNUAL}


def recompute(pack: Pack, instead: Mapping[str, str]) -> None:
    """Run the statements and compare; `instead` has texts to run in the place of the pack's own, by member."""
    for schema in _SCHEMAS:
        pack.con.execute(f"create schema {schema}")
    _filled(pack)
    _calendar(pack)
    texts = {member: path.read_text(encoding="utf-8") for member, path in pack.members("sql")} | dict(instead)
    for member, text in sorted(texts.items()):
        try:
            found = pack.con.execute(text)
            if member.startswith("sql/check"):
                _violations(pack, member, found)
        except duckdb.Error as cause:
            raise BrokenPackError(f"{member}: cannot be run ({str(cause).splitlines()[0]})") from cause
        pack.count("statements")
    for mart, keys in declared(pack.manifest["period"]).items():
        _compare(pack, mart, keys)


def _filled(pack: Pack) -> None:
    """Make tables and views of the members: ref.<thing>, raw.reading and declared."<mart>"."""
    for _, path in pack.members("data/ref"):
        pack.con.execute(f"create table ref.\"{path.stem}\" as select * from read_parquet('{path}')")
    for _, path in pack.members("data/declared"):
        pack.con.execute(f"create view declared.\"{path.stem}\" as select * from read_parquet('{path}')")
    parts = [
        "select point_id, reading_at, cast(value as decimal(18, 6)) as value, unit, status, known_at, position, "
        f"'{path.stem.removesuffix('__reading')}' as source from read_parquet('{path}')"
        for _, path in pack.members("data/readings")
    ]
    if not parts:
        raise BrokenPackError("data/readings: the pack holds no reading")
    reach = pack.manifest["readings"]
    pack.con.execute(
        "create view raw.reading as select *, cast(null as varchar) as batch_id, cast(null as date) as month "
        f"from ({' union all '.join(parts)}) where reading_at >= timestamptz '{_stamp(reach['from'])}' "
        f"and reading_at <= timestamptz '{_stamp(reach['to'])}'"
    )


def _stamp(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


def _calendar(pack: Pack) -> None:
    """Make the hours of the period in local time, numbers that cut long stretches, and where knowledge ends."""
    manifest, con = pack.manifest, pack.con
    zone = ZoneInfo(manifest["site"]["timezone"])
    begin, end = (datetime.fromisoformat(f"{manifest[name]}T00:00").replace(tzinfo=zone) for name in ("from", "to"))
    newest = (datetime.fromisoformat(manifest["readings"]["newest"]) - EPOCH) // timedelta(microseconds=1)
    length = manifest["interval_minutes"] * 60_000_000
    con.execute(
        f"create table meta.horizon as select {newest // length * length}::bigint as horizon_us, "
        f"{newest}::bigint as newest_us"
    )
    con.execute(
        f"create table meta.period as select date '{manifest['from']}' as first_month, "
        f"date '{manifest['to']}' as after_month"
    )
    con.execute("create table meta.number as select range as n from range(200000)")
    for name, first in (("calendar_hour", begin), ("history_hour", begin - HISTORY)):
        con.execute(f"create table meta.{name} as {_hours(first, end, zone)}")


def _hours(begin: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return a query for one row per hour; between two changes of the clock an offset is added, no zone is asked."""
    phase = int((begin.utcoffset() or timedelta()).total_seconds()) % 3600
    first, last = ((at - EPOCH + timedelta(seconds=phase)) // timedelta(hours=1) for at in (begin, end))
    spans: list[list[int]] = []
    for hour in range(first, last):
        at = EPOCH + timedelta(hours=hour, seconds=-phase)
        offset = int((at.astimezone(zone).utcoffset() or timedelta()).total_seconds())
        if spans and spans[-1][2] == offset:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1, offset])
    parts = [
        f"select range as hour_number, make_timestamp(range * 3600000000 - {phase} * 1000000) as utc, "
        f"{offset} as ahead from range({low}, {high})"
        for low, high, offset in spans
    ]
    return (
        "select hour_number, make_timestamptz(epoch_us(utc)) as hour_start_at, cast(here as date) as local_date, "
        "cast(hour(here) as integer) as local_hour, cast(date_trunc('month', here) as date) as month, "
        "isodow(here) > 5 as is_weekend from (select *, utc + to_seconds(ahead) as here "
        f"from ({' union all '.join(parts)})) order by hour_number"
    )


def _violations(pack: Pack, member: str, found: duckdb.DuckDBPyConnection) -> None:
    """A check gives the rows that do not hold: none where all does."""
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    for one in rows[:MOST_NAMED]:
        said = ", ".join(f"{name} {value}" for name, value in zip(names, one, strict=True))
        pack.fault(member, f"does not hold: {said}")
    if len(rows) > MOST_NAMED:
        pack.fault(member, f"does not hold in {len(rows)} rows")


def _compare(pack: Pack, mart: str, keys: Sequence[str]) -> None:
    """Every declared row is what the methods give, to the last digit, and none of the period is left out."""
    member, computed = f"data/declared/{mart}.parquet", mart
    if not (pack.folder / member).is_file():
        pack.fault(member, "a declared table is missing")
        return
    names = [one[0] for one in pack.con.execute(f'describe declared."{mart}"').fetchall()]
    others = [name for name in names if name not in keys]
    manifest = pack.manifest
    within = "true"
    mine = manifest["organizations"]
    if "month" in names:
        within = f"month >= date '{manifest['from']}' and month < date '{manifest['to']}'"
    elif "year" in names:
        within = f"year = {manifest['period'][:4]}"
    if mine is not None:
        within += f" and organization_id in ({', '.join(repr(one) for one in mine)})"
    same = " and ".join(f'said."{name}" is not distinct from made."{name}"' for name in keys)
    differs = " or ".join(f'said."{name}" is distinct from made."{name}"' for name in others)
    both = (
        f'(select *, true as is_there from declared."{mart}") as said full join '
        f"(select *, true as is_there from {computed} where {within}) as made on {same}"
    )
    wrong = f"said.is_there is null or made.is_there is null or {differs}"
    listed = ", ".join(
        [
            *(f'coalesce(said."{name}"::varchar, made."{name}"::varchar)' for name in keys),
            *(f'said."{name}"::varchar, made."{name}"::varchar' for name in others),
        ]
    )
    count = pack.con.execute(f'select count(*) from declared."{mart}"').fetchall()[0][0]
    found = pack.con.execute(
        f"select said.is_there, made.is_there, count(*) over (), {listed} from {both} where {wrong} "
        f"order by all limit {MOST_NAMED}"
    ).fetchall()
    for here, there, _, *values in found:
        where = ", ".join(f"{name} {value}" for name, value in zip(keys, values, strict=False) if value is not None)
        pairs = zip(others, values[len(keys) :: 2], values[len(keys) + 1 :: 2], strict=True)
        told = "; ".join(f"{name} declared {one}, recomputed {two}" for name, one, two in pairs if one != two)
        if not here:
            told = "the methods give this row, the pack leaves it out"
        elif not there:
            told = "declared, but the methods give no such row"
        pack.fault(member, f"{where}: {told}")
    if found and found[0][2] > MOST_NAMED:
        pack.fault(member, f"{found[0][2]} of {count} rows do not hold")
    pack.count("declared_rows", count)
