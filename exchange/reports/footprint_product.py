"""One product of a footprint report: its row of the marts, what the site says of it, how its numbers are printed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from exchange.reports.document import Column, Draft, Number
from exchange.reports.figures import Figures, Row
from exchange.reports.units import shown
from lake.errors import LakeError

#: Of kilograms of CO2e per declared unit: small parts of a footprint must not print as nothing.
_PLACES = 4
#: Of amounts and factors, which are of any size.
_DIGITS = 6


@dataclass(frozen=True)
class Product:
    """A product in the period of the report. `row` is of footprint.products, `described` of the site's products.csv."""

    figures: Figures
    row: Row
    described: Row

    @property
    def producer(self) -> Figures:
        """Return the figures of the organisation that makes it, which is a member where the report is a park's."""
        organization = str(self.row["organization_id"])
        is_own = organization == self.figures.organization_id
        return self.figures if is_own else replace(self.figures, organization_id=organization)

    @property
    def name(self) -> str:
        """Return its name in the language of the report."""
        return self.figures.name(self.row, "product_name")

    @property
    def declared(self) -> str:
        """Return the declared unit with its amount, such as 1 t."""
        amount = Number(Decimal(str(self.row["declared_amount"] or 1))).text
        return f"{amount} {self.said(self.row['declared_unit'])}"

    @property
    def unit(self) -> str:
        """Return the unit of its footprint, such as kgCO₂e/t."""
        amount = Decimal(str(self.row["declared_amount"] or 1))
        return f"kgCO₂e/{self.said(self.row['declared_unit']) if amount == 1 else f'({self.declared})'}"

    @property
    def is_whole_life(self) -> bool:
        """Return whether use and end of life are inside the boundary."""
        return bool(self.row["boundary"] == "cradle_to_grave")

    def rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        """Return the rows of a query of the marts; it may name $product and $period."""
        known = {"product": self.row["product_id"], "period": self.row["period"]}
        return self.figures.rows(query, **known | values)

    def said(self, unit: str | None) -> str:
        """Return a unit as it is printed: things that are counted are pieces."""
        words = ("件", "piece")[self.figures.language == "en"]
        return "/".join(words if part == "count" else shown(part) for part in (unit or "").split("/"))

    def text(self, stem: str) -> str | None:
        """Return a text of products.csv in the language of the report, else in the other one."""
        return self.figures.name(self.described, stem) or None


def of_period(figures: Figures) -> list[Product]:
    """Return the product that was asked for, or all that the owner sells; raises LakeError where there is none."""
    if not figures.has("footprint.products"):
        raise LakeError("no footprint is published: products.csv of the site says which products have one")
    query = f"""
        select * from footprint.products
        where period = $period and organization_id in ({_BELOW})
            and (product_id = $product or $product is null and is_sold)
        order by organization_id, product_id
    """
    found = figures.rows(query, period=figures.period.text, product=figures.product_id)
    if not found:
        raise LakeError(_nothing(figures))
    told = {row["product_id"]: row for row in figures.thing("products")}
    return [Product(figures, row, told.get(row["product_id"], {})) for row in found]


def owner_of(figures: Figures) -> str | None:
    """Return the organisation whose product was asked for; None where it has no footprint."""
    if figures.product_id is None or not figures.has("footprint.products"):
        return None
    query = "select distinct organization_id from footprint.products where product_id = $product order by 1"
    found = [str(row["organization_id"]) for row in figures.rows(query, product=figures.product_id)]
    return found[0] if len(found) == 1 else None


def kilograms(value: object) -> Number | None:
    """Return kilograms of CO2e as they are printed."""
    return None if value is None else Number(Decimal(str(value)), _PLACES)


def significant(value: Decimal | None) -> Number | None:
    """Return an amount or a factor with six digits that count, whatever its size."""
    if value is None:
        return None
    size = value.adjusted() if value else 0
    return Number(value, max(_DIGITS - 1 - size, 0))


def heads(draft: Draft, titles: Sequence[tuple[str, str]]) -> list[Column]:
    """Return columns of text."""
    return [Column(draft.say(*title)) for title in titles]


def numbers(draft: Draft, titles: Sequence[tuple[str, str]], unit: str) -> list[Column]:
    """Return columns of numbers of one unit."""
    return [Column(draft.say(*title), unit, is_number=True) for title in titles]


def _nothing(figures: Figures) -> str:
    query = f"""
        select distinct product_id, period from footprint.products
        where organization_id in ({_BELOW}) and period_kind = 'year' and is_sold order by period desc, product_id
    """
    found = figures.rows(query)
    subject = figures.product_id or figures.organization_id
    if not found:
        return f"{figures.organization_id} has no product with a footprint (products.csv)"
    known = ", ".join(sorted({str(row["product_id"]) for row in found}))
    newest = found[0]["period"]
    return f"no footprint of {subject} is published for {figures.period.text}: there are {known}; newest year {newest}"


_BELOW = (
    "select organization_id from reference.organizations "
    "where organization_id = $organization or parent_id = $organization"
)
