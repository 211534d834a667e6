"""What each line of carbon.emissions_monthly rests on, for the mart evidence.lineage.

A row for each thing that a line rests on: the measured points with what each counted, the deliveries that brought their
readings (first and last of the month, how many, and the entry of the chain that has them), rows that were declared,
laboratory reports, who approved them, the factor's values with their documents, the warming potential, the clause. A
park's line rests on its members' lines. There is no row for a single reading.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lake import approved
from lake.entries import ENTRY
from lake.errors import LakeError
from quality.lineage import readings
from quality.lineage.place import Place

if TYPE_CHECKING:
    from datetime import date

MART = "evidence.lineage"
_INSTANT = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [
        pa.field("month", pa.date32()),
        pa.field("organization_id", pa.string()),
        pa.field("lineage_id", pa.string()),
        pa.field("rests_on_kind", pa.string()),
        pa.field("rests_on_id", pa.string()),
        pa.field("point_id", pa.string()),
        pa.field("role", pa.string()),
        pa.field("table_name", pa.string()),
        pa.field("rows", pa.int64()),
        pa.field("first_at", _INSTANT),
        pa.field("last_at", _INSTANT),
        pa.field("quantity", pa.decimal128(18, 6)),
        pa.field("quantity_unit", pa.string()),
        pa.field("document", pa.string()),
        pa.field("confidence", pa.string()),
        pa.field("chain_position", pa.int64()),
        pa.field("root_hash", pa.string()),
        pa.field("code_hash", pa.string()),
        pa.field("entered_by", pa.string()),
        pa.field("approved_by", pa.string()),
        pa.field("approved_at", _INSTANT),
    ]
)
#: What was declared, by the site's files, and by the column that names the item.
DECLARED = {"production": "product_id", "activity": "item", "stock": "item"}
_BOUGHT, _SOLD = ["purchase", "internal_purchase"], ["sale", "internal_sale"]
_FACTORS = ("factor_numbers", "factor_numbers_own")


def table(place: Place, months: "Iterable[date] | None" = None) -> pa.Table:
    """Return the mart's rows; readings of the months are looked at, the published rows tell of the others.

    `months` is None where all are looked at. Needs carbon.emissions_monthly and what it was made of in `place`.
    """
    held = {name: pa.Table.from_pylist(list(rows), shape) for name, rows, shape in _parts(place, months)}
    for name, rows in held.items():
        place.marts.register(name, rows)
    query = _RESTS_ON.format(columns=", ".join(f'"{name}"' for name in SCHEMA.names))
    told = {"bought": _BOUGHT, "sold": _SOLD, "code_hash": place.inputs.code_hash}
    try:
        found: pa.Table = place.marts.sql(query, params=told).to_arrow_table()
    finally:
        for name in held:
            place.marts.unregister(name)
    return found.cast(SCHEMA)


def _parts(
    place: Place, months: "Iterable[date] | None"
) -> Iterator[tuple[str, Iterable[Mapping[str, Any]], pa.Schema]]:
    yield "part_delivery", _deliveries(place, months), _DELIVERY
    yield "part_row", _declared(place), _ROW
    yield "part_sample", _samples(place), _ROW
    yield "part_value", _values(place), _VALUE
    yield "part_potential", _potentials(place), _VALUE
    yield "part_approval", _approvals(place), _APPROVAL


def _deliveries(place: Place, months: "Iterable[date] | None") -> Iterator[dict[str, Any]]:
    """Give what each delivery brought of a counted point in a month, with the entries of the chain that have it."""
    counted: dict[date, list[str]] = {}
    for row in place.rows("select distinct month, point_id from energy.consumption_points_monthly order by all"):
        counted.setdefault(row["month"], []).append(row["point_id"])
    again = None if months is None else set(months)
    for month, points in counted.items():
        if again is None or month in again:
            for found in readings.deliveries(place, points, month):
                yield from _sealed_delivery(place, month, found)
    if again is not None:
        yield from place.rows(_PUBLISHED, [sorted(again)])


def _sealed_delivery(place: Place, month: "date", found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    told = {name: found[name] for name in ("point_id", "table_name", "batch_id", "rows", "first_at", "last_at")}
    entries = readings.entries_of(place, found)
    for entry in entries:
        yield {"month": month, **told, "chain_position": entry.chain_position, "root_hash": entry.root_hash}
    if not entries:
        yield {"month": month, **told, "chain_position": None, "root_hash": None}


def _declared(place: Place) -> Iterator[dict[str, Any]]:
    for thing, item in DECLARED.items():
        for row in place.thing(thing):
            yield _row(place, thing, row, row[item])
    for row in place.thing("certificates"):
        yield _row(place, "certificates", row, None)


def _row(place: Place, thing: str, row: Mapping[str, Any], item: str | None) -> dict[str, Any]:
    entry = place.sealed(f"ref/{thing}", row)
    return {
        "thing": thing,
        "id": row_id(thing, row),
        "organization_id": row["organization_id"],
        "month": row["month"],
        "item": item,
        "quantity": row.get("quantity"),
        "unit": row["unit"],
        "purpose": "produced" if thing == "production" else row.get("purpose"),
        "document": row.get("voucher"),
        "entry": row.get("entry"),
        **_places(entry),
    }


def row_id(thing: str, row: Mapping[str, Any]) -> str:
    """Return the name by which the mart knows a row that was declared, or a laboratory's."""
    if thing == "certificates":
        return f"certificates/{row['certificate_id']}"
    if thing == "lab_results":
        return "/".join(str(row[name]) for name in ("sample_id", "report_number", "property") if row[name])
    item = row.get("product_id") or row.get("item")
    parts = [thing, row["organization_id"], row.get("energy_unit_id"), item, row.get("purpose")]
    return "/".join([*(part for part in parts if part), f"{row['month']:%Y-%m}"])


