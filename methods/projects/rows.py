"""Rows of carbon.projects: each project seen by its own organisation and by those above it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lake.errors import NengtanError
from lake.units import conversion
from methods.projects import beside, curve, effects, quota, worth
from methods.projects.beside import six
from methods.projects.effects import ACCOUNTS, Change, Effect, Rate
from methods.projects.quota import Allotted
from methods.projects.tables import KINDS, REASONS, STATUSES
from methods.projects.verified import EVIDENCE, Verified, verified

Row = dict[str, Any]
_LANGUAGES = ("zh", "en")
#: Savings that count: what was verified, and what was promised where nothing could be verified yet.
_COUNTS = ("promised", "no_baseline", "too_short", "verified")


@dataclass(frozen=True)
class Site:
    """What the projects are seen beside.

    rates: of effects.rates; units: of carriers; baselines, subjects, budgets, outputs: rows of the marts by
    baseline, subject, (organisation, measure) and (organisation, product); quotas,
    above: by organisation those
    that have its projects on their curve, itself among them; names: of organisations and of energy units.
    """

    rates: Mapping[tuple[str | None, str, str], Rate]
    units: Mapping[str, str]
    baselines: Mapping[str, Row]
    subjects: Mapping[str, Row]
    budgets: Mapping[tuple[str, str], Decimal]
    outputs: Mapping[tuple[str, str], Row]
    quotas: Mapping[str, Allotted]
    above: Mapping[str, Sequence[str]]
    organizations: Mapping[str, Row]
    energy_units: Mapping[str, Row]


@dataclass(frozen=True)
class Project:
    """A project of the site's file with its promised change of a year, and what was verified of it."""

    told: Row
    promised: Change
    found: Verified
    counted: Change | None

    @property
    def avoided(self) -> Decimal | None:
        """Return the tonnes of the statutory account that are avoided in a year and count, as they are published."""
        return six(_avoided(self.counted, "statutory"))

    def value(self) -> Decimal | None:
        """Return the net present value in CNY."""
        net = self.net()
        told = self.told
        if net is None:
            return None
        return worth.present_value(told["investment_cny"], net, told["discount_ratio"], told["lifetime_years"])

    def net(self) -> Decimal | None:
        """Return what it saves in a year less what it costs beside energy, in CNY."""
        if self.counted is None or self.counted.cny is None:
            return None
        other: Decimal = self.told["other_cost_cny"]
        return -self.counted.cny - other

    def cost(self, account: str) -> Decimal | None:
        """Return the cost of a tonne avoided by one account, in CNY."""
        value, avoided = self.value(), _avoided(self.counted, account)
        if value is None or avoided is None:
            return None
        return worth.abatement_cost(value, avoided, self.told["discount_ratio"], self.told["lifetime_years"])


def projects(rows: Iterable[Row], told: Iterable[Row], site: Site) -> tuple[list[Project], list[str]]:
    """Return the projects, and a sentence for each effect that cannot be converted (its project is left out, too)."""
    found, refused = [], []
    by_project: dict[str, list[Row]] = {}
    for row in told:
        by_project.setdefault(row["project_id"], []).append(row)
    for row in rows:
        try:
            promised = [_effect(one, site.units) for one in by_project.get(row["project_id"], [])]
        except NengtanError as cause:
            refused.append(f"project {row['project_id']}: {cause}")
            continue
        change = effects.change(promised, effects.of_organization(site.rates, row["organization_id"]))
        seen = verified(row["status"], site.baselines.get(row["baseline_id"] or ""))
        found.append(Project(row, change, seen, _counted(change, seen) if promised else None))
    return found, refused


def _effect(row: Row, units: Mapping[str, str]) -> Effect:
    quantity, price = row["quantity"], row["price_cny"]
    if row["effect"] == "output":
        return Effect("output", str(row["product_id"]), quantity)
    factor = conversion(row["unit"], units.get(row["carrier"], row["unit"]))
    ratio = Decimal(factor.numerator) / Decimal(factor.denominator)
    return Effect(row["effect"], row["carrier"], quantity * ratio, None if price is None else price / ratio)


def _counted(change: Change, seen: Verified) -> Change | None:
    """Return the change that counts: as far as it was verified, where it was; none where that failed."""
    if seen.evidence not in _COUNTS:
        return None
    ratio = _ratio(change, seen)
    return change.scaled(ratio) if seen.evidence == "verified" and ratio is not None else change


def _ratio(change: Change, seen: Verified) -> Decimal | None:
    """Return what was verified as a share of what was promised; None without a promised saving of energy."""
    if seen.saving is None or change.tce_calorific is None or change.tce_calorific >= 0:
        return None
    return seen.saving / -change.tce_calorific


def rows(found: Sequence[Project], site: Site) -> Iterator[Row]:
    """Yield the rows of the mart, each organisation's curve by itself."""
    for organization in site.organizations:
        mine = [one for one in found if organization in site.above[one.told["organization_id"]]]
        steps = curve.steps((one.told["project_id"], one.cost("statutory"), one.avoided) for one in mine)
        for one in mine:
            yield _row(one, organization, steps.get(one.told["project_id"]), site)


