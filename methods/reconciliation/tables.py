"""The marts that reconciliation makes: reconciled days of points, imbalances of balances, errors of a month."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa

from methods.reconciliation.rows import Row

_INSTANT, _AMOUNT = pa.timestamp("us", tz="UTC"), pa.decimal128(18, 6)

INTERVALS_RECONCILED = pa.schema(
    [
        pa.field("point_id", pa.string(), nullable=False),
        pa.field("period_start_at", _INSTANT, nullable=False),
        pa.field("local_date", pa.date32(), nullable=False),
        pa.field("quantity", _AMOUNT, nullable=False),
        pa.field("adjustment", _AMOUNT, nullable=False),
        pa.field("quantity_unit", pa.string(), nullable=False),
        pa.field("test_statistic", pa.float64()),
        pa.field("carrier", pa.string(), nullable=False),
        pa.field("organization_id", pa.string()),
        pa.field("month", pa.date32(), nullable=False),
    ]
)

BALANCES_DAILY = pa.schema(
    [
        pa.field("carrier", pa.string(), nullable=False),
        pa.field("balance", pa.string(), nullable=False),
        pa.field("organization_id", pa.string()),
        pa.field("local_date", pa.date32(), nullable=False),
        pa.field("quantity", _AMOUNT, nullable=False),
        pa.field("quantity_unit", pa.string(), nullable=False),
        pa.field("gap", _AMOUNT, nullable=False),
        pa.field("gap_unit", pa.string(), nullable=False),
        pa.field("imbalance_ratio", pa.float64()),
        pa.field("test_statistic", pa.float64()),
        pa.field("global_statistic", pa.float64(), nullable=False),
        pa.field("global_critical", pa.float64()),
        pa.field("is_closed", pa.bool_(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
    ]
)
#: What the published balances have beside these: how carrier and node are called.
BALANCE_NAMES = ("carrier_name_zh", "carrier_name_en", "balance_name_zh", "balance_name_en")

ERRORS = pa.schema(
    [
        pa.field("point_id", pa.string(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("limit_ratio", pa.float64(), nullable=False),
        pa.field("error_ratio", pa.float64()),
        pa.field("error_statistic", pa.float64()),
        pa.field("is_suspect", pa.bool_(), nullable=False),
        pa.field("equally_likely", pa.string()),
        pa.field("imbalance_share_ratio", pa.float64()),
    ]
)

Measured = Mapping[tuple[str, date], Decimal]


def intervals(rows: Sequence[Row], measured: Measured, owners: Mapping[str, str], zone: ZoneInfo) -> pa.Table:
    """Return the reconciled days; `measured` are the amounts before, so that amount + adjustment is exact."""
    return pa.Table.from_pylist([_interval(row, measured, owners, zone) for row in rows], INTERVALS_RECONCILED)


def _interval(row: Row, measured: Measured, owners: Mapping[str, str], zone: ZoneInfo) -> Row:
    point, day = row["point_id"], row["local_date"]
    assert isinstance(point, str), "a point has an id"
    assert isinstance(day, date), "a day is a date"
    adjustment = amount(row["adjustment"])
    return {
        **{name: row[name] for name in ("point_id", "local_date", "quantity_unit", "test_statistic", "carrier")},
        "period_start_at": datetime.combine(day, time(), zone).astimezone(UTC),
        "quantity": measured[point, day] + adjustment,
        "adjustment": adjustment,
        "organization_id": owners.get(point),
        "month": day.replace(day=1),
    }


def balances(rows: Sequence[Row], owners: Mapping[str, str]) -> pa.Table:
    """Return the imbalances; a balance belongs to an organisation where all its points do."""
    return pa.Table.from_pylist([_balance(row, owners) for row in rows], BALANCES_DAILY)


def _balance(row: Row, owners: Mapping[str, str]) -> Row:
    entered, left, points = row["entered"], row["imbalance"], row["points"]
    assert isinstance(entered, float), "what entered is a number"
    assert isinstance(left, float), "an imbalance is a number"
    assert isinstance(points, list), "a balance has points"
    assert isinstance(row["local_date"], date), "a day is a date"
    of = {owners.get(point) for point in points}
    critical, statistic = row["global_critical"], row["global_statistic"]
    kept = ("carrier", "balance", "local_date", "test_statistic", "global_statistic", "global_critical")
    return {
        **{name: row[name] for name in kept},
        "organization_id": of.pop() if len(of) == 1 else None,
        "quantity": amount(entered),
        "quantity_unit": row["quantity_unit"],
        "gap": amount(left),
        "gap_unit": row["quantity_unit"],
        "imbalance_ratio": left / entered if entered else None,
        "is_closed": critical is None or statistic <= critical,  # type: ignore[operator]
        "month": row["local_date"].replace(day=1),
    }


def errors(rows: Sequence[Row]) -> pa.Table:
    """Return what the months say of the error of each point that a balance tests."""
    return pa.Table.from_pylist(
        [
            {**row, "point_id": row["key"], "equally_likely": ", ".join(row["alike"]) or None}  # type: ignore[arg-type]
            for row in rows
            if row["is_point"]
        ],
        ERRORS,
    )


def amount(number: object) -> Decimal:
    """Return a number with the six decimals of an amount."""
    return Decimal(f"{number:.6f}")
