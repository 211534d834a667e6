"""The CBAM report of an installation from published flows: emissions, power, heat and precursors of its processes.

A good's production process is made up of unit processes of the product system: what passes between them stays inside.
Power counts as it was used, without the losses on its way that a footprint adds. By-products carry nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.footprints import cbam
from exchange.footprints.cbam import Bought, CarbonPrice, Good, Installation, Report, Stream
from lake import engine, periods, published
from lake.errors import FootprintError
from lake.site.cbam import listed, named
from lake.site.load import Site

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = Mapping[str, Any]
_CO2 = frozenset({"CO2"})
_KILO = Decimal(1000)


@dataclass(frozen=True)
class _Told:
    """What the site says that holds at the end of the period."""

    products: Mapping[str, Row]
    goods: Mapping[str, Row]
    precursors: Mapping[str, Row]


def report(site: Site, marts: Path, installation_id: str, period: str) -> Report:
    """Return the report of an installation for a year or a month.

    Raises FootprintError where the site does not tell of it, flows are not published, or something is missing.
    """
    try:
        asked = periods.period(period)
    except ValueError as cause:
        raise FootprintError(str(cause)) from cause
    ends_on = periods.next_month(asked.last) - timedelta(days=1)
    place = _installation(site, installation_id, ends_on)
    goods = _valid(site.tables["cbam_goods"].to_pylist(), ends_on)
    precursors = _valid(site.tables["cbam_precursors"].to_pylist(), ends_on)
    told = _Told(
        products={row["product_id"]: row for row in site.tables["products"].to_pylist()},
        goods={row["product_id"]: row for row in goods if row["installation_id"] == installation_id},
        precursors={row["item"]: row for row in precursors if row["installation_id"] == installation_id},
    )
    if not told.goods:
        raise FootprintError(f"cbam_goods.csv has no good of {installation_id} that holds on {ends_on}")
    with published.opened(marts) as connection:
        made = [_good(connection, told, row, (asked.first, asked.last)) for row in told.goods.values()]
    return cbam.report(place, asked.first, ends_on, made)


def _valid(rows: Iterable[Row], on: date) -> list[Row]:
    def holds(row: Row) -> bool:
        return (row["valid_from"] is None or row["valid_from"] <= on) and (
            row["valid_to"] is None or row["valid_to"] > on
        )

    return [row for row in rows if holds(row)]


def _installation(site: Site, installation_id: str, on: date) -> Installation:
    rows = _valid(site.tables["cbam_installations"].to_pylist(), on)
    row = next((row for row in rows if row["installation_id"] == installation_id), None)
    if row is None:
        raise FootprintError(f"cbam_installations.csv has no {installation_id!r} that holds on {on}")
    owners = {one["organization_id"]: one for one in site.tables["organizations"].to_pylist()}
    owner = owners[row["organization_id"]]
    return Installation(
        installation_id=installation_id,
        name=row["name_en"] or row["name_zh"],
        operator=owner["name_en"] or owner["name_zh"],
        address=row["address"],
        country=row["country"],
        unlocode=row["unlocode"] or "",
        latitude=row["latitude"],
        longitude=row["longitude"],
        verifier=row["verifier"] or "",
        electricity_factor=row["electricity_factor_tco2_per_mwh"],
        electricity_source=row["electricity_factor_source"],
        heat_factor=row["heat_factor_tco2_per_gj"],
        heat_source=row["heat_factor_source"] or "",
    )


def _good(connection: "DuckDBPyConnection", told: _Told, row: Row, months: tuple[date, date]) -> Good:
    product_id, inside = row["product_id"], set(listed(row["processes"]))
    bound = {"processes": sorted(inside), "first": months[0], "last": months[1]}
    flows = engine.rows(connection, _FLOWS, **bound)
    missing = next((flow for flow in flows if flow["is_missing"]), None)
    if missing:
        raise FootprintError(
            f"{product_id}: {missing['exchange_id']} is not known in every month: {missing['missing']}"
        )
    product = told.products[product_id]
    activity = _tonnes(flow for flow in flows if flow["direction"] == "output" and flow["item"] == product_id)
    used = [flow for flow in flows if flow["direction"] == "input"]
    own = {
        item: _tonnes(flow for flow in used if flow["item"] == item)
        for item in sorted({flow["item"] for flow in used} & set(told.goods) - {product_id})
        if told.goods[item]["processes"] != row["processes"]
    }
    return Good(
        product_id=product_id,
        name=product["name_en"] or product["name_zh"],
        cn_code=product["cn_code"],
        category=row["category"],
        route=row["route"] or "",
        activity_t=activity,
        streams=_streams(flows, cbam.GASES.get(row["category"], _CO2)),
        electricity_mwh=_quantity(used, "electricity", "kWh") / _KILO,
        heat_in_gj=_quantity(used, "energy", "GJ"),
        bought=[_bought(told.precursors[item], used) for item in sorted(_bought_items(used, told))],
        own=own,
        parameters=named(row["parameters"]) | _ratios(named(row["ratios"]), used, activity),
        price=_price(row),
    )


def _streams(flows: Iterable[Row], gases: frozenset[str]) -> list[Stream]:
    found: dict[str, Decimal] = {}
    for flow in flows:
        if flow["direction"] == "emission" and flow["kind_of_carbon"] != "biogenic_co2" and flow["gas"] in gases:
            name = f"{flow['part'] or flow['item_name_en'] or flow['item']} ({flow['gas']})"
            found[name] = found.get(name, Decimal(0)) + flow["emissions_kgco2e"] / _KILO
    return [Stream(name, emissions) for name, emissions in sorted(found.items())]


def _quantity(used: Iterable[Row], kind: str, unit: str) -> Decimal:
    """Return what was used of power, or of heat that others made."""
    found = (flow["quantity"] for flow in used if flow["kind"] == kind and flow["quantity_unit"] == unit)
    return sum(found, Decimal(0))


def _tonnes(flows: Iterable[Row]) -> Decimal:
    masses = (flow["quantity"] if flow["quantity_unit"] == "t" else flow["mass_t"] for flow in flows)
    return sum((mass for mass in masses if mass is not None), Decimal(0))


def _bought_items(used: Sequence[Row], told: _Told) -> set[str]:
    return {flow["item"] for flow in used if flow["item"] in told.precursors and flow["item"] not in told.goods}


def _bought(row: Row, used: Sequence[Row]) -> Bought:
    return Bought(
        item=row["item"],
        name=row["name"],
        cn_code=row["cn_code"],
        country=row["country"],
        amount_t=_tonnes(flow for flow in used if flow["item"] == row["item"]),
        see_direct=row["see_direct_tco2e_per_t"],
        see_indirect=row["see_indirect_tco2e_per_t"],
        value_kind=row["value_kind"],
        source=row["source"],
    )


def _ratios(asked: Mapping[str, str], used: Sequence[Row], activity: Decimal) -> dict[str, str]:
    """Return tonnes of the named items per tonne of the good, to four places."""
    found = {}
    for name, items in asked.items():
        listed_items = {item.strip() for item in items.split("+")}
        amount = _tonnes(flow for flow in used if flow["item"] in listed_items)
        found[name] = f"{(amount / activity).quantize(Decimal('0.0001')):f}" if activity else "-"
    return found


def _price(row: Row) -> CarbonPrice | None:
    if row["carbon_price_cny"] is None:
        return None
    covered, rebate = row["carbon_price_covered_tco2e"], row["carbon_price_rebate_cny"]
    return CarbonPrice(row["carbon_price_cny"], covered or Decimal(0), rebate or Decimal(0))


#: The same kilowatt-hours on their way are no second use. Heat counts where another process of the site made it.
_FLOWS = """
    select exchange_id, direction, kind, item, item_name_en, part, gas, kind_of_carbon, quantity_unit,
        sum(quantity)::decimal(38, 6) as quantity, sum(mass_t)::decimal(38, 6) as mass_t,
        sum(emissions_kgco2e)::decimal(38, 6) as emissions_kgco2e,
        coalesce(bool_or(not is_complete or (direction = 'emission' and emissions_kgco2e is null)), false)
            as is_missing,
        any_value(missing_en) as missing
    from footprint.flows_monthly
    where list_contains($processes, process_id) and month between $first and $last
        and part is distinct from 'transmission'
        and (kind <> 'energy' or provider_kind = 'process')
    group by all
    order by exchange_id, part, gas
"""
