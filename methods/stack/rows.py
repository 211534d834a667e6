"""From the hourly values of the stacks to the rows of carbon.cems_hourly and carbon.cems_monthly."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from methods.stack.hour import QUANTITIES, STATES, Hour, Stack, Value, judged
from methods.stack.substitution import Filled, filled

Row = Mapping[str, Any]
HOUR = timedelta(hours=1)
_UTC, _NUMBER = pa.timestamp("us", tz="UTC"), pa.decimal128(18, 6)
SOURCES = {
    "measured": ("实测", "measured"),
    "substituted": ("替代", "substituted"),
    "unknown": ("未知", "unknown"),
    "stopped": ("停运", "stopped"),
}
_PARTS = ("substitution", "missing", "remaining")

HOURLY = pa.schema(
    [
        pa.field("period_start_at", _UTC, nullable=False),
        pa.field("local_date", pa.date32(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        *[pa.field(name, pa.string(), nullable=False) for name in ("stack_id", "organization_id", "state")],
        pa.field("state_name_zh", pa.string(), nullable=False),
        pa.field("state_name_en", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        *[pa.field(name, _NUMBER) for name in ("concentration_percent", "flow_m3_0c", "mass_tco2")],
        pa.field("mass_source", pa.string(), nullable=False),
        pa.field("mass_source_name_zh", pa.string(), nullable=False),
        pa.field("mass_source_name_en", pa.string(), nullable=False),
    ]
)

MONTHLY = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *[
            pa.field(name, pa.string(), nullable=False)
            for name in ("stack_id", "stack_name_zh", "stack_name_en", "organization_id", "energy_unit_id")
        ],
        pa.field("organization_name_zh", pa.string(), nullable=False),
        pa.field("organization_name_en", pa.string(), nullable=False),
        pa.field("basis", pa.string(), nullable=False),
        *[
            pa.field(name, pa.int32(), nullable=False)
            for name in (
                "hours_count",
                "stopped_hours_count",
                "valid_hours_count",
                "substituted_hours_count",
                "unknown_hours_count",
            )
        ],
        pa.field("valid_hours_ratio", pa.float64()),
        *[
            pa.field(f"{name}_tco2", _NUMBER)
            for name in (
                "valid",
                "substituted",
                "measured",
                "calculated",
                "difference",
                *[f"difference_{part}" for part in _PARTS],
            )
        ],
        pa.field("difference_ratio", pa.float64()),
        pa.field("is_complete", pa.bool_(), nullable=False),
    ]
)


def hours(stack: Stack, readings: Sequence[Row]) -> list[Hour]:
    """Judge every hour from the first that has a value to the last.

    readings: point_id, reading_at (the end of the hour), value, unit, status; one for each point and time.
    """
    names = {point: name for name, point in stack.points.items()}
    found: defaultdict[datetime, dict[str, Value]] = defaultdict(dict)
    for row in readings:
        if row["point_id"] in names:
            end = row["reading_at"]
            starts_at = (end - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
            found[starts_at][names[row["point_id"]]] = Value(row["value"], row["unit"], row["status"])
    if not found:
        return []
    first, last = min(found), max(found)
    count = (last - first) // HOUR + 1
    return [judged(stack, first + n * HOUR, found.get(first + n * HOUR, {})) for n in range(count)]


def hourly(stack: Row, made: Sequence[Filled], zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """Yield the rows of a stack's hours."""
    for one in made:
        local = one.hour.starts_at.astimezone(zone).date()
        yield {
            "period_start_at": one.hour.starts_at,
            "local_date": local,
            "month": local.replace(day=1),
            "stack_id": stack["stack_id"],
            "organization_id": stack["organization_id"],
            "state": one.hour.state,
            "state_name_zh": STATES[one.hour.state][0],
            "state_name_en": STATES[one.hour.state][1],
            "reason": one.hour.reason,
            "concentration_percent": one.hour.concentration_percent,
            "flow_m3_0c": one.hour.flow_m3_0c,
            "mass_tco2": one.mass_tco2,
            "mass_source": one.source,
            "mass_source_name_zh": SOURCES[one.source][0],
            "mass_source_name_en": SOURCES[one.source][1],
        }


