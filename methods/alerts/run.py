"""From the rules of a site and what they watch to the rows of energy.alerts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from methods.alerts import lives, rows, usual
from methods.alerts.lives import Life, Series
from methods.alerts.rows import ALERTS, Watch
from methods.alerts.subjects import Place, Row

_HOUR = 3600


@dataclass(frozen=True)
class Known:
    """What alerts are told with: the site, names of carriers, kinds of days, what people said, the last instant."""

    place: Place
    carriers: Mapping[str, Mapping[str, str]]
    #: By unit, or the empty word for all, what the calendar says a day is.
    days: Mapping[str, Mapping[date, str]]
    acknowledged: Sequence[Row]
    now: datetime
    zone: ZoneInfo


def alerts(rules: Sequence[Row], tables: Mapping[str, pa.Table], known: Known) -> pa.Table:
    """Return the alerts, by rule and beginning; `tables` has for each quantity what methods.alerts.watched gives."""
    found = [
        row for quantity in sorted(tables) for watch in _watches(rules, tables[quantity], known)
        for row in rows.rows(*watch, acknowledged=known.acknowledged, now=known.now, zone=known.zone)
    ]  # fmt: skip
    found.sort(key=lambda row: (str(row["rule_id"]), row["started_at"], str(row["subject"]), str(row["alert_id"])))
    return pa.Table.from_pylist(found, ALERTS)


def _watches(rules: Sequence[Row], table: pa.Table, known: Known) -> Iterator[tuple[Watch, Iterator[Life]]]:
    """Yield each series of a table with its alerts; rows are sorted by rule, series and period."""
    numbers = table["rule_number"].to_numpy()
    names = np.asarray(table["series"].to_pylist(), object)
    changes = np.flatnonzero((numbers[1:] != numbers[:-1]) | (names[1:] != names[:-1])) + 1
    for first, last in zip([0, *changes.tolist()], [*changes.tolist(), len(numbers)], strict=True):
        if first == last:
            continue
        part = table.slice(first, last - first)
        found = _of_series(rules[int(numbers[first])], part, known)
        if found is not None:
            yield found


def _of_series(rule: Row, part: pa.Table, known: Known) -> tuple[Watch, Iterator[Life]] | None:
    series = Series(*(part[name].to_numpy(zero_copy_only=False) for name in ("starts_at", "ends_at", "value")))
    limit, clear = float(rule["limit_value"]), rule["clear_value"]
    is_above, judged = rule["comparison"] == "above", None
    days = part["local_date"].to_pylist() if rule["kind"] in ("leak", "anomaly") else []
    unit = part["energy_unit_id"][0].as_py()
    if days:
        kinds = _kinds(known, unit, days)
        judged = usual.judged(
            series.values, [day.toordinal() for day in days], kinds, limit=limit, is_above=is_above,
            clear=limit / 2 if clear is None else float(clear), is_leak=rule["kind"] == "leak",
        )  # fmt: skip
        beyond, back = judged.beyond, judged.back
    else:
        beyond, back = lives.limits(series.values, limit, limit if clear is None else float(clear), is_above)
    if not beyond.any():
        return None
    _hold(rule, beyond, series, known.zone)
    subject = part["subject"][0].as_py()
    named = known.place.of(str(rule["quantity"]), subject)
    assert named is not None, "a subject that was watched has a name"
    organization = known.place.named["organizations"][named.organization_id]
    carrier = part["carrier"][0].as_py()
    watch = Watch(
        rule, subject, named, organization, carrier, known.carriers.get(carrier or "", {}),
        part["value_unit"][0].as_py(), series, days or part["local_date"].to_pylist(),
        (part["tce_per_unit"].to_numpy(zero_copy_only=False), part["cny_per_unit"].to_numpy(zero_copy_only=False)),
        judged.usual if judged else None, judged.limit if judged else None,
        judged.adopted if judged else frozenset(),
    )  # fmt: skip
    return watch, lives.lives(series, beyond, back, round(float(rule["for_hours"] or 0) * _HOUR))


def _hold(rule: Row, beyond: lives.Flags, series: Series, zone: ZoneInfo) -> None:
    """Let nothing begin on days on which the rule does not hold."""
    for column, is_outside in (("valid_from", np.less), ("valid_to", np.greater_equal)):
        day = rule[column]
        if day is not None:
            midnight = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
            beyond &= ~is_outside(series.starts, midnight)


def _kinds(known: Known, unit: str | None, days: Sequence[date]) -> list[str]:
    """Return the kind of each day: what the calendar says of the unit, what it is part of, or all; else by week."""
    names = (unit or "", *known.place.above.get(unit or "", ()), "")
    said: dict[date, str] = {}
    for name in reversed(names):
        said |= known.days.get(name, {})
    by_week = ("working", "rest")
    kinds = [said.get(day) or by_week[day.weekday() >= 5] for day in days]
    return ["rest" if kind == "holiday" else kind for kind in kinds]
