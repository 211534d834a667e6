"""What an accuracy class says of a meter's error, as a standard uncertainty."""

import math
import re

_CLASS = re.compile(r"\s*±?\s*(\d+(?:\.\d+)?)\s*(?:[SDsd]|%)?\s*")


def limit(accuracy_class: str | None) -> float | None:
    """Return the limits of error of a class as a ratio (0.5S -> 0.005); None where it names none."""
    found = _CLASS.fullmatch(accuracy_class or "")
    return float(found[1]) / 100 if found and float(found[1]) > 0 else None


def standard_uncertainty(limits: float) -> float:
    """Return the standard deviation of an error of which only the limits ±a are known: a/√3.

    An error anywhere within the limits is as likely as any other: rectangular distribution, JCGM 100:2008 (GUM), 4.3.7.
    """
    return limits / math.sqrt(3)


def of_display(step: float, kind: str, shown: float) -> float:
    """Return the standard deviation that the display leaves in an amount: a last digit is cut off, or rounded.

    `step` is one step of the display in the amount's unit, `shown` how often an interval point showed an amount. One
    reading is known to a step, rectangular, step/√12 (GUM, F.2.2.1); a register's amount is the difference of two.
    """
    times = {"register": 2.0, "interval": shown}.get(kind, 0.0)
    return step * math.sqrt(times / 12)
