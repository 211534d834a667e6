"""The worked examples of worked/ as files of a site and rows of consumption: one organisation for each.

A worked example names where its number was printed: its source and the place in it (`at`). A source with a `url` was
opened there and the number seen; one without was read in a stored copy that names no page, and does not count. None
was made by this code. Every example is an organisation of its own, with its guideline, its rows and its values; the
product's models reckon it, and the sum of `column` over the rows of `where` in `mart` (x `times`) must be the printed
number, at the printed digits (at most the mart's six).

energy      carrier, quantity, unit, role, use_type, energy_gj, tce_calorific    month       of the energy, 2025-03 else
activity, production, finance    item, quantity, unit, purpose, condition         gwp_set     the guideline's potentials
measured    item, property, value                                                on          the day of a coefficient
grid        grid factors that the site imported: kind, region, year, value       given       why no tce of the library
certificates    quantity, unit, origin, retired_on
"""

from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.dbt_sandbox import Row

FOLDER = Path(__file__).with_name("worked")
MONTH = date(2025, 3, 1)
EMISSIONS = "carbon.emissions_monthly"


@cache
def documents() -> list[dict[str, Any]]:
    """Return the files as they stand."""
    return [dict(YAML(typ="safe").load(file.read_text("utf-8"))) for file in sorted(FOLDER.glob("*.yaml"))]


def sources() -> dict[str, dict[str, Any]]:
    """Return every source by its name."""
    return {name: source for document in documents() for name, source in document.get("sources", {}).items()}


def every() -> list[dict[str, Any]]:
    """Return the examples in their order."""
    return [example for document in documents() for example in document.get("examples", [])]


def counted() -> int:
    """Return how many examples count: read at an address, the rows of one table once."""
    addressed = [example["source"] for example in every() if "url" in sources()[example["source"]]]
    return sum(1 if sources()[name].get("table") else many for name, many in Counter(addressed).items())


def organization(example: dict[str, Any]) -> str:
    """Return the id of the organisation that is the example."""
    return f"ex_{example['id']}"


def organizations() -> dict[str, tuple[str, str]]:
    """Return id -> (parent, guideline) of every example, below a head of their own."""
    own = {organization(example): ("examples", example.get("guideline", "")) for example in every()}
    return {"examples": ("site", "")} | own


def rows() -> list[Row]:
    """Return what the examples bought, made and sold."""
    return [
        Row(
            organization(example),
            month=example.get("month", MONTH),
            **{name: value for name, value in entry.items() if name != "given"},
        )
        for example in every()
        for entry in example.get("energy", [])
    ]


def factor_rules() -> str:
    """Return the lines of factor_rules.csv: the factor set an example is reckoned with."""
    lines = [
        f"fuel,{organization(example)},,{example['fuel_set']},,,,,as the example\n"
        for example in every()
        if "fuel_set" in example
    ]
    return "".join(lines)


def own_factors() -> str:
    """Return the lines of factors.csv: what an example measured, and the grid factor that it prints."""
    measured = "".join(
        f"{organization(example)}_{number},{organization(example)},{entry['item']},{entry['property']},{entry['value']},,,"
        "the example,verified,the example,,,,\n"
        for example in every()
        for number, entry in enumerate(example.get("measured", []))
    )
    return measured + "".join(
        f"{organization(example)}_grid_{number},,electricity_grid,kgco2_per_kwh,{grid['value']},,,the example,verified,"
        f"the example,{grid['factor_set']},{grid['region']},{grid['data_year']},{grid['published_on']}\n"
        for example in every()
        for number, grid in enumerate(example.get("grid", []))
    )


def certificates() -> str:
    """Return the lines of certificates.csv: what an example retired for its power."""
    return "".join(
        f"{organization(example)}_{number},{organization(example)},{example['month']:%Y-%m},{entry['quantity']},"
        f"{entry['unit']},{entry['origin']},,{entry['retired_on']}\n"
        for example in every()
        for number, entry in enumerate(example.get("certificates", []))
    )


def production() -> str:
    """Return the lines of production.csv."""
    return "".join(
        f"{organization(example)},{organization(example)}_root,{entry['item']},{MONTH:%Y-%m},{entry['quantity']},"
        f"{entry['unit']},{entry.get('condition', '')}\n"
        for example in every()
        for entry in example.get("production", [])
    )


def activity() -> str:
    """Return the lines of activity.csv."""
    return "".join(
        f"{organization(example)},{organization(example)}_root,{entry['item']},{MONTH:%Y-%m},{entry['quantity']},"
        f"{entry['unit']},{entry.get('purpose', '')}\n"
        for example in every()
        for entry in example.get("activity", [])
    )


def finance() -> str:
    """Return the lines of finance.csv."""
    return "".join(
        f"{organization(example)},,{entry['item']},{MONTH:%Y-%m},{entry['quantity']},{entry['unit']}\n"
        for example in every()
        for entry in example.get("finance", [])
    )


def result(example: dict[str, Any], records: list[dict[str, Any]]) -> Decimal | None:
    """Return what the product says in rows of its mart, at the printed digits; None where one has no number."""
    column = example.get("column", "emissions_tco2e")
    wanted = dict(example["where"])
    if records and "organization_id" in records[0]:
        wanted["organization_id"] = organization(example)
    chosen = [row for row in records if all(row[name] == value for name, value in wanted.items())]
    if day := example.get("on"):
        chosen = [row for row in chosen if row["valid_from"] <= day < row["valid_to"]]
    values = [row[column] for row in chosen]
    if not values or None in values:
        return None
    total: Decimal = sum(values, Decimal(0)) * Decimal(example.get("times", "1"))
    return total.quantize(Decimal(example["printed"]))