def _row(one: Project, organization: str, step: curve.Step | None, site: Site) -> Row:
    told, seen, counted = one.told, one.found, one.counted
    reason, unknown = _reason(one)
    allotted = site.quotas.get(told["organization_id"])
    net, value, unit = one.net(), one.value(), site.energy_units.get(told["energy_unit_id"], {})
    return {
        **_organization("organization", organization, site),
        "organization_level": site.organizations[organization]["level"],
        **_organization("member", told["organization_id"], site),
        "project_id": told["project_id"],
        "project_name_zh": told["name_zh"],
        "project_name_en": told["name_en"] or told["name_zh"],
        "energy_unit_id": told["energy_unit_id"],
        **{f"energy_unit_name_{language}": unit.get(language) for language in _LANGUAGES},
        **_named("kind", told["kind"], KINDS),
        **_named("status", told["status"], STATUSES),
        "starts_on": told["starts_on"],
        "lifetime_years": told["lifetime_years"],
        "discount_ratio": told["discount_ratio"],
        "investment_cny": told["investment_cny"],
        **_named("evidence", seen.evidence, EVIDENCE),
        "promised_saving_tce_calorific": _less(one.promised.tce_calorific),
        "promised_saving_tce_equivalent": _less(one.promised.tce_equivalent),
        "verified_saving_tce_calorific": six(seen.saving),
        "verified_low_tce_calorific": six(seen.low),
        "verified_high_tce_calorific": six(seen.high),
        "verified_months_count": seen.months or None,
        "verified_ratio": six(_ratio(one.promised, seen)) if seen.months >= 12 else None,
        "saving_tce_calorific": _less(counted.tce_calorific) if counted else None,
        "saving_tce_equivalent": _less(counted.tce_equivalent) if counted else None,
        "saving_kwh": _less(counted.kwh) if counted else None,
        "promised_avoided_tco2e": _less(one.promised.tco2e["statutory"]),
        **{_tonnes("avoided", account): six(_avoided(counted, account)) for account in ACCOUNTS},
        "saving_cny": _less(counted.cny) if counted else None,
        "other_cost_cny": told["other_cost_cny"],
        "net_saving_cny": six(net),
        "npv_cny": six(value),
        "payback_years": six(worth.payback(told["investment_cny"], net)) if net is not None else None,
        **{_cost(account): six(one.cost(account)) for account in ACCOUNTS},
        "is_earning": None if value is None else value > 0,
        "curve_order": step.order if step else None,
        **{f"curve_name_{language}": _place(one, step, language) for language in _LANGUAGES},
        "cumulative_before_tco2e": six(step.before) if step else None,
        "cumulative_tco2e": six(step.cumulative) if step else None,
        **beside.energy(told, counted, site.subjects.get(told["subject_id"] or "")),
        **beside.emissions(told, counted, site.outputs),
        **beside.budgets(counted, site.budgets, told["organization_id"]),
        "quota_surplus_tco2": six(allotted.surplus_t) if allotted else None,
        "quota_change_tco2": six(quota.surplus_change(counted, allotted)),
        "source": told["source"],
        **_named("null_reason", reason, REASONS),
        "unknown_carriers": unknown,
    }


def _reason(one: Project) -> tuple[str | None, str | None]:
    """Return why something of a project is not known, and the carriers that it is about."""
    carriers = ";".join(dict.fromkeys(carrier for _, carrier in one.promised.unknown)) or None
    if one.counted is None:
        return ("no_effects" if one.found.evidence in _COUNTS else "not_proven"), carriers
    if one.promised.unknown:
        return one.promised.unknown[0][0], carriers
    return ("adds" if one.avoided is not None and one.avoided <= 0 else None), carriers


def _place(one: Project, step: curve.Step | None, language: str) -> str | None:
    """Return the name that a chart orders by."""
    return f"{step.order:02d} {one.told[f'name_{language}'] or one.told['name_zh']}" if step else None


def _avoided(change: Change | None, account: str) -> Decimal | None:
    tonnes = change.tco2e[account] if change else None
    return None if tonnes is None else -tonnes


def _tonnes(what: str, account: str) -> str:
    """Return the column of an account's tonnes; the statutory account is the one that is declared."""
    return f"{what}_tco2e" if account == "statutory" else f"{what}_{account}_tco2e"


def _cost(account: str) -> str:
    return "abatement_cost_cny_per_tco2e" if account == "statutory" else f"abatement_cost_{account}_cny_per_tco2e"


def _organization(word: str, organization: str, site: Site) -> Row:
    told = site.organizations[organization]
    names = {f"{word}_name_{language}": told[f"organization_name_{language}"] for language in _LANGUAGES}
    return {f"{word}_id": organization, **names}


def _named(word: str, key: str | None, names: Mapping[str, tuple[str, str]]) -> Row:
    zh, en = names[key] if key else (None, None)
    return {word: key, f"{word}_name_zh": zh, f"{word}_name_en": en}


def _less(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else six(-amount)
