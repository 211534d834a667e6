"""Weighted least squares with linear balances, and the tests of its residuals.

Minimise Σ (adjustment / σ)² so that every balance holds. With the balances' imbalance r = A y and its covariance
V = A Σ Aᵀ: adjustment = -Σ Aᵀ V⁻¹ r. The global test is γ = rᵀ V⁻¹ r against χ² with as many degrees of freedom as
there are independent balances; the measurement test divides each adjustment by its own standard deviation. Narasimhan
and Jordache, Data Reconciliation and Gross Error Detection (Gulf, 2000), chapters 3 and 7; Tamhane and Mah,
Technometrics 27 (1985) 409-422.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtri

Values = npt.NDArray[np.float64]

#: The share of sound networks that a test calls broken.
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Solution:
    """What became of each day: shapes (days, amounts), (days, balances) or (days,).

    `statistic` is the measurement test, NaN where no balance tests an amount; `inverse` is that of the imbalances'
    covariance (days, balances, balances).
    """

    adjusted: Values
    statistic: Values
    imbalance: Values
    imbalance_statistic: Values
    global_statistic: Values
    degrees: npt.NDArray[np.int64]
    inverse: Values


def critical(degrees: int, tests: int = 1) -> float:
    """Return the χ² value that is exceeded by chance in one of twenty sets of `tests` tests (Šidák)."""
    share = 1 - (1 - SIGNIFICANCE) ** (1 / tests)
    return float(chdtri(degrees, share)) if degrees else float("nan")


def critical_residual(tests: int) -> float:
    """Return the normalised residual that the largest of `tests` exceeds by chance in one of twenty sets (Šidák)."""
    return float(-ndtri((1 - (1 - SIGNIFICANCE) ** (1 / tests)) / 2))


def reconcile(matrix: Values, amounts: Values, deviations: Values) -> Solution:
    """Return, for each day, the least adjustment in standard deviations after which matrix @ amounts = 0.

    Shapes: matrix (balances, amounts), amounts and deviations (days, amounts), all in one unit. A deviation of zero is
    an amount that is not adjusted.
    """
    imbalance: Values = amounts @ matrix.T
    weighted = matrix[None, :, :] * (deviations**2)[:, None, :]
    covariance = weighted @ matrix.T
    inverse: Values = np.linalg.pinv(covariance, hermitian=True).astype(np.float64)
    pull = np.einsum("dbc,dc->db", inverse, imbalance)
    adjusted = amounts - np.einsum("dba,db->da", weighted, pull)
    deviation = np.sqrt(np.maximum(np.sum(weighted * (inverse @ weighted), axis=1), 0.0))
    scale = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(deviation > 1e-9 * deviations, np.abs(adjusted - amounts) / deviation, np.nan)
        imbalance_statistic = np.where(scale > 0, np.abs(imbalance) / scale, np.nan)
    global_statistic = np.sum(imbalance * pull, axis=1)
    degrees = np.linalg.matrix_rank(covariance, hermitian=True)
    return Solution(adjusted, statistic, imbalance, imbalance_statistic, global_statistic, degrees, inverse)
