"""Which grade an indicator has: a level that is reached exactly counts, and no level is no grade."""

from collections.abc import Sequence
from decimal import Decimal

Level = Decimal | None
#: From the best to the worst; the last is worse than level 3, the limit.
GRADES = {
    "level_1": ("1级", "level 1"),
    "level_2": ("2级", "level 2"),
    "level_3": ("3级", "level 3"),
    "beyond_3": ("劣于3级", "worse than level 3"),
}
POSITIONS = {
    "at_benchmark": ("达到标杆", "at the benchmark level"),
    "between": ("标杆与基准之间", "between benchmark and baseline"),
    "below_baseline": ("未达基准", "short of the baseline level"),
}


def reaches(amount: Decimal, level: Decimal, output: Decimal, better: str) -> bool:
    """Return whether amount / output is as good as a level or better, compared without dividing.

    `output` is above zero; `better` is lower or higher. Negative levels are levels like others: recovered energy.
    """
    return amount <= level * output if better == "lower" else amount >= level * output


def grade(amount: Decimal, limits: Sequence[Level], output: Decimal, better: str) -> str | None:
    """Return the best grade whose limit is reached; None where not even level 3 is known.

    A level that the standard leaves out is passed over. Source: the levels 1 to 3 of GB/T 12723, 1 is best.
    """
    for name, limit in zip(GRADES, limits, strict=False):
        if limit is not None and reaches(amount, limit, output, better):
            return name
    return None if limits[2] is None else "beyond_3"


def position(amount: Decimal, levels: tuple[Level, Level], output: Decimal, better: str) -> str | None:
    """Return where an indicator stands between the benchmark and the baseline level; None without both."""
    benchmark, baseline = levels
    if benchmark is None or baseline is None:
        return None
    if reaches(amount, benchmark, output, better):
        return "at_benchmark"
    return "between" if reaches(amount, baseline, output, better) else "below_baseline"
