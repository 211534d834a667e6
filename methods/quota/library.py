"""What the allocation plans print, by year: the parameters of a rule and the benchmarks of power units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

FINAL, DRAFT, CARRIED_ON = "final", "draft", "carried_on"
#: Categories of ets_allocation with the benchmarks, and whether their plan is final.
_BENCHMARKS = {"power_benchmark": FINAL, "power_benchmark_draft": DRAFT}
_NO_BENCHMARK = "balance_"


@dataclass(frozen=True)
class Plan:
    """The numbers of one rule that a year is reckoned with.

    values: by parameter, and by (parameter, class) where a class has its own; benchmarks: by item; status: final,
    draft, or carried_on where the year has no plan yet and that of `year` is taken.
    """

    year: int
    status: str
    values: Mapping[tuple[str, str | None], Decimal]
    benchmarks: Mapping[str, Decimal]
    confidence: str
    source: str

    def value(self, parameter: str, unit_class: str | None = None) -> Decimal | None:
        """Return a parameter of the class, else of every class; None where the plan has none."""
        return self.values.get((parameter, unit_class), self.values.get((parameter, None)))


@dataclass(frozen=True)
class Library:
    """The rows of ets_rules and the printed benchmarks."""

    rules: tuple[Mapping[str, object], ...]
    benchmarks: tuple[Mapping[str, object], ...]

    def plan(self, rule: str, year: int) -> Plan | None:
        """Return the plan of a year, else the latest before it carried on; None where there is none before."""
        years = {year_ for row in self.rules if row["rule"] == rule for year_ in _years(row, year)}
        known = [one for one in years if one <= year]
        if not known:
            return None
        taken = max(known)
        rows = [row for row in self.rules if row["rule"] == rule and taken in _years(row, year)]
        printed = [row for row in self.benchmarks if row["year"] == str(taken)] if rule == "power" else []
        states = {str(row["status"]) for row in rows} | {_BENCHMARKS[str(row["category"])] for row in printed}
        status = DRAFT if DRAFT in states else FINAL
        every = [*rows, *printed]
        return Plan(
            taken,
            status if taken == year else CARRIED_ON,
            {(str(row["parameter"]), _text(row["unit_class"])): _number(row["value"]) for row in rows},
            {str(row["item_key"]): _number(row["value"]) for row in printed},
            "recalled" if any(row["confidence"] == "recalled" for row in every) else "verified",
            str((printed or rows)[0]["locator"]),
        )


def library(rules: Iterable[Mapping[str, object]], printed: Iterable[Mapping[str, object]]) -> Library:
    """Return the library of the rows of ref.ets_rules and ref.ets_allocation."""
    benchmarks = [
        row for row in printed if row["category"] in _BENCHMARKS and not str(row["item_key"]).startswith(_NO_BENCHMARK)
    ]
    return Library(tuple(rules), tuple(benchmarks))


def _years(row: Mapping[str, object], until: int) -> range:
    first, last = row["year_from"], row["year_to"]
    assert isinstance(first, int), "the table is typed"
    return range(first, (last if isinstance(last, int) else until) + 1)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
