"""The three marts of the budgets, as rows."""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from methods.budgets import course, days, things
from methods.budgets.course import Site
from methods.budgets.status import Budgeted, Row


def rows(
    site: Site,
    found: Sequence[Budgeted],
    amounts: pa.Table,
    emissions: Sequence[Mapping[str, object]],
) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the status of the energy budgets, that of the carbon budgets, and the forecast of the next days.

    `amounts` has energy_unit_id, measure, carrier, local_date, amount (exact) and missing_ratio up to today; the
    emissions have energy_unit_id, measure, month, amount and the kinds of source that have a number.
    """
    energy = [thing for thing in found if not things.key(thing).is_carbon]
    carbon = [thing for thing in found if things.key(thing).is_carbon]
    known = course.of_days(site, things.keys(found), amounts)
    of_energy = course.of_energy(known, site.today)
    of_carbon = course.of_emissions(of_energy, known, [things.key(thing) for thing in carbon], emissions)
    whole = [row for row in emissions if row["month"] in of_carbon.months]
    standing = [
        course.status_rows(course.budgeted(energy, of_energy, course.monthly(amounts)), site.today),
        course.status_rows(course.budgeted(carbon, of_carbon, _keyed(whole)), site.today),
    ]
    return standing[0], standing[1], list(days.rows(energy, known))


def _keyed(rows: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
    return [{**row, "key": things.Key(str(row["energy_unit_id"]), str(row["measure"]), None)} for row in rows]
