"""The CBAM report as a workbook: sheets named after those of the communication template, structure ours."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from exchange.footprints.cbam import LABEL, Embedded, Report
from exchange.reports import stable
from lake import cells

if TYPE_CHECKING:
    from openpyxl import Workbook

SHEETS = (
    *("A_InstData", "B_EmInst", "C_Emissions&Energy", "D_Processes", "E_PurchPrec", "F_Tools", "G_FurtherGuidance"),
    *("Summary_Processes", "Summary_Products", "Summary_Communication"),
)
Row = Sequence[Any]
_DIGITS = Decimal("0.000001")
_WIDEST = 48


def written(found: Report) -> bytes:
    """Return the workbook; the same report gives the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.description = "CBAM operator report", LABEL
    book.properties.created = datetime(found.ends_on.year, found.ends_on.month, found.ends_on.day)  # noqa: DTZ001 -- Excel has no zone
    for name, rows in zip(SHEETS, _sheets(found), strict=True):
        _sheet(book, name, [(LABEL,), (), *rows])
    file = BytesIO()
    cells.as_texts(book)
    book.save(file)
    return stable.packed(file.getvalue())


def _sheet(book: "Workbook", name: str, rows: Sequence[Row]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append([float(value.quantize(_DIGITS)) if isinstance(value, Decimal) else value for value in row])
    sheet["A1"].font = Font(italic=True)
    for cell in sheet[3]:
        cell.font = Font(bold=True)
    for column in range(1, sheet.max_column + 1):
        lengths = [len(str(row[column - 1])) for row in rows[2:] if len(row) >= column and row[column - 1] is not None]
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(lengths, default=8) + 2)


def _sheets(found: Report) -> Iterator[list[Row]]:
    """Yield the rows of each sheet in the order of SHEETS; the first row is its heading."""
    goods = found.goods
    yield _installation(found)
    yield [("Good", "Source stream", "Emissions (tCO2e)"), *_streams(goods)]
    yield [_ENERGY, *[_energy(one, found.installation.electricity_factor) for one in goods]]
    yield [_PROCESSES, *[_process(one) for one in goods]]
    yield [_PRECURSORS, *_precursors(goods)]
    yield [("Good", "Parameter", "Value"), *_parameters(goods)]
    yield [("Note", "Text"), *enumerate(_NOTES, 1)]
    yield [_SUMMARY, *[_summary(one) for one in goods]]
    yield [_PRODUCTS, *[_product(one) for one in goods]]
    yield [_COMMUNICATION, *[_communication(found, one) for one in goods]]


def _installation(found: Report) -> list[Row]:
    place = found.installation
    return [
        ("Field", "Value"),
        ("Reporting period from", found.begins_on.isoformat()),
        ("Reporting period to", found.ends_on.isoformat()),
        ("Installation", place.name),
        ("Operator", place.operator),
        ("Address", place.address),
        ("Country", place.country),
        ("UN/LOCODE", place.unlocode),
        ("Latitude", place.latitude),
        ("Longitude", place.longitude),
        ("Verifier", place.verifier or "none: not verified"),
    ]


def _streams(goods: Sequence[Embedded]) -> Iterator[Row]:
    for one in goods:
        for stream in one.good.streams:
            yield one.good.product_id, stream.name, stream.emissions_t


_ENERGY = (
    *("Good", "Direct emissions (tCO2e)", "Electricity (MWh)", "Electricity factor (tCO2/MWh)"),
    *("Heat imported (GJ)", "Heat exported (GJ)", "Waste gases imported (tCO2e)", "Waste gases exported (tCO2e)"),
    "Electricity made (tCO2e)",
)


def _energy(one: Embedded, factor: Decimal) -> Row:
    good = one.good
    taken = good.heat_in_gj, good.heat_out_gj, good.waste_gas_in_t, good.waste_gas_out_t, good.electricity_made_t
    return good.product_id, good.direct_t, good.electricity_mwh, factor, *taken


