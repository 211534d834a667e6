"""What an adoption would change: the accounting models on the published consumption, before and after its entry.

Nothing is published and the lake is not touched. The models are views, so the same views answer twice: with the rules
of the site, and with the entry added. Standard coal follows in proportion to its coefficient; where there was none, it
is the quantity x the coefficient. What is made of emissions
and standard coal follows: comprehensive energy, intensities and inventories, each of a year.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from factors import adoption, load, own_methods, site_tables
from lake import buildviews, modelrun, models, statements, worklist
from lake.engine import connected
from lake.errors import FactorError, LakeError
from lake.models import Models
from lake.site.csv_file import read_csv
from lake.site.declared import files
from lake.site.load import Site, read_site
from lake.store import Lake
from pipelines.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What is taken as it was published; all else that is looked at is made anew from it.
_GIVEN = ("energy.consumption_monthly", "reference.carriers")
_EMISSIONS = """
    select month, organization_id, basis as account, source_category as item, carrier, 'emissions_tco2e' as measure,
        sum(emissions_tco2e) as value, string_agg(distinct factor_id, ', ' order by factor_id) as factor_ids,
        string_agg(distinct factor_confidence, ', ' order by factor_confidence) as confidence,
        string_agg(distinct factor_rule, ', ' order by factor_rule) as rule
    from carbon.emissions_monthly group by all
"""
_COAL = """
    select consumption.month, consumption.organization_id, '{convention}' as account, consumption.role as item,
        consumption.carrier, 'energy_tce_{convention}' as measure,
        cast(coalesce(
            sum(consumption.energy_tce_{convention}) * any_value(coefficients.tce_{convention}_per_unit)
                / any_value(published.tce_{convention}_per_unit),
            sum(consumption.quantity) * any_value(coefficients.tce_{convention}_per_unit)
        ) as decimal(18, 6)) as value,
        any_value(coefficients.{factor_id}) as factor_ids, any_value(coefficients.{confidence}) as confidence,
        any_value(coefficients.{rule}) as rule
    from energy.consumption_published as consumption
    inner join intermediate.int_factors__coal_equivalent as coefficients
        on consumption.carrier = coefficients.carrier and consumption.month >= coefficients.valid_from
        and consumption.month < coefficients.valid_to
    inner join reference.carriers as published
        on consumption.carrier = published.carrier and consumption.month >= published.valid_from
        and consumption.month < published.valid_to
    where consumption.is_counted and consumption.level = consumption.organization_level
    group by all
"""
_CONVENTIONS = (
    {"convention": "calorific", "factor_id": "factor_id", "confidence": "confidence", "rule": "coefficient_rule"},
    {
        "convention": "equivalent",
        "factor_id": "equivalent_factor_id",
        "confidence": "equivalent_confidence",
        "rule": "equivalent_rule",
    },
)
_TCE = """
    cast((
        select coalesce(
            consumption.energy_tce_{convention} * any_value(coefficients.tce_{convention}_per_unit)
                / nullif(any_value(published.tce_{convention}_per_unit), 0),
            consumption.quantity * any_value(coefficients.tce_{convention}_per_unit)
        )
        from intermediate.int_factors__coal_equivalent as coefficients, reference.carriers as published
        where consumption.carrier = coefficients.carrier and consumption.month >= coefficients.valid_from
            and consumption.month < coefficients.valid_to
            and consumption.carrier = published.carrier and consumption.month >= published.valid_from
            and consumption.month < published.valid_to
    ) as decimal(18, 6)) as energy_tce_{convention}
"""
#: What is made of the numbers above, by mart: its columns for the item and the account, its number and its unit.
_MADE_OF_THEM = {
    "energy.comprehensive_annual": [
        ("null", f"'{convention}'", f"comprehensive_energy_tce_{convention}", "'tce'")
        for convention in ("calorific", "equivalent")
    ],
    "energy.intensity_annual": [
        ("energy_unit_id || '/' || coalesce(product_id, basis)", "convention", "intensity", "intensity_unit")
    ],
    "carbon.inventory_annual": [("item_key", "basis", "emissions_tco2e", "'tCO2e'")],
    "carbon.intensity_monthly": [
        (
            "coalesce(product_id, denominator)",
            "basis",
            "cast(sum(emissions_tco2e) / nullif(sum(quantity), 0) as decimal(18, 6))",
            "any_value(intensity_unit)",
        )
    ],
}
#: Views that others read many times; each is a table while the two answers are taken.
_READ_OFTEN = (
    "energy.consumption_monthly",
    "carbon.emissions_monthly",
    "intermediate.int_carbon__inventory_line",
    "energy.comprehensive_units_monthly",
    "energy.comprehensive_monthly",
    "intermediate.int_energy__intensity_pair",
)
_KEY = ("month", "organization_id", "account", "item", "carrier", "measure")
_CHANGES = f"""
    select {", ".join(_KEY)}, before.value as before, after.value as after, before.factor_ids as factor_before,
        after.factor_ids as factor_after, before.confidence as confidence_before, after.confidence as confidence_after,
        after.rule as rule_after
    from before full outer join after using ({", ".join(_KEY)})
    where before.value is distinct from after.value or before.factor_ids is distinct from after.factor_ids
    order by {", ".join(_KEY)}
