"""One subject in one year: what the site says of it, the plan that holds, and what they allot for given amounts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from methods.quota import rules
from methods.quota.library import Library, Plan
from methods.quota.rules import ONE, ZERO, MissingError, Quota, Unit

Terms = Mapping[str, object]


@dataclass(frozen=True)
class Amounts:
    """What was made and emitted in a month or year: output in its unit, heat in GJ, tonnes of CO2 equivalent."""

    output: Decimal
    heat_gj: Decimal
    emissions_t: Decimal

    @property
    def values(self) -> tuple[Decimal, Decimal, Decimal]:
        """The three in their order."""
        return self.output, self.heat_gj, self.emissions_t


@dataclass(frozen=True)
class Case:
    """The terms of a row of quota_rules.csv with the plan of a year; None where the rule is the site's own."""

    terms: Terms
    plan: Plan | None

    @property
    def rule(self) -> str:
        """The code of the rule: power, industry, verified or own."""
        if self.terms["rule"] != "published":
            return str(self.terms["rule"])
        if self.terms["sector"] == "power":
            return "power"
        return "verified" if self.plan is not None and self.plan.value("equals_emissions") else "industry"

    @property
    def is_exempt(self) -> bool:
        """Whether what it lacks is made up whole: a gas unit while the plan says so."""
        is_capped = self.plan is not None and self.plan.value("gap_cap") is not None
        return self.rule == "power" and is_capped and self.terms["unit_class"] == rules.GAS

    @property
    def fixed_t(self) -> Decimal:
        """The fixed amount of an own rule."""
        return self._told("fixed_t") or ZERO if self.rule == "own" else ZERO

    def quota(self, amounts: Amounts) -> Quota:
        """Return the quota of a year's amounts; raises MissingError where a number is missing."""
        if self.rule == "own":
            told = (self._told(name) for name in ("benchmark", "benchmark_factor", "fixed_t"))
            return rules.own(amounts.output, *told)
        if self.rule == "verified":
            return rules.verified(amounts.emissions_t)
        if self.plan is None:
            raise MissingError("no_plan")
        if self.rule == "power":
            return rules.power(self.plan, self._unit, *amounts.values)
        return rules.industry(self.plan, amounts.emissions_t, amounts.output, self._told("benchmark"))

    def margin(self) -> tuple[float, float, float]:
        """Return what a unit of output, of heat and of emissions adds to what is allotted less what is emitted."""
        each, heat = self._told("benchmark") or ZERO, ZERO
        if self.rule == "own":
            each *= self._told("benchmark_factor") or ONE
        elif self.rule == "power" and self.plan is not None:
            values = {key: value for key, value in self.plan.values.items() if key[0] != "gap_cap"}
            try:
                found = rules.power(replace(self.plan, values=values), self._unit, ONE, ONE, ZERO)
            except MissingError:
                return 0.0, 0.0, 0.0
            heat = found.terms["heat_benchmark_tco2_per_gj"]
            each = found.rule_t - heat
        return float(each), float(heat), -1.0

    @property
    def _unit(self) -> Unit:
        words = (None if self.terms[name] is None else str(self.terms[name]) for name in ("cooling", "turbine"))
        cooling, turbine = words
        return Unit(str(self.terms["unit_class"]), cooling, turbine, self._told("load_ratio"), self._told("heat_ratio"))

    def _told(self, name: str) -> Decimal | None:
        value = self.terms[name]
        assert value is None or isinstance(value, Decimal), "the site's file is typed"
        return value


def case(terms: Terms, library: Library, year: int) -> Case:
    """Return the case of a subject in a year."""
    if terms["rule"] != "published" or terms["sector"] == "other":
        return Case(terms, None)
    return Case(terms, library.plan("power" if terms["sector"] == "power" else "industry", year))