def monthly(
    stack: Row, made: Sequence[Filled], calculated: Mapping[tuple[date, str], Decimal | None], zone: ZoneInfo
) -> Iterator[dict[str, Any]]:
    """Yield a stack's months beside what was calculated for the same items, account by account.

    calculated: (month, account) -> tonnes of CO2, None where a line of it has no number.
    """
    months: defaultdict[date, list[Filled]] = defaultdict(list)
    for one in made:
        months[one.hour.starts_at.astimezone(zone).date().replace(day=1)].append(one)
    for month, of_month in sorted(months.items()):
        for basis in sorted({basis for told, basis in calculated if told == month}):
            yield {
                "month": month,
                "basis": basis,
                **{name: stack[name] for name in ("stack_id", "organization_id", "energy_unit_id")},
                "stack_name_zh": stack["name_zh"],
                "stack_name_en": stack["name_en"],
                "organization_name_zh": stack["organization_name_zh"],
                "organization_name_en": stack["organization_name_en"],
                **_compared(of_month, calculated[month, basis]),
            }


def _compared(made: Sequence[Filled], calculated: Decimal | None) -> dict[str, Any]:
    """Return measured beside calculated, and their difference by cause; the causes add up to it exactly.

    substitution: what the greatest earlier hours are above the month's mean valid hour. missing: the hours for which
    nothing stands, at that mean. remaining: everything else, the two methods themselves.
    """
    of = {name: [one for one in made if one.source == name] for name in SOURCES}
    valid = sum((one.mass_tco2 or Decimal(0) for one in of["measured"]), Decimal(0))
    lent = sum((one.mass_tco2 or Decimal(0) for one in of["substituted"]), Decimal(0))
    running = len(made) - len(of["stopped"])
    is_known = bool(of["measured"]) or not running
    measured = valid + lent if is_known else None
    mean = valid / len(of["measured"]) if of["measured"] else Decimal(0)
    difference = None if measured is None or calculated is None else measured - calculated
    above = (lent - mean * len(of["substituted"])).quantize(Decimal("0.000001"))
    missing = (-mean * len(of["unknown"])).quantize(Decimal("0.000001"))
    return {
        "hours_count": len(made),
        "stopped_hours_count": len(of["stopped"]),
        "valid_hours_count": len(of["measured"]),
        "substituted_hours_count": len(of["substituted"]),
        "unknown_hours_count": len(of["unknown"]),
        "valid_hours_ratio": len(of["measured"]) / running if running else None,
        "valid_tco2": valid if is_known else None,
        "substituted_tco2": lent if is_known else None,
        "measured_tco2": measured,
        "calculated_tco2": calculated,
        "difference_tco2": difference,
        "difference_substitution_tco2": None if difference is None else above,
        "difference_missing_tco2": None if difference is None else missing,
        "difference_remaining_tco2": None if difference is None else difference - above - missing,
        "difference_ratio": float(difference / calculated) if difference is not None and calculated else None,
        "is_complete": not of["unknown"],
    }


def tables(
    stacks: Sequence[Row],
    readings: Sequence[Row],
    calculated: Mapping[str, Mapping[tuple[date, str], Decimal | None]],
    zone: ZoneInfo,
) -> tuple[pa.Table, pa.Table]:
    """Return the hours and the months of all stacks.

    stacks: the rows of stacks.csv with the organisation's names. calculated: by stack.
    """
    hourly_rows: list[dict[str, Any]] = []
    monthly_rows: list[dict[str, Any]] = []
    for stack in stacks:
        points = {name: stack[f"{name}_point_id"] for name in QUANTITIES}
        described = Stack(
            stack["stack_id"], stack["area_m2"], stack["ambient_pressure_kpa"], stack["gas_basis"] == "dry", points
        )
        made = filled(hours(described, readings), zone)
        hourly_rows += hourly(stack, made, zone)
        monthly_rows += monthly(stack, made, calculated.get(stack["stack_id"], {}), zone)
    return pa.Table.from_pylist(hourly_rows, HOURLY), pa.Table.from_pylist(monthly_rows, MONTHLY)