"""


_FOLLOWS = """
    select mart, year, organization_id, account, item, before.value as before, after.value as after,
        coalesce(after.unit, before.unit) as unit
    from made_before as before full outer join made_after as after using (mart, year, organization_id, account, item)
    where before.value is distinct from after.value
    order by mart, year, organization_id, account, item
"""


@dataclass(frozen=True)
class Change:
    """One published number that would be another; NULL where there is none before or after."""

    month: date
    organization_id: str
    account: str
    item: str
    carrier: str
    measure: str
    before: Decimal | None
    after: Decimal | None
    factor_before: str | None
    factor_after: str | None
    confidence_before: str | None
    confidence_after: str | None
    rule_after: str | None


@dataclass(frozen=True)
class Follow:
    """A number of a year that is made of others, and would be another."""

    mart: str
    year: int
    organization_id: str
    account: str
    item: str
    before: Decimal | None
    after: Decimal | None
    unit: str


class Impact(NamedTuple):
    """What an entry would change: numbers that rest on the factors it replaces, and what follows in whole years."""

    changes: list[Change]
    follows: list[Follow]


def of(settings: Settings, entry: Mapping[str, str], replaced: set[str] | None) -> Impact:
    """Return the numbers that rest on one of the factors `replaced` and that the entry would change, and what follows.

    Where nothing is replaced (None): the numbers that would be there for the first time.

    Raises LakeError where nothing is published, and FactorError where the site could not be run with the entry.
    """
    _published(settings)
    site = read_site(settings.site, settings.environment)
    with tempfile.TemporaryDirectory(prefix="nengtan-impact-") as name:
        folder = Path(name)
        rules = _rules_with(site, entry, folder)
        database = folder / "build.duckdb"  # dbt calls the database by the name of its file
        with connected(database) as con:
            _fill(con, settings, site)
        _run_models(settings, site, database)
        with connected(database) as con:
            _follow_the_coefficients(con)
            _keep(con, "before")
            _replace(con, {f"factor_rules_{entry['kind']}": rules})
            _keep(con, "after")
            rows = con.execute(_CHANGES).fetchall()
            made = con.execute(_FOLLOWS).fetchall()
    found = [Change(*row) for row in rows]
    resting = [change for change in found if _rests(change, replaced)]
    return Impact(resting, [Follow(*row) for row in made] if resting else [])


def _rests(change: Change, replaced: set[str] | None) -> bool:
    if replaced is None:
        return change.before is None and change.after is not None
    return bool(replaced & set((change.factor_before or "").split(", ")))


def first_month(settings: Settings) -> date:
    """Return the first published month."""
    import duckdb

    _published(settings)
    with duckdb.connect(str(settings.marts_file), read_only=True) as con:
        row = con.execute("select min(month) from energy.consumption_monthly").fetchone()
    if row is None or row[0] is None:
        raise LakeError("no month is published yet; `nengtan run SITE` publishes")
    begins: date = row[0]
    return begins


def _published(settings: Settings) -> None:
    if not settings.marts_file.is_file():
        raise LakeError(f"nothing is published at {settings.marts_file}; `nengtan run SITE` publishes")


def _rules_with(site: Site, entry: Mapping[str, str], folder: Path) -> pa.Table:
    """Return the site's rules of the entry's kind with the entry, as the next run would read them."""
    if (site.path / adoption.FILE).is_file():
        copyfile(site.path / adoption.FILE, folder / adoption.FILE)
    adoption.append(folder, entry)
    read = read_csv(folder / adoption.FILE, files()["factor_rules"], ZoneInfo(site.settings.timezone))
    if read.faults:
        raise FactorError(f"the entry would be a fault of the site: {read.faults[0]}")
    return site_tables.by_use({**site.tables, "factor_rules": read.table})[f"factor_rules_{entry['kind']}"]


def _fill(con: "DuckDBPyConnection", settings: Settings, site: Site) -> None:
    """Make what the models read: the references as they were published, the factors as they are, the consumption."""
    buildviews.reference(con, Lake(settings.lake), None)
    known = {
        name
        for (name,) in con.execute(
            "select table_name from information_schema.tables where table_schema = 'ref'"
        ).fetchall()
    }
    newer = {name: table for name, table in site.tables.items() if name not in known and table.num_columns}
    library = own_methods.joined(load.load(), site.methods).tables
    _replace(con, {**newer, **library, **site_tables.by_use(site.tables)})
    con.execute(f"attach '{str(settings.marts_file).replace(chr(39), chr(39) * 2)}' as door (read_only)")
    for mart in _GIVEN:
        con.execute(f"create schema if not exists {mart.split('.')[0]}")
        con.execute(f"create table {mart} as select * from door.{mart}")
    con.execute("detach door")
    con.execute("alter table energy.consumption_monthly rename to consumption_published")
    con.execute("create view energy.consumption_monthly as from energy.consumption_published")


def _replace(con: "DuckDBPyConnection", tables: Mapping[str, pa.Table]) -> None:
    kinds = dict(
        con.execute(
            "select table_name, table_type from information_schema.tables where table_schema = 'ref'"
        ).fetchall()
    )
    for name, table in tables.items():
        if name in kinds:
            con.execute(f'drop {"view" if kinds[name] == "VIEW" else "table"} ref."{name}"')
        con.register("incoming", table)
        con.execute(f'create table ref."{name}" as select * from incoming')
        con.unregister("incoming")


def _follow_the_coefficients(con: "DuckDBPyConnection") -> None:
    """Let the standard coal of the consumption follow the coefficients that the models have now."""
    scaled = ", ".join(_TCE.format(convention=convention["convention"]) for convention in _CONVENTIONS)
    con.execute(
        "create or replace view energy.consumption_monthly as "
        f"select * replace ({scaled}) from energy.consumption_published as consumption"
    )
    for name in _READ_OFTEN:
        con.execute(f"alter view {name} rename to {name.split('.')[1]}__view")


def _run_models(settings: Settings, site: Site, database: Path) -> None:
    known = models.read(settings.dbt_project)
    needed = _needed(known)
    chosen = [model for model in known.order if model.name in needed]
    variables = {**worklist.variables(site.settings), "whole": "all", "months": []}
    sql = statements.of(settings.dbt_project, known, [model.name for model in chosen], variables)
    with connected(database) as con:
        modelrun.run(con, chosen, sql, None)


def _needed(known: Models) -> set[str]:
    """Return the models of the numbers that are looked at and all that they are made from, but for what is given."""
    found: set[str] = set()
    open_names = [known.marts[mart].name for mart in ("carbon.emissions_monthly", *_MADE_OF_THEM)]
    while open_names:
        model = known.by_name[open_names.pop()]
        if model.name not in found and model.mart not in _GIVEN:
            found.add(model.name)
            open_names += model.parents
    return found


def _keep(con: "DuckDBPyConnection", name: str) -> None:
    for often in _READ_OFTEN:
        con.execute(f"create or replace table {often} as from {often}__view")
    parts = [_EMISSIONS, *(_COAL.format(**convention) for convention in _CONVENTIONS)]
    con.execute(f"create table {name} as " + " union all by name ".join(parts))
    numbers = [
        f"select '{mart}' as mart, {'year' if mart.endswith('annual') else 'cast(year(month) as integer)'} as year, "
        f"organization_id, {account} as account, coalesce({item}, '') as item, {value} as value, {unit} as unit "
        f"from {mart} {'' if mart.endswith('annual') else 'group by all'}"
        for mart, columns in _MADE_OF_THEM.items()
        for item, account, value, unit in columns
    ]
    con.execute(f"create table made_{name} as " + " union all by name ".join(numbers))


def totals(found: list[Change]) -> list[dict[str, Any]]:
    """Return what changes in all, by organisation, account and measure."""
    sums: dict[tuple[str, str, str], list[Decimal]] = {}
    for change in found:
        total = sums.setdefault((change.organization_id, change.account, change.measure), [Decimal(0), Decimal(0)])
        total[0] += change.before or 0
        total[1] += change.after or 0
    return [
        {
            "organization_id": organization,
            "account": account,
            "measure": measure,
            "before": before,
            "after": after,
            "change": after - before,
        }
        for (organization, account, measure), (before, after) in sorted(sums.items())
    ]
