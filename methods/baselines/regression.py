"""Least squares with what it leaves open: standard errors, and how far a sum of expected values may be off.

y = X b by a QR decomposition. The variance of a sum of m expected values with regressors x is
s² (m v + x' (X'X)^-1 x v), x the sum of the regressors, s² the sum of squares over n − p, v = (1 + r) / (1 − r) where
residuals remember the day before with the correlation r, else 1 (J. K. Kissock, J. S. Haberl and D. E. Claridge, ASHRAE
Transactions 109(2) 2003, 425-434, eq. 24; memory: T. A. Reddy and D. E. Claridge, HVAC&R Research 6(1) 2000, 3-20).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted line: coefficients in the order of its terms, the first is the constant.

    spread: standard deviation of what is not explained, in the unit of y. count, parameters: n and p, change points
    among them. memory: correlation of a residual with the one before, 0 where it is not asked for or negative.
    """

    coefficients: Numbers
    inverse: Numbers
    spread: float
    count: int
    parameters: int
    mean: float
    explained: float
    memory: float = 0.0

    @property
    def freedom(self) -> float:
        """Degrees of freedom: what n independent values would leave, n (1 − r) / (1 + r) of them with memory."""
        return self.count * (1 - self.memory) / (1 + self.memory) - self.parameters

    @property
    def inflation(self) -> float:
        """How much memory adds to the variance of a sum."""
        return (1 + self.memory) / (1 - self.memory)

    @property
    def errors(self) -> Numbers:
        """Standard error of each coefficient."""
        found: Numbers = self.spread * np.sqrt(np.diag(self.inverse) * self.inflation)
        return found

    @property
    def statistics(self) -> Numbers:
        """Each coefficient by its standard error: t; 0 where a perfect fit leaves no error and no coefficient."""
        errors = self.errors
        found: Numbers = np.divide(self.coefficients, errors, out=np.zeros_like(errors), where=errors > 0)
        return found

    @property
    def criterion(self) -> float:
        """Schwarz's criterion: of two lines through the same values the one with less is worth its parameters."""
        squares = max(self.spread**2 * (self.count - self.parameters), 1e-300)
        return float(self.count * np.log(squares / self.count) + self.parameters * np.log(self.count))

    @property
    def variation(self) -> float:
        """CV(RMSE): the spread by the mean of y."""
        return self.spread / self.mean


def fit(columns: Sequence[Numbers], y: Numbers, change_points: int = 0, *, with_memory: bool = False) -> Fit | None:
    """Fit a constant and the columns; None where they do not determine one line, or leave no degree of freedom."""
    matrix = np.column_stack([np.ones(y.size), *columns])
    count, parameters = matrix.shape[0], matrix.shape[1] + change_points
    if count <= parameters or y.mean() == 0:
        return None
    scale = np.abs(matrix).max(axis=0)
    if not scale.all():
        return None
    orthogonal, upper = np.linalg.qr(matrix / scale)
    diagonal = np.abs(np.diag(upper))
    if diagonal.min() < 1e-10 * diagonal.max():
        return None
    coefficients = np.linalg.solve(upper, orthogonal.T @ y) / scale
    left = np.linalg.inv(upper) / scale[:, None]
    residuals = y - matrix @ coefficients
    squares, about_mean = float(residuals @ residuals), float(np.square(y - y.mean()).sum())
    return Fit(
        coefficients=coefficients,
        inverse=left @ left.T,
        spread=float(np.sqrt(squares / (count - parameters))),
        count=count,
        parameters=parameters,
        mean=float(y.mean()),
        explained=1 - squares / about_mean if about_mean else 0.0,
        memory=_memory(residuals, squares) if with_memory else 0.0,
    )


def _memory(residuals: Numbers, squares: float) -> float:
    return max(0.0, float(residuals[1:] @ residuals[:-1]) / squares) if squares else 0.0


def expected(fitted: Fit, columns: Sequence[Numbers]) -> Numbers:
    """Return what the line expects of each row of the columns."""
    found: Numbers = fitted.coefficients[0] + sum(
        (weight * column for weight, column in zip(fitted.coefficients[1:], columns, strict=True)),
        np.zeros(columns[0].size if columns else 1),
    )
    return found


def half_width(fitted: Fit, columns: Sequence[Numbers], rows: int, confidence: float) -> float | None:
    """Return how far the sum of so many expected values may be off at a confidence; None without freedom."""
    from scipy import stats

    if fitted.freedom < 1:
        return None
    summed = np.array([float(rows), *[float(column.sum()) for column in columns]])
    variance = fitted.spread**2 * fitted.inflation * (rows + summed @ fitted.inverse @ summed)
    return float(stats.t.ppf((1 + confidence) / 2, fitted.freedom) * np.sqrt(variance))
