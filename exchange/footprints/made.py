"""A record from what is published: the mart's row of a product, its contributions, and the texts of the site."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from exchange.footprints import regions
from exchange.footprints.record import (
    Company,
    Contribution,
    FactorSource,
    Figures,
    Footprint,
    Method,
    Product,
    Quality,
    Scope,
    Text,
)
from lake.periods import day_start

Row = Mapping[str, Any]
#: Our figure and the mart's column.
FIGURES = {
    "footprint": "footprint_kgco2e",
    "including_uptake": "footprint_including_uptake_kgco2e",
    "fossil": "fossil_kgco2e",
    "land_use_change": "land_use_change_kgco2e",
    "land_management": "land_management_kgco2e",
    "land_management_removals": "land_management_removals_kgco2e",
    "biogenic_non_co2": "biogenic_non_co2_kgco2e",
    "biogenic_uptake": "biogenic_uptake_kgco2e",
    "technological_removals": "technological_removals_kgco2e",
    "capture": "capture_kgco2e",
    "aircraft": "aircraft_kgco2e",
    "outbound_logistics": "outbound_logistics_kgco2e",
}
_CARBON = {
    "fossil_carbon_kgc": "fossil_carbon_content_kgc",
    "biogenic_carbon_kgc": "biogenic_carbon_content_kgc",
    "recycled_carbon_kgc": "recycled_carbon_content_kgc",
}
_RATINGS = ("technology", "time", "geography", "completeness", "reliability")
#: The site's set of global warming potentials as PACT names the report that it is from.
_REPORTS = {"AR5_ccf": "AR5"}
_SHARE = Decimal("0.000001")


@dataclass(frozen=True)
class Published:
    """What is published about one product and period: rows of the marts of `footprint`."""

    product: Row
    contributions: Sequence[Row]
    allocations: Sequence[Row]
    cut_offs: Sequence[Row]


@dataclass(frozen=True)
class Place:
    """What the site says: the rows of organizations.csv and products.csv, the zone and the area of its grid."""

    organization: Row
    product: Row
    timezone: str
    grid_region: str | None


@dataclass(frozen=True)
class Issue:
    """Under which id and version it is told, when, after which others, until when, with which words."""

    record_id: str
    version: int
    at: datetime
    preceding: tuple[str, ...]
    comment: str
    valid_to: datetime | None = None


def footprint(told: Published, place: Place, issue: Issue) -> Footprint:
    """Return the record; raises FootprintError where what must hold of it does not."""
    row = told.product
    zone = ZoneInfo(place.timezone)
    begin = day_start(row["period_start_on"], zone)
    end = day_start(row["period_end_on"] + timedelta(days=1), zone)
    return Footprint(
        record_id=issue.record_id,
        version=issue.version,
        created_at=issue.at,
        company=_company(place.organization),
        product=_product(row, place),
        scope=Scope(begin, end, row["boundary"], _boundary(told), **_where(place.grid_region)),
        figures=_figures(told, place.product),
        quality=_quality(told),
        method=_method(told),
        preceding=issue.preceding,
        valid_from=end if issue.valid_to else None,
        valid_to=issue.valid_to,
        comment=Text(issue.comment, issue.comment),
        contributions=tuple(_contribution(one) for one in told.contributions if one["contribution_kgco2e"]),
    )


def _company(row: Row) -> Company:
    code = row.get("credit_code") or row["organization_id"]
    urn = f"urn:pathfinder:company:customcode:vendor-assigned:{quote(code, safe='')}"
    return Company(row["organization_id"], Text(row["name_zh"], row.get("name_en") or ""), (urn,))


def _product(row: Row, place: Place) -> Product:
    texts = place.product
    name = Text(row["product_name_zh"], row["product_name_en"] or "")
    urns = [urn.strip() for urn in (texts.get("product_identifier") or "").split(";") if urn.strip()]
    own = f"urn:pathfinder:product:customcode:vendor-assigned:{quote(row['product_id'], safe='')}"
    described = Text(texts.get("description_zh") or "", texts.get("description_en") or "")
    classes = (("un-cpc", texts.get("cpc_code")), ("cn-code", texts.get("cn_code")))
    return Product(
        product_id=row["product_id"],
        name=name,
        description=described if described.zh else name,
        ids=tuple(urns) or (own,),
        classifications=tuple(f"urn:pact:productclassification:{kind}:{code}" for kind, code in classes if code),
        unit=row["declared_unit"],
        amount=row["declared_amount"],
        mass_kg=row["mass_per_declared_unit_kg"] or Decimal(0),
    )


def _where(grid_region: str | None) -> dict[str, str]:
    """Return the province, else the country whose areas the grid factors have; nothing where no area is told."""
    province = regions.subdivision(grid_region)
    if province:
        return {"subdivision": province}
    return {"country": "CN"} if grid_region else {}


def _figures(told: Published, texts: Row) -> Figures:
    row = told.product
    values = {own: row[name] for own, name in FIGURES.items()}
    values |= {own: texts.get(name) for own, name in _CARBON.items()}
    return Figures(packaging=row["packaging_kgco2e"] if _has_packaging(told) else None, **values)


def _has_packaging(told: Published) -> bool:
    return any(one["is_packaging"] for one in told.contributions)


def _quality(told: Published) -> Quality:
    row = told.product
    return Quality(
        exempted_ratio=row["exempted_ratio"],
        primary_data_share_ratio=row["primary_data_share_ratio"],
        coverage_ratio=_coverage(told.contributions),
        **{name: row[f"dqr_{name}"] for name in _RATINGS},
    )


def _coverage(contributions: Iterable[Row]) -> Decimal | None:
    """Return the share of the contributions, by size, that was rated."""
    rated = whole = Decimal(0)
    for one in contributions:
        size = abs(one["contribution_kgco2e"] or Decimal(0))
        whole += size
        rated += size if one["dqr_technology"] is not None else 0
    return (rated / whole).quantize(_SHARE) if whole else None


def _method(told: Published) -> Method:
    row = told.product
    sources = {
        (one["source"], one["source_version"] or "-")
        for one in told.contributions
        if one["source"] and not one["is_primary"] and one["contribution_kgco2e"]
    }
    return Method(
        gwp_sets=(_REPORTS.get(str(row["gwp_set"]), str(row["gwp_set"])),),
        standards=("ISO14067",),
        allocation_text=_joined(told.allocations, "method_name_{}", "reason_{}"),
        exempted_text=_joined(told.cut_offs, "item_name_{}", "reason_{}"),
        sources=tuple(FactorSource(*one) for one in sorted(sources)),
        uncertainty_text=_interval(row),
        is_packaging_included=_has_packaging(told),
    )


def _interval(row: Row) -> Text:
    low, high = row["p5"], row["p95"]
    if low is None or high is None:
        return Text("", "")
    unit = f"kgCO2e/{row['declared_amount'].normalize():f} {row['declared_unit']}"
    return Text(
        f"蒙特卡洛模拟：90 % 区间 {low:f} 至 {high:f} {unit}", f"Monte Carlo: 90 % between {low:f} and {high:f} {unit}"
    )


def _boundary(told: Published) -> Text:
    """Return the stages with their processes, and the boundary before them."""
    row = told.product
    found: dict[tuple[str, str], dict[tuple[str, str], None]] = {}
    for one in told.contributions:
        if one["contribution_kgco2e"]:
            stage = one["stage_name_zh"], one["stage_name_en"]
            found.setdefault(stage, {})[one["process_name_zh"], one["process_name_en"]] = None
    zh = "；".join(f"{stage[0]}：{'、'.join(name for name, _ in names)}" for stage, names in found.items())
    en = "; ".join(f"{stage[1]}: {', '.join(name for _, name in names)}" for stage, names in found.items())
    return Text(f"{row['boundary_name_zh']}。{zh}", f"{row['boundary_name_en']}. {en}")


def _joined(rows: Iterable[Row], name: str, reason: str) -> Text:
    def told(language: str) -> str:
        parts = {
            f"{row[name.format(language)]}{f' ({why})' if (why := row[reason.format(language)]) else ''}": None
            for row in rows
            if row[name.format(language)]
        }
        return "; ".join(parts)

    rows = list(rows)
    return Text(told("zh"), told("en"))


def _contribution(row: Row) -> Contribution:
    return Contribution(
        contributor=row["contributor"],
        name=Text(row["contributor_name_zh"], row["contributor_name_en"] or ""),
        stage=row["stage"],
        process_id=row["process_id"],
        supplier_id=row["supplier_id"],
        gas=row["gas"],
        kind_of_carbon=row["kind_of_carbon"],
        contribution=row["contribution_kgco2e"],
        is_primary=bool(row["is_primary"]),
    )
