"""A linear program in blocks of numpy arrays, solved by HiGHS; what cannot be met is said by name and step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]
INFINITE = float("inf")
#: A schedule is proven to within this share of its cost; a gap of a whole percent would be larger than most savings.
GAP = 1e-5


class InfeasibleError(ValueError):
    """No schedule keeps all limits: which constraint gives way, at which step, by how much."""

    def __init__(self, short: Sequence[tuple[str, int, float]]) -> None:
        self.short = tuple(short)
        super().__init__("; ".join(f"{what}, step {step}: {amount:,.1f} missing" for what, step, amount in short))


@dataclass(frozen=True)
class Solution:
    """The optimum: value of each column, price of each row, the least cost, and how far it may be off (a share)."""

    values: Floats
    prices: Floats
    cost: float
    gap: float


@dataclass
class Program:
    """Minimise the cost of columns between bounds under rows between bounds."""

    _cost: list[Floats] = field(default_factory=list)
    _lower: list[Floats] = field(default_factory=list)
    _upper: list[Floats] = field(default_factory=list)
    _whole: list[Floats] = field(default_factory=list)
    _row_lower: list[Floats] = field(default_factory=list)
    _row_upper: list[Floats] = field(default_factory=list)
    _entries: list[tuple[Columns, Columns, Floats]] = field(default_factory=list)
    _names: list[tuple[int, str]] = field(default_factory=list)
    columns: int = 0
    rows: int = 0

    def add(
        self,
        size: int,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = INFINITE,
        whole: bool = False,
    ) -> Columns:
        """Add `size` columns, of whole numbers where `whole`; return their places."""
        for kept, values in ((self._cost, cost), (self._lower, lower), (self._upper, upper), (self._whole, whole)):
            kept.append(np.broadcast_to(np.asarray(values, dtype=float), size))
        self.columns += size
        return np.arange(self.columns - size, self.columns)

    def keep(
        self, what: str, lower: ArrayLike, upper: ArrayLike, size: int, *terms: tuple[Columns, ArrayLike]
    ) -> Columns:
        """Add `size` rows: lower <= the sum of coefficient x column of all terms <= upper; return their places.

        A term with fewer columns than rows belongs to the last rows; a matrix of columns gives a row several entries.
        """
        places = np.arange(self.rows, self.rows + size)
        for columns, coefficients in terms:
            shape = columns.shape
            values = np.broadcast_to(np.asarray(coefficients, dtype=float), shape)
            rows = places[size - shape[0] :]
            rows = np.broadcast_to(rows if len(shape) == 1 else rows[:, None], shape)
            self._entries.append((rows.ravel(), columns.ravel(), values.ravel()))
        self._row_lower.append(np.broadcast_to(np.asarray(lower, dtype=float), size))
        self._row_upper.append(np.broadcast_to(np.asarray(upper, dtype=float), size))
        self._names.append((self.rows, what))
        self.rows += size
        return places

    def solve(self, gap: float = GAP, seconds: float = 600.0) -> Solution:
        """Return the optimum; the prices of a mixed-integer program are those with its whole numbers held.

        Raises InfeasibleError where no schedule keeps all limits, RuntimeError where the solver gave up.
        """
        import highspy

        solver = self._solver(highspy, gap, seconds)
        solver.run()
        status = solver.getModelStatus()
        bad = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
        if status in bad:
            raise InfeasibleError(self._missing(highspy))
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS ended with {solver.modelStatusToString(status)!r} instead of an optimum")
        info = solver.getInfo()
        values = np.array(solver.getSolution().col_value)
        if not any(block.any() for block in self._whole):
            return Solution(values, np.array(solver.getSolution().row_dual), info.objective_function_value, 0.0)
        return Solution(values, self._held(highspy, values), info.objective_function_value, float(info.mip_gap))

    def _solver(self, highspy: Any, gap: float = GAP, seconds: float = 600.0, *, whole: bool = True) -> Any:  # noqa: ANN401
        """Return HiGHS with this program in it; one thread, so that the same program has the same answer."""
        solver = highspy._core._Highs()  # the layer above it prints a line before it can be told not to
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("mip_rel_gap", gap)
        solver.setOptionValue("time_limit", seconds)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = self.columns, self.rows
        program.col_cost_ = np.concatenate(self._cost)
        program.col_lower_, program.col_upper_ = np.concatenate(self._lower), np.concatenate(self._upper)
        program.row_lower_, program.row_upper_ = np.concatenate(self._row_lower), np.concatenate(self._row_upper)
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        places, same = np.unique(rows * self.columns + columns, return_inverse=True)  # a column twice in a row is one
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.searchsorted(places, np.arange(self.rows + 1) * self.columns)
        program.a_matrix_.index_ = places % self.columns
        program.a_matrix_.value_ = np.bincount(same.ravel(), weights=values)
        integrality = np.concatenate(self._whole)
        if whole and integrality.any():
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            program.integrality_ = [kinds[int(is_whole)] for is_whole in integrality]
        if solver.passModel(program) == highspy.HighsStatus.kError:
            raise ValueError(f"HiGHS refused a program of {self.columns} columns and {self.rows} rows")
        return solver

    def _held(self, highspy: Any, values: Floats) -> Floats:  # noqa: ANN401
        """Return the prices of the rows with the whole numbers held at their optimum."""
        solver = self._solver(highspy, whole=False)
        held = np.flatnonzero(np.concatenate(self._whole))
        at = np.round(values[held])
        solver.changeColsBounds(len(held), held, at, at)
        solver.run()
        return np.array(solver.getSolution().row_dual)

    def _missing(self, highspy: Any) -> list[tuple[str, int, float]]:  # noqa: ANN401
        """Let every row give way at the same price per unit and return those that have to, the largest first.

        Elastic programming: Chinneck and Dravnieks, ORSA Journal on Computing 3 (1991). Bounds of columns stand.
        """
        solver = self._solver(highspy)
        solver.feasibilityRelaxation(-1.0, -1.0, 1.0)
        reached = np.array(solver.getSolution().row_value)
        below = np.concatenate(self._row_lower) - reached
        above = reached - np.concatenate(self._row_upper)
        gap = np.maximum(below, above)
        worst = np.argsort(-gap, kind="stable")
        return [(*self._named(int(row)), float(gap[row])) for row in worst if gap[row] > 1e-6]

    def _named(self, row: int) -> tuple[str, int]:
        starts = [start for start, _ in self._names]
        block = int(np.searchsorted(starts, row, side="right")) - 1
        return self._names[block][1], row - starts[block]