_PROCESSES = (
    *("Good", "Category", "Route", "Activity level (t)"),
    *("Attributed direct (tCO2e)", "Attributed indirect (tCO2e)", "Precursors direct (tCO2e)"),
    "Precursors indirect (tCO2e)",
)


def _process(one: Embedded) -> Row:
    good = one.good
    attributed = one.attributed_direct_t, one.attributed_indirect_t
    precursors = one.precursors_direct_t, one.precursors_indirect_t
    return good.product_id, good.category, good.route, good.activity_t, *attributed, *precursors


_PRECURSORS = (
    *("Good", "Precursor", "CN code", "Country", "Amount (t)", "SEE direct (tCO2e/t)", "SEE indirect (tCO2e/t)"),
    *("Value", "Source"),
)


def _precursors(goods: Sequence[Embedded]) -> Iterator[Row]:
    known = {one.good.product_id: one for one in goods}
    for one in goods:
        for item in one.good.bought:
            see = item.see_direct, item.see_indirect
            what = one.good.product_id, item.name, item.cn_code, item.country, item.amount_t
            yield *what, *see, item.value_kind, item.source
        for name, amount in one.good.own.items():
            made = known[name]
            what = one.good.product_id, made.good.name, made.good.cn_code, "made here", amount
            yield *what, made.see_direct, made.see_indirect, "actual", "this report"


def _parameters(goods: Sequence[Embedded]) -> Iterator[Row]:
    for one in goods:
        yield from ((one.good.product_id, name, value) for name, value in one.good.parameters.items())


_NOTES = (
    "Specific embedded emissions = (attributed + precursors) / activity level; Regulation (EU) 2023/956, Annex IV.",
    "Indirect emissions are in scope for cement and fertilisers; for other goods they are told and do not count.",
    "Default values are those of the operator's file with their source; the share that rests on them is told.",
    "By-products of a process carry nothing; a precursor made in the installation has what is reckoned here for it.",
)
_SUMMARY = (
    *("Good", "CN code", "Activity level (t)", "SEE direct (tCO2e/t)", "SEE indirect (tCO2e/t)"),
    *("SEE in scope (tCO2e/t)", "Indirect in scope", "Share of default values"),
)


def _summary(one: Embedded) -> Row:
    good = one.good
    see = one.see_direct, one.see_indirect, one.see_in_scope
    scope = "yes" if one.is_indirect_in_scope else "no"
    return good.product_id, good.cn_code, good.activity_t, *see, scope, one.default_ratio


_PRODUCTS = (
    *("CN code", "Good", "SEE direct (tCO2e/t)", "SEE indirect (tCO2e/t)", "Carbon price paid (CNY)"),
    *("Emissions covered by it (t)", "Rebate (CNY)", "Net (CNY)"),
)


def _product(one: Embedded) -> Row:
    price = one.good.price
    paid = (price.paid_cny, price.covered_t, price.rebate_cny, price.net_cny) if price else (None,) * 4
    return one.good.cn_code, one.good.name, one.see_direct, one.see_indirect, *paid


_COMMUNICATION = (
    *("Installation", "UN/LOCODE", "Country", "CN code", "Good", "From", "To", "SEE direct (tCO2e/t)"),
    *("SEE indirect (tCO2e/t)", "Share of default values", "Electricity factor (tCO2/MWh)", "Source of the factor"),
    "Qualifying parameters",
)


def _communication(found: Report, one: Embedded) -> Row:
    place, good = found.installation, one.good
    where = place.name, place.unlocode, place.country, good.cn_code, good.name
    when = found.begins_on.isoformat(), found.ends_on.isoformat()
    told = "; ".join(f"{name}: {value}" for name, value in good.parameters.items())
    see = one.see_direct, one.see_indirect, one.default_ratio
    return *where, *when, *see, place.electricity_factor, place.electricity_source, told
