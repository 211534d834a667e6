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
