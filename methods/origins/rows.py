"""The rows of energy.electricity_origins_monthly: what an organisation used of each origin, and how it came."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa

from methods.origins.mix import ZERO, Member, Source, used

Row = dict[str, object]
_TEXT, _KWH, _RATIO = pa.string(), pa.decimal128(18, 6), pa.decimal128(9, 6)
_OWNER = ("organization_id", "organization_name_zh", "organization_name_en", "organization_level")
ORIGINS = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *[pa.field(name, pa.int32() if name == "organization_level" else _TEXT) for name in _OWNER],
        *[
            pa.field(name, _TEXT, nullable=False)
            for name in ("origin", "origin_name_zh", "origin_name_en", "way", "way_name_zh", "way_name_en")
        ],
        pa.field("is_renewable", pa.bool_()),
        pa.field("quantity_kwh", _KWH),
        pa.field("share_ratio", _RATIO),
        pa.field("estimated_ratio", _RATIO),
        pa.field("missing_ratio", _RATIO),
    ]
)
#: Code of origin: Chinese, English, whether it is renewable (None: nobody says).
NAMES: dict[str, tuple[str, str, bool | None]] = {
    "thermal": ("火电", "thermal", False),
    "hydro": ("水电", "hydro", True),
    "pv": ("光伏", "PV", True),
    "wind": ("风电", "wind", True),
    "biomass": ("生物质发电", "biomass", True),
    "waste_heat": ("余热余压发电", "waste heat and pressure", False),
    "unspecified": ("来源未指明", "origin not specified", None),
}
WAYS = {
    "own": ("自发自用", "made on site"),
    "contract": ("按合同购入", "bought by contract"),
    "certificate": ("绿证对应", "covered by certificates"),
    "park": ("园区内购入", "bought inside the park"),
    "grid": ("电网购入", "bought from the grid"),
}


def of_month(
    month: date,
    members: Mapping[str, Member],
    owners: Sequence[Row],
    below: Mapping[str, Iterable[str]],
    doubts: Mapping[str, tuple[object, object]],
) -> list[Row]:
    """Return the rows of a month: of each member by its own ways, of a park by those into the park.

    `owners` are the organisations, `below` the members under each (itself where it is one), `doubts` the estimated
    and the missing ratio of each.
    """
    parts = used(members)
    found: list[Row] = []
    for owner in owners:
        name = str(owner["organization_id"])
        sums: dict[tuple[str, str], Decimal] = {}
        for member in below[name]:
            for source, amount in parts.get(member, {}).items():
                key = source.origin, source.way if member == name else source.way_into_park
                sums[key] = sums.get(key, ZERO) + amount
        whole = sum(sums.values(), ZERO)
        for (origin, way), amount in sorted(sums.items()):
            if amount:
                found.append(
                    {"month": month, **{key: owner[key] for key in _OWNER}}
                    | _named("origin", origin, NAMES.get(origin, (origin, origin))[:2])
                    | _named("way", way, WAYS[way])
                    | {
                        "is_renewable": NAMES[origin][2] if origin in NAMES else None,
                        "quantity_kwh": amount,
                        "share_ratio": _ratio(amount, whole),
                        "estimated_ratio": doubts.get(name, (None, None))[0],
                        "missing_ratio": doubts.get(name, (None, None))[1],
                    }
                )
    return found


def source(carrier: str, role: str) -> Source:
    """Return the origin and the way of what comes to a member under a carrier and a role."""
    origin = "unspecified" if carrier in ("electricity", "electricity_grid") else carrier.removeprefix("electricity_")
    if role != "purchase":
        return Source(origin, "own", "own")
    way = "grid" if origin == "unspecified" else "contract"
    return Source(origin, way, way)


def _named(column: str, code: str, names: tuple[str, ...]) -> Row:
    return {column: code, f"{column}_name_zh": names[0], f"{column}_name_en": names[1]}


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return the share, where it can be said: of nothing, or where more was sold than there was, it cannot."""
    if whole <= 0 or abs(part) > 100 * whole:
        return None
    return (part / whole).quantize(Decimal("0.000001"))
