"""alert_rules.csv: what a rule of each kind may watch, of whom it speaks, and which places its words may have."""

import string
from collections.abc import Mapping
from typing import Any

import polars as pl

from lake.site import declared
from lake.site.csv_file import CsvFile
from lake.site.fault import allowed, nearest

#: What a rule of each kind may watch.
WATCHED: Mapping[str, tuple[str, ...]] = {
    "threshold": ("consumption_day", "consumption_hour", "night_minimum", "demand_ratio", "power_factor"),
    "budget": ("budget_month_ratio", "budget_to_date_ratio", "budget_breach_probability"),
    "leak": ("night_minimum",),
    "anomaly": ("consumption_day", "night_minimum"),
    "completeness": ("completeness_day",),
    "calibration": ("calibration_days_left",),
    "carbon": ("emissions_month", "emissions_rise_ratio", "emissions_breach_probability"),
}
#: The files whose ids a subject may be, by what is watched; elsewhere a unit or a legal entity.
_SUBJECTS = {
    "night_minimum": ("energy_units", "points"),
    "completeness_day": ("points", "organizations"),
    "calibration_days_left": ("meters",),
    "emissions_month": ("organizations",),
    "emissions_rise_ratio": ("organizations",),
    "emissions_breach_probability": ("organizations",),
}
_KEYS = {
    "energy_units": "energy_unit_id",
    "points": "point_id",
    "meters": "meter_id",
    "organizations": "organization_id",
}
_BY_CARRIER = ("consumption_day", "consumption_hour", "night_minimum")
#: The places that the words of a rule may name.
PLACES = (
    "subject", "organization", "carrier", "value", "limit", "usual", "unit", "since", "rise", "cost", "energy", "due"
)  # fmt: skip


def subject_files(quantity: str) -> tuple[str, ...]:
    """Return the files of the site whose ids may be watched for a quantity."""
    return _SUBJECTS.get(quantity, ("energy_units",))


def named(cell: str | None) -> list[str]:
    """Return the words of a cell that are separated by semicolons."""
    return [word.strip() for word in (cell or "").split(";") if word.strip()]


def check(files: dict[str, CsvFile]) -> None:
    """Check every rule beside the other files."""
    rules = files["alert_rules"]
    ids = {name: set(files[name].frame()[key].drop_nulls().to_list()) for name, key in _KEYS.items()}
    groups = declared.carrier_groups()
    told = {*files["people"].frame()["person_id"].drop_nulls().to_list(), *files["roles"].spec.columns["role"].enum}
    for row in rules.frame().filter(pl.col("kind").is_not_null() & pl.col("quantity").is_not_null()).to_dicts():
        _check_watched(rules, row, ids)
        if row["carrier"] is not None and row["carrier"] not in {*groups, *groups.values()}:
            words = {*groups, *groups.values()}
            rules.fault(row["row"], "carrier", f"{row['carrier']!r} is unknown{nearest(row['carrier'], words)}")
        for column in ("notify", "escalate_notify"):
            for word in named(row[column]):
                if word not in told:
                    message = f"{word!r} is no person of people.csv and no role{nearest(word, told)}"
                    rules.fault(row["row"], column, message)
        _check_limits(rules, row)
        _check_words(rules, row)


def check_channels(rules: CsvFile, channels: set[str]) -> None:
    """Check that the channels of the rules are those of notices.yaml."""
    for row in rules.frame().to_dicts():
        for column in ("channel", "escalate_channel"):
            for word in named(row[column]):
                if word not in channels:
                    message = f"{word!r} is no channel of notices.yaml{nearest(word, channels)}"
                    rules.fault(row["row"], column, message)


def _check_watched(rules: CsvFile, row: Mapping[str, Any], ids: Mapping[str, set[str]]) -> None:
    kind, quantity, subject = row["kind"], row["quantity"], row["subject"]
    if quantity not in WATCHED[kind]:
        rules.fault(row["row"], "quantity", f"{quantity!r} is not for kind {kind}, {allowed(set(WATCHED[kind]))}")
    if subject != "*" and subject is not None:
        places = subject_files(quantity)
        if not any(subject in ids[place] for place in places):
            near = nearest(subject, set().union(*(ids[place] for place in places)))
            where = " or ".join(f"{place}.csv" for place in places)
            rules.fault(row["row"], "subject", f"{subject!r} is not in {where}{near}, allowed: * or an id of it")
        if row["organization_id"] is not None:
            rules.fault(row["row"], "organization_id", "is given beside a subject, allowed: with subject *")
    if quantity in _BY_CARRIER and row["carrier"] is None and subject not in ids["points"]:
        rules.fault(row["row"], "carrier", f"is empty, {quantity} of a unit needs the carrier")


def _check_limits(rules: CsvFile, row: Mapping[str, Any]) -> None:
    """What ends an alert lies on the other side of what begins it, or it would begin and end at once."""
    limit, clear = row["limit_value"], row["clear_value"]
    if limit is None:
        return
    if row["kind"] in ("leak", "anomaly"):
        if limit <= 0:
            rules.fault(row["row"], "limit_value", "is not above 0, allowed: how far above the usual is too far")
        if clear is not None and not 0 <= clear <= limit:
            rules.fault(row["row"], "clear_value", f"is not between 0 and the limit {limit}")
    elif clear is not None and (clear > limit) == (row["comparison"] == "above") and clear != limit:
        side = "at or below" if row["comparison"] == "above" else "at or above"
        rules.fault(row["row"], "clear_value", f"is beyond the limit, allowed: {side} {limit.normalize():f}")
    if row["escalate_notify"] is not None and row["escalate_after_hours"] is None:
        rules.fault(row["row"], "escalate_after_hours", "is empty, say after how many hours others are told")


def _check_words(rules: CsvFile, row: Mapping[str, Any]) -> None:
    for column in ("message_zh", "message_en"):
        try:
            places = [name for _, name, _, _ in string.Formatter().parse(row[column] or "") if name is not None]
        except ValueError:
            rules.fault(row["row"], column, "has a brace that is not closed, write a place as {subject}")
            continue
        for name in places:
            if name not in PLACES:
                rules.fault(row["row"], column, f"names the place {{{name}}}, {allowed(set(PLACES), 20)}")
