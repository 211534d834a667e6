"""What a finished project saved: by the energy baseline that watches it, not by what was promised of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

#: Months without which a saving is not told of a year: one winter is none.
YEAR = 12
EVIDENCE = {
    "promised": ("承诺（未完成）", "promised, not done yet"),
    "no_baseline": ("承诺（已完成，未设基准）", "promised; done, but no baseline watches it"),
    "too_short": ("承诺（已完成，验证不足一年）", "promised; done, verified for less than a year"),
    "verified": ("已验证", "verified"),
    "not_proven": ("未证实（在不确定度之内）", "not proven: within the uncertainty"),
}


class Verified(NamedTuple):
    """What is known of a project's saving: the kind of evidence, and of a year what the baseline tells (tce)."""

    evidence: str
    saving: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    months: int = 0


def verified(status: str, baseline: Mapping[str, Any] | None) -> Verified:
    """Return what was verified; `baseline` is the row of energy.baselines that watches the project.

    Savings of more than a year are told of one; of less than a year they stay what they are, and nothing rests on them.
    """
    if status != "done":
        return Verified("promised")
    if baseline is None or baseline["saving_tce_calorific"] is None:
        return Verified("no_baseline")
    months = int(baseline["months_count"])
    share = Decimal(YEAR) / max(months, YEAR)
    names = ("saving_tce_calorific", "saving_low_tce_calorific", "saving_high_tce_calorific")
    saving, low, high = (baseline[name] * share for name in names)
    evidence = "too_short" if months < YEAR else "verified" if low > 0 else "not_proven"
    return Verified(evidence, saving, low, high, months)
