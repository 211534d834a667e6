"""Which meter is likely broken: the one whose constant relative error explains a month of imbalances best.

A meter's error within its class is constant rather than new each day, so a month of days is judged together: the
imbalances of all days are r = F g + e, with one relative error g per meter (standard deviation u from its class), its
signature F = what that error would add to each balance on each day, and e as in the reconciliation of a day. The
generalised likelihood ratio of "this meter's error is beyond its class" is T = (fᵀ W⁻¹ r)² / (fᵀ W⁻¹ f) with
W = cov(r); days with different loads tell meters of one balance apart. Narasimhan and Mah, Generalized likelihood ratio
method for gross error identification, AIChE Journal 33 (1987) 1514-1521; serial compensation as there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from methods.reconciliation.solve import critical

Values = npt.NDArray[np.float64]

#: Two explanations whose likelihood ratios differ by less cannot be told apart (χ², one degree of freedom, 95 %).
ALIKE = critical(1)
_MOST = 5


@dataclass(frozen=True)
class Suspect:
    """An amount whose error is beyond its class: the statistic, and who else it could be."""

    key: str
    statistic: float
    alike: tuple[str, ...]


@dataclass
class Evidence:
    """What the days of a month say of each relative error: information matrix and score, added up day by day."""

    keys: tuple[str, ...]
    information: Values = field(init=False)
    score: Values = field(init=False)
    _place: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        count = len(self.keys)
        self._place = {key: place for place, key in enumerate(self.keys)}
        self.information, self.score = np.zeros((count, count)), np.zeros(count)

    def add(self, keys: Sequence[str], matrix: Values, amounts: Values, inverse: Values) -> None:
        """Add days of the same balances: matrix (balances, keys), amounts (days, keys), inverse (days, balances, ...).

        `inverse` is that of the covariance of the days' imbalances.
        """
        place = np.array([self._place[key] for key in keys], dtype=np.intp)
        signature = matrix[None, :, :] * amounts[:, None, :]
        weighted = inverse @ signature
        self.information[np.ix_(place, place)] += np.einsum("dba,dbc->ac", signature, weighted)
        self.score[place] += np.einsum("dba,db->a", weighted, amounts @ matrix.T)


def errors(evidence: Evidence, uncertainty: Values, freed: Sequence[int] = ()) -> tuple[Values, Values]:
    """Return the most likely relative error of each amount, and the likelihood ratio of one beyond its class.

    `uncertainty` is the standard deviation that the classes allow; the errors of `freed` amounts are unlimited. The
    error is signed and a share of what was shown; `of_true` makes it one of what was there.
    """
    precision = 1 / np.maximum(uncertainty, 1e-9) ** 2
    precision[list(freed)] = 0.0
    inner = np.linalg.pinv(np.diag(precision) + evidence.information, hermitian=True)
    likely = inner @ evidence.score
    seen = evidence.score - evidence.information @ likely
    strength = np.diag(evidence.information - evidence.information @ inner @ evidence.information)
    scale = np.diag(evidence.information)
    with np.errstate(divide="ignore", invalid="ignore"):
        tested = (scale > 0) & (strength > 1e-9 * scale)
        ratio = np.where(tested, seen**2 / strength, np.nan)
    return np.where(scale > 0, likely, np.nan), ratio


def of_true(error: float) -> float | None:
    """Return an error that is a share of the shown amount as one of the true amount; None where nothing was there.

    -0.03 reads three percent too little.
    """
    return error / (1 - error) if error < 1 else None


def suspects(evidence: Evidence, uncertainty: Values, losses: Collection[str] = ()) -> list[Suspect]:
    """Return the amounts that are likely wrong, the worst first; each is explained away before the next one.

    An expected loss gives way to a meter that explains as well: an instrument is checked sooner than a model.
    """
    found: list[Suspect] = []
    freed: list[int] = []
    limit = critical(1, max(int(np.count_nonzero(np.diag(evidence.information))), 1))
    while len(found) < _MOST:
        _, ratio = errors(evidence, uncertainty, freed)
        if np.isnan(ratio).all() or np.nanmax(ratio) <= limit:
            break
        worst = int(np.nanargmax(ratio))
        near = np.flatnonzero(np.nan_to_num(ratio, nan=-np.inf) > ratio[worst] - ALIKE)
        worst = int(min(near, key=lambda place: (evidence.keys[place] in losses, -ratio[place])))
        alike = sorted((int(place) for place in near if place != worst), key=lambda place: -ratio[place])
        freed.append(worst)
        names = tuple(evidence.keys[place] for place in alike)
        found.append(Suspect(evidence.keys[worst], float(ratio[worst]), names))
    return found
