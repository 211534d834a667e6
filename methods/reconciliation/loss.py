"""What a loss is expected to be: a fixed part by the hour, a share of what enters, and limits of error.

Written in flows.csv as `25 kW + 1.2 % ± 20 %`, with words before a colon and after the shares as the site likes; of
those words `of the load` (负荷) say that the share is not of all that enters: what goes back to where energy begins, as
power that is sold to the grid, is no load. Without limits of error a loss is unknown: no uncertainty is made up for it.
"""

import re
from dataclasses import dataclass

_FIXED = re.compile(r"(\d+(?:\.\d+)?)\s*(kW|[A-Za-z][A-Za-z0-9_]*/h)\b")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_LIMITS = re.compile(r"±\s*(\d+(?:\.\d+)?)\s*%")
_OF_LOAD = re.compile(r"\bof (?:the )?load\b|负荷")


@dataclass(frozen=True)
class LossModel:
    """Expected loss = fixed_per_h x hours + share x passing, within ± limits of itself; `fixed_unit` is the amount's.

    What passes is what enters, less what goes back where `is_of_load`.
    """

    fixed_per_h: float
    fixed_unit: str | None
    share: float
    limits: float
    is_of_load: bool = False

    def amount(self, hours: float, passing: float) -> float:
        """Return the expected loss in the carrier's unit."""
        return self.fixed_per_h * hours + self.share * passing


def parse(text: str | None) -> LossModel | None:
    """Return the model that a text states; None where it states no amount or no limits of error."""
    stated = (text or "").rpartition(":")[2]
    limits, fixed = _LIMITS.search(stated), _FIXED.search(stated)
    share = _SHARE.search(_LIMITS.sub("", stated))
    if not limits or not (fixed or share):
        return None
    unit = "kWh" if fixed and fixed[2] == "kW" else fixed[2].removesuffix("/h") if fixed else None
    return LossModel(
        fixed_per_h=float(fixed[1]) if fixed else 0.0,
        fixed_unit=unit,
        share=float(share[1]) / 100 if share else 0.0,
        limits=float(limits[1]) / 100,
        is_of_load=_OF_LOAD.search(stated) is not None,
    )
