"""What every drawing is made of: a chart in Superset's words, what it needs to know, a measured value and its unit."""

from dataclasses import dataclass, field
from typing import Any

from scripts.superset.facts import Facts
from scripts.superset.specification import Specification, SpecificationError, say

Parts = dict[str, Any]
#: What stands beside the unit of a number that rests on factors which nobody has checked against the document.
RECALLED = {"zh": "＊含待核因子", "en": "* rests on recalled factors"}


@dataclass
class Drawing:
    """A chart in Superset's words."""

    viz_type: str
    params: Parts
    columns: list[Any] = field(default_factory=list)
    metrics: list[Parts] = field(default_factory=list)
    orderby: list[Any] = field(default_factory=list)
    filters: list[Parts] = field(default_factory=list)
    row_limit: int = 10000
    where: list[str] = field(default_factory=list)
    having: str = ""


@dataclass(frozen=True)
class Context:
    """What every drawing needs to know besides its own chart."""

    specification: Specification
    facts: Facts
    language: str


def metric_of(value: Parts, context: Context) -> Parts:
    """Return one aggregate of one column, at most shown in another power of ten."""
    column, aggregate = say(value["column"], context.language), value.get("aggregate", "SUM")
    label = say(value["label"], context.language)
    divide = value["divide"][context.language] if "divide" in value else 1
    common = {"label": label, "hasCustomLabel": True, "optionName": f"metric_{column}_{aggregate.lower()}"}
    if divide == 1:
        return common | {"expressionType": "SIMPLE", "column": {"column_name": column}, "aggregate": aggregate}
    if str(divide).strip("0") != "1":
        raise SpecificationError(f"divide: {divide}; a screen may show another power of ten, nothing else")
    return common | {"expressionType": "SQL", "sqlExpression": f"{aggregate}({column}) / {divide}"}


def unit_of(value: Parts, chart: Parts, context: Context) -> str:
    """Say a value's unit, and beside it whether a part of what is published rests on recalled factors."""
    unit = say(value["unit"], context.language)
    told = context.specification.datasets[chart["dataset"]].get("confidence", {})
    place = next((place for suffix, place in told.items() if say(value["column"], "en").endswith(suffix)), None)
    return f"{unit} {RECALLED[context.language]}" if place in context.facts.recalled else unit
