"""An existing energy management centre with the schema of MyEMS becomes the rows of a site folder.

Read are `myems_system_db`: spaces, meters, energy categories, points. The readings themselves (`tbl_energy_value` of
`myems_historical_db`) arrive through the SQL source that is written beside them. Its values are already multiplied with
the point's ratio. What cannot be told from the schema is not guessed: it is left out and named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, exc, inspect, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.pool import NullPool

from lake.errors import SourceAwayError, SourceShapeError

SYSTEM, HISTORY = "myems_system_db", "myems_historical_db"
QUERY = (
    "select id, point_id, utc_date_time, actual_value, {status} as status"
    " from tbl_energy_value where id > :cursor order by id"
)
#: Names of energy categories whose carrier is beyond doubt, in small letters; the others are named by whoever imports.
CARRIERS = {
    "电": "electricity",
    "电力": "electricity",
    "electricity": "electricity",
    "天然气": "natural_gas",
    "natural gas": "natural_gas",
    "自来水": "fresh_water",
    "water": "fresh_water",
    "蒸汽": "steam",
    "steam": "steam",
    "压缩空气": "compressed_air",
    "compressed air": "compressed_air",
}
#: Unit as it is written there: quantity and unit here.
UNITS = {
    "kwh": ("active_energy_import", "kWh"),
    "mwh": ("active_energy_import", "MWh"),
    "m3": ("volume", "m3"),
    "m³": ("volume", "m3"),
    "gj": ("heat", "GJ"),
    "t": ("mass", "t"),
    "kg": ("mass", "kg"),
}
_VOLUMES = {"natural_gas": "m3_20c", "compressed_air": "m3_actual"}
_SPACES = "select id, name, parent_space_id from tbl_spaces order by id"
_METERS = """select m.id, m.name, c.name as category, m.is_counted, m.hourly_high_limit,
 (select min(s.space_id) from tbl_spaces_meters s where s.meter_id = m.id) as space_id
 from tbl_meters m join tbl_energy_categories c on c.id = m.energy_category_id order by m.id"""
_POINTS = """select mp.meter_id, p.id, p.name, p.units from tbl_meters_points mp join tbl_points p on p.id = mp.point_id
 where p.object_type = 'ENERGY_VALUE' order by mp.meter_id, p.id"""


@dataclass
class Imported:
    """Rows by file of the site folder; in sentences what was left out, and what somebody has to look at."""

    name: str = ""
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    query: str = ""
    left_out: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def read(url: str, carriers: Mapping[str, str]) -> Imported:
    """Return the site that the databases of a server describe; `url` names the server without a database.

    `carriers` gives the carrier of energy categories by name. Raises SourceAwayError where the server does not answer
    and SourceShapeError where its schema is another one.
    """
    try:
        with _connection(url, HISTORY) as connection:
            has_flag = any(column["name"] == "is_bad" for column in inspect(connection).get_columns("tbl_energy_value"))
        with _connection(url, SYSTEM) as connection:
            spaces, meters, points = (_rows(connection, query) for query in (_SPACES, _METERS, _POINTS))
    except (exc.OperationalError, exc.InterfaceError) as cause:
        raise SourceAwayError(f"the server does not answer ({_brief(cause)}); check address and account") from cause
    except exc.SQLAlchemyError as cause:
        raise SourceShapeError(f"this is no schema of MyEMS ({_brief(cause)})") from cause
    found = Imported(query=QUERY.format(status="case when is_bad then 'bad' else 'good' end" if has_flag else "'good'"))
    _units(found, spaces)
    known = {name.casefold(): carrier for name, carrier in {**CARRIERS, **carriers}.items()}
    _meters(found, meters, points, known)
    return found


def _connection(url: str, database: str) -> Connection:
    try:
        return create_engine(make_url(url).set(database=database), poolclass=NullPool).connect()
    except (exc.ArgumentError, exc.NoSuchModuleError, ModuleNotFoundError) as cause:
        raise SourceShapeError("the address is none; write mysql+pymysql://account:password@host:3306") from cause


def _rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(query)).mappings()]


def _units(found: Imported, spaces: list[dict[str, Any]]) -> None:
    """The tree of spaces: its head is the organisation and its whole site."""
    roots = [row for row in spaces if row["parent_space_id"] is None]
    if len(roots) != 1:
        raise SourceShapeError(f"tbl_spaces has {len(roots)} heads, a site has one")
    found.name = str(roots[0]["name"])
    head = _unit(roots[0]["id"])
    found.files["organizations"] = [{"organization_id": head, "name_zh": found.name}]
    found.files["energy_units"] = [
        {
            "energy_unit_id": _unit(row["id"]),
            "organization_id": head,
            "parent_id": "" if row["parent_space_id"] is None else _unit(row["parent_space_id"]),
            "kind": "site" if row["parent_space_id"] is None else "workshop",
            "name_zh": row["name"],
        }
        for row in spaces
    ]


def _meters(
    found: Imported, meters: list[dict[str, Any]], points: list[dict[str, Any]], carriers: Mapping[str, str]
) -> None:
    head = found.files["organizations"][0]["organization_id"]
    files: dict[str, list[dict[str, Any]]] = {"meters": [], "points": [], "allocations": []}
    for meter in meters:
        mine = [row for row in points if row["meter_id"] == meter["id"]]
        carrier = carriers.get(str(meter["category"]).casefold())
        trouble = _trouble(meter, mine, carrier)
        if trouble or carrier is None:
            found.left_out.append(f"meter {meter['name']!r}: {trouble}")
            continue
        point = mine[0]
        quantity, unit = UNITS[str(point["units"]).casefold()]
        if quantity == "volume" and carrier in _VOLUMES:
            unit = _VOLUMES[carrier]
            found.doubts.append(f"meter {meter['name']!r}: its volume is taken as {unit}; look whether it counts that")
        place = head if meter["space_id"] is None else _unit(meter["space_id"])
        meter_id, point_id = f"meter_{meter['id']}", f"point_{point['id']}"
        most = meter["hourly_high_limit"] or ""
        files["meters"].append({"meter_id": meter_id, "energy_unit_id": place, "carrier": carrier})
        files["points"].append(
            {
                "point_id": point_id,
                "meter_id": meter_id,
                "quantity": quantity,
                "kind": "register",
                "unit": unit,
                "physical_max": most,
                "source": "myems",
                "address": point["id"],
            }
        )
        if meter["is_counted"]:
            files["allocations"].append({"energy_unit_id": place, "carrier": carrier, "point_id": point_id})
    found.files |= files


def _trouble(meter: Mapping[str, Any], points: list[dict[str, Any]], carrier: str | None) -> str:
    """Say why a meter cannot be taken over."""
    if carrier is None:
        return f"which carrier {meter['category']!r} is cannot be told; say --carrier {meter['category']}=<carrier>"
    if len(points) != 1:
        return f"it has {len(points)} points of kind ENERGY_VALUE, one is expected"
    if str(points[0]["units"]).casefold() not in UNITS:
        return f"its unit {points[0]['units']!r} is unknown here"
    return ""


def _unit(number: object) -> str:
    return f"space_{number}"


def _brief(cause: exc.SQLAlchemyError) -> str:
    """Return the database's own words: SQLAlchemy's message repeats the statement, and perhaps a secret."""
    return str(getattr(cause, "orig", None) or type(cause).__name__).splitlines()[0][:200]
