"""Records of invented products: one by hand, and any number by hypothesis."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from jsonschema import FormatChecker

from exchange.footprints.identities import TERMS
from exchange.footprints.record import (
    Company,
    Contribution,
    FactorSource,
    Figures,
    Footprint,
    Method,
    Product,
    Quality,
    Rule,
    Scope,
    Text,
    Verification,
)
from exchange.footprints.units import PACT, mass_kg

BEGIN, END = datetime(2024, 12, 31, 16, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC)

#: 1 t of cement: 611.3 + 2.1 fossil and land use, 0.6 of it removed again by nobody.
CEMENT = Footprint(
    record_id="0b7c9f0e-58a3-4d5e-9a55-3a1f0d4a7c11",
    version=1,
    created_at=datetime(2026, 1, 9, 1, 30, tzinfo=UTC),
    company=Company("cement", Text("示范水泥", "Reference Cement"), ("urn:example:company:cement",)),
    product=Product(
        product_id="po425",
        name=Text("普通硅酸盐水泥", "Portland cement"),
        description=Text("散装", "in bulk"),
        ids=("urn:example:product:po425",),
        classifications=("urn:pact:productclassification:un-cpc:37440",),
        unit="t",
        amount=Decimal(1),
        mass_kg=Decimal(1000),
    ),
    scope=Scope(BEGIN, END, boundary_text=Text("从摇篮到大门", "cradle to gate"), subdivision="CN-JS"),
    figures=Figures(
        footprint=Decimal("613.400000"),
        including_uptake=Decimal("611.150000"),
        fossil=Decimal("611.300000"),
        land_use_change=Decimal("2.100000"),
        biogenic_uptake=Decimal("-2.250000"),
        packaging=Decimal("1.250000"),
        aircraft=Decimal("0.000000"),
        fossil_carbon_kgc=Decimal(0),
        biogenic_carbon_kgc=Decimal("0.5"),
    ),
    quality=Quality(
        exempted_ratio=Decimal("0.0125"),
        primary_data_share_ratio=Decimal("0.824"),
        technology=Decimal("1.6"),
        time=Decimal("1.2"),
        geography=Decimal("2.0"),
        completeness=Decimal("1.5"),
        reliability=Decimal("2.2"),
    ),
    method=Method(
        gwp_sets=("AR5",),
        standards=("ISO14067",),
        allocation_text=Text("按质量", "by mass"),
        exempted_text=Text("办公用品", "office supplies"),
        sources=(FactorSource("UK GHG factors", "2020"),),
        rules=(Rule("EPD China", ("PCR cement",)),),
        is_packaging_included=True,
    ),
    contributions=(
        Contribution(
            "k/coal", Text("煤", "coal"), "production", "kiln", None, "CO2", "fossil", Decimal("611.300000"), True
        ),
        Contribution(
            "k/jute", Text("麻袋", "jute"), "packaging", "bagging", "bag_maker", "all", "land_use_change",
            Decimal("2.100000"), False,
        ),
    ),
)  # fmt: skip


def signed(low: int, high: int) -> st.SearchStrategy[Decimal]:
    """Return decimals of six places."""
    return st.integers(low * 10**6, high * 10**6).map(lambda number: Decimal(number).scaleb(-6))


_PLUS, _MINUS = signed(0, 10**6), signed(-(10**6), 0)
_TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=30).filter(
    str.strip
)
_BOTH = st.builds(Text, _TEXT, _TEXT)
_URN = st.from_regex(r"urn:example:[a-z0-9]{1,12}", fullmatch=True)
_URNS = st.lists(_URN, min_size=1, max_size=3, unique=True).map(tuple)
_RATING = st.integers(100, 500).map(lambda number: Decimal(number) / 100)
_RATIO = st.integers(0, 10**6).map(lambda number: Decimal(number).scaleb(-6))
_INSTANT = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@st.composite
def figures(draw: st.DrawFn) -> Figures:
    """Draw figures whose sums hold."""
    parts = {name: draw(_MINUS if name in {"land_management_removals", "technological_removals", "capture"} else _PLUS)
             if name == "fossil" or draw(st.booleans()) else None for name in TERMS}  # fmt: skip
    total = sum((value for value in parts.values() if value is not None), Decimal(0))
    uptake = draw(st.none() | _MINUS)
    others = ("land_leakage", "aircraft", "packaging", "outbound_logistics", "biogenic_carbon_kgc", "land_area_m2")
    fossil = parts["fossil"] or Decimal(0)
    return Figures(
        footprint=total,
        including_uptake=total + (uptake or Decimal(0)),
        biogenic_uptake=uptake,
        fossil_carbon_kgc=draw(_PLUS),
        land_management_fossil=draw(st.none() | st.just(fossil)),
        **{name: draw(st.none() | _PLUS) for name in others},
        **parts,
    )


@st.composite
def footprints(draw: st.DrawFn) -> Footprint:
    """Draw records of our own."""
    unit, amount = draw(st.sampled_from(sorted(PACT))), draw(signed(1, 1000))
    weighed = mass_kg(unit, amount)
    end = draw(_INSTANT)
    valid = draw(st.none() | st.integers(1, 1000).map(lambda days: end + timedelta(days=days)))
    place = draw(st.sampled_from([{}, {"region": "Eastern Asia"}, {"country": "CN"}, {"subdivision": "CN-JS"}]))
    uuids = draw(st.lists(st.uuids(version=4).map(str), min_size=1, max_size=4, unique=True))
    found = draw(figures())
    return replace(
        CEMENT,
        record_id=uuids[0],
        preceding=tuple(uuids[1:]),
        version=len(uuids),
        created_at=draw(_INSTANT),
        status=draw(st.sampled_from(["Active", "Deprecated"])),
        company=Company("works", draw(_BOTH), draw(_URNS)),
        product=Product(
            "thing", draw(_BOTH), draw(_BOTH), draw(_URNS), draw(_URNS), unit, amount,
            draw(_PLUS) if weighed is None else weighed,
        ),
        scope=Scope(end - timedelta(days=draw(st.integers(1, 800))), end, boundary_text=draw(_BOTH), **place),
        valid_from=end if valid else None,
        valid_to=valid,
        figures=found,
        quality=Quality(draw(_RATIO), draw(st.none() | _RATIO), *(draw(_RATING) for _ in range(5))),
        method=Method(
            gwp_sets=tuple(draw(st.sets(st.sampled_from(["AR5", "AR6"]), min_size=1))),
            standards=("ISO14067",),
            allocation_text=draw(_BOTH),
            sources=draw(st.lists(st.builds(FactorSource, _TEXT, _TEXT), max_size=2, unique=True).map(tuple)),
            rules=draw(st.lists(st.builds(Rule, _TEXT, st.tuples(_TEXT)), max_size=2, unique=True).map(tuple)),
            is_packaging_included=found.packaging is not None or draw(st.booleans()),
        ),
        comment=draw(_BOTH),
        verification=draw(st.none() | st.just(Verification("product level", "auditor", END, "ISO 14067", "limited"))),
        contributions=(),
    )  # fmt: skip


FORMATS = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