def _samples(place: Place) -> Iterator[dict[str, Any]]:
    for row in place.thing("lab_results"):
        entry = place.sealed("ref/lab_results", row)
        yield {
            "thing": "lab_results",
            "id": row_id("lab_results", row),
            "organization_id": row["organization_id"],
            "month": row["month"] or row["sampled_on"].replace(day=1),
            "item": row["material"],
            "quantity": None,
            "unit": row["unit"],
            "document": row["voucher"] or row["report_number"],
            "entry": row.get("entry"),
            **_places(entry),
        }


def _values(place: Place) -> Iterator[dict[str, Any]]:
    for thing in _FACTORS:
        for row in place.thing(thing):
            yield _value(place, thing, row, row["factor_id"], f"{row['factor_id']}/{row['property']}")


def _potentials(place: Place) -> Iterator[dict[str, Any]]:
    for row in place.thing("factor_gwp"):
        yield _value(place, "factor_gwp", row, f"{row['gwp_set']}/{row['gas']}", str(row["factor_id"]))


def _value(place: Place, thing: str, row: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    document = " · ".join(str(row[part]) for part in ("source_id", "locator") if row.get(part))
    told = {"thing": thing, "key": key, "id": name, "document": document, "confidence": row["confidence"]}
    return told | _places(place.sealed(f"ref/{thing}", row))


def _approvals(place: Place) -> Iterator[dict[str, Any]]:
    """Give who stands for each approved version of a sheet."""
    try:
        source = approved.source_of(place.lake)
    except LakeError:
        return  # nothing was ever approved
    table = f"raw/{source}__entry"
    for line in place.lines(source):
        entry = place.sealed(table, {name: line.get(name) for name in ENTRY.names})
        told = {name: line[name] for name in ("entered_by", "approved_by", "workbook_hash", "batch_id")}
        yield {
            "entry": f"{line['entry_id']}/{line['version']}",
            "table_name": table,
            "approved_at": line["known_at"],
            **told,
            **_places(entry),
        }


def _places(entry: Any) -> dict[str, Any]:  # noqa: ANN401 - an entry of the chain or none
    return {
        "chain_position": entry.chain_position if entry else None,
        "root_hash": entry.root_hash if entry else None,
    }


_DELIVERY = pa.schema(
    [
        pa.field("month", pa.date32()),
        *(pa.field(name, pa.string()) for name in ("point_id", "table_name", "batch_id")),
        pa.field("rows", pa.int64()),
        pa.field("first_at", _INSTANT),
        pa.field("last_at", _INSTANT),
        pa.field("chain_position", pa.int64()),
        pa.field("root_hash", pa.string()),
    ]
)
_ROW = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("thing", "id", "organization_id", "item")),
        pa.field("month", pa.date32()),
        pa.field("quantity", pa.decimal128(18, 6)),
        *(pa.field(name, pa.string()) for name in ("unit", "purpose", "document", "entry")),
        pa.field("chain_position", pa.int64()),
        pa.field("root_hash", pa.string()),
    ]
)
_VALUE = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("thing", "key", "id", "document", "confidence")),
        pa.field("chain_position", pa.int64()),
        pa.field("root_hash", pa.string()),
    ]
)
_APPROVAL = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("entry", "table_name", "entered_by", "approved_by")),
        pa.field("approved_at", _INSTANT),
        *(pa.field(name, pa.string()) for name in ("workbook_hash", "batch_id")),
        pa.field("chain_position", pa.int64()),
        pa.field("root_hash", pa.string()),
    ]
)
_PUBLISHED = f"""
    select distinct month, point_id, table_name, rests_on_id as batch_id, rows, first_at, last_at,
        chain_position, root_hash
    from published."{MART.replace(".", "__")}"
    where rests_on_kind = 'delivery' and not list_contains($1, month)
"""
# What a category counts of what was metered: for combustion fuel that was bought or made less what was sold; bought or
# sold energy by its role; for the carbon balance of feedstock what came in as such, and what was made or thrown away;
# for any other process what was bought, used and sold of the item.
_RESTS_ON = """
    with organizations as (
        select organization_id, min(parent_id) as parent_id from reference.organizations group by organization_id
    ),

    lines as (
        select lines.month, lines.organization_id, lines.lineage_id, lines.source_category::varchar as source_category,
            lines.carrier::varchar as carrier, lines.gas::varchar as gas, lines.gwp_set::varchar as gwp_set,
            lines.factor_id::varchar as factor_id, lines.method_term::varchar as method_term,
            lines.method_clause::varchar as method_clause, lines.is_internal,
            contains(lines.method_term::varchar || coalesce(lines.factor_rule::varchar, ''), 'measured') as is_measured,
            lines.organization_id in (select parent_id from organizations where parent_id is not null) as is_park,
            case lines.method_term when 'feedstock_balance/in' then 'in' when 'feedstock_balance/out' then 'out' end
                as side,
            case
                when lines.source_category in ('purchased_electricity', 'purchased_heat') then $bought
                when lines.source_category in ('sold_electricity', 'sold_heat') then $sold
                when lines.source_category = 'combustion'
                then list_concat($bought, $sold, ['own_generation', 'end_use'])
                else list_concat($bought, $sold, ['end_use'])
            end as roles,
            substr(lines.lineage_id, length('carbon.emissions_monthly/' || lines.month::varchar || '/'
                || lines.organization_id) + 1) as said
        from carbon.emissions_monthly as lines
    ),

    own as (select * from lines where not is_park),

    members as (
        select parks.month, parks.organization_id, parks.lineage_id, 'line' as rests_on_kind,
            members.lineage_id as rests_on_id
        from lines as parks
        inner join organizations on parks.organization_id = organizations.parent_id
        inner join lines as members
            on organizations.organization_id = members.organization_id and parks.month = members.month
            and parks.said = members.said
        where parks.is_park and not members.is_internal
    ),

    points as (
        select own.month, own.organization_id, own.lineage_id, 'point' as rests_on_kind, points.point_id as rests_on_id,
            points.point_id, points.role::varchar as role, sum(points.quantity) as quantity,
            points.quantity_unit::varchar as quantity_unit
        from own
        inner join energy.consumption_points_monthly as points
            on own.month = points.month and own.organization_id = points.organization_id
            and own.carrier = points.carrier
        where list_contains(own.roles, points.role::varchar)
            and starts_with(points.role::varchar, 'internal_') = own.is_internal
            and case own.source_category
                when 'combustion' then points.use_type = 'fuel'
                when 'process'
                then own.side is distinct from 'out' and (points.use_type = 'feedstock') = (own.side is not null)
                else true
            end
        group by all
    ),

    deliveries as (
        select distinct points.month, points.organization_id, points.lineage_id, 'delivery' as rests_on_kind,
            found.batch_id as rests_on_id, points.point_id, found.table_name, found.rows, found.first_at, found.last_at,
            found.chain_position, found.root_hash
        from points inner join part_delivery as found using (month, point_id)
    ),

    declared as (
        select own.month, own.organization_id, own.lineage_id,
            case when found.thing = 'certificates' then 'certificate' else 'row' end as rests_on_kind,
            found.id as rests_on_id, 'ref/' || found.thing as table_name, found.quantity, found.unit as quantity_unit,
            found.document, found.entry, found.chain_position, found.root_hash
        from own
        inner join part_row as found
            on own.organization_id = found.organization_id and own.month = found.month
            and (own.carrier = found.item or (found.thing = 'certificates' and own.method_term = 'certificate'))
        where case own.side
            when 'in' then found.purpose = 'feedstock'
            when 'out' then found.purpose in ('produced', 'discarded')
            else true
        end
    ),

    samples as (
        select distinct own.month, own.organization_id, own.lineage_id, 'sample' as rests_on_kind,
            found.id as rests_on_id, 'ref/lab_results' as table_name, found.document, found.entry,
            found.chain_position, found.root_hash
        from own
        inner join part_sample as found on own.month = found.month and own.carrier = found.item
            and (found.organization_id is null or own.organization_id = found.organization_id)
        where own.is_measured
    ),

    approvals as (
        select distinct rested.month, rested.organization_id, rested.lineage_id, 'approval' as rests_on_kind,
            rested.entry as rests_on_id, found.table_name, found.workbook_hash as document, found.entered_by,
            found.approved_by, found.approved_at, found.chain_position, found.root_hash
        from (select * from declared union all by name select * from samples) as rested
        inner join part_approval as found using (entry)
    ),

    factor_values as (
        select own.month, own.organization_id, own.lineage_id, 'factor_value' as rests_on_kind,
            found.id as rests_on_id, 'ref/' || found.thing as table_name, found.document, found.confidence,
            found.chain_position, found.root_hash
        from own inner join part_value as found on own.factor_id = found.key
    ),

    potentials as (
        select own.month, own.organization_id, own.lineage_id, 'potential' as rests_on_kind,
            found.id as rests_on_id, 'ref/' || found.thing as table_name, found.document, found.confidence,
            found.chain_position, found.root_hash
        from own inner join part_potential as found on own.gwp_set || '/' || own.gas = found.key
    ),

    clauses as (
        select month, organization_id, lineage_id, 'clause' as rests_on_kind, method_clause as rests_on_id,
            $code_hash as code_hash
        from lines where method_clause is not null
    ),

    every as (
        select * from members
        union all by name select * from points
        union all by name select * from deliveries
        union all by name select * exclude (entry) from declared
        union all by name select * exclude (entry) from samples
        union all by name select * from approvals
        union all by name select * from factor_values
        union all by name select * from potentials
        union all by name select * from clauses
    )

    select {columns} from every
    order by month, organization_id, lineage_id, rests_on_kind, rests_on_id, point_id, role, table_name,
        chain_position, quantity_unit
"""
