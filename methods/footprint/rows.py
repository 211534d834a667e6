"""Rows of a product system, read once into whole columns: names as numbers, amounts checked, order made irrelevant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lake.errors import NengtanError

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Coded:
    """The entries of a matrix by row and column, sorted; several may share a cell.

    parameter: the place of the entry's name in `parameters`, -1 where nothing about it is uncertain.
    """

    row: Places
    column: Places
    amount: Numbers
    parameter: Places
    parameters: tuple[str, ...]

    def matrix(self, shape: tuple[int, int]) -> sparse.csc_array:
        """Return the matrix, cells added up."""
        index, indptr, first = self.pattern(shape)
        return sparse.csc_array((self.sums(self.amount, first), index, indptr), shape=shape)

    def pattern(self, shape: tuple[int, int]) -> tuple[Places, Places, Places]:
        """Return the rows of the cells, where each column starts among them, and the first entry of each cell."""
        if not len(self.row):
            return self.row, np.zeros(shape[1] + 1, np.int64), np.zeros(0, np.int64)
        is_new = np.r_[True, (np.diff(self.column) != 0) | (np.diff(self.row) != 0)]
        first = np.flatnonzero(is_new)
        starts = np.searchsorted(self.column[first], np.arange(shape[1] + 1))
        return self.row[first], starts.astype(np.int64), first

    @staticmethod
    def sums(amounts: Numbers, first: Places) -> Numbers:
        """Return the amount of each cell from those of its entries, along the last axis."""
        if amounts.shape[-1] == len(first):
            return amounts
        return np.asarray(np.add.reduceat(amounts, first, axis=-1), np.float64)


@dataclass(frozen=True)
class Named:
    """Rows with the names of their columns (processes) and rows (products or impacts)."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    column: Places
    row: Places
    amount: Numbers
    parameter: Places
    parameters: tuple[str, ...]

    def coded(self, row_places: Mapping[str, int], column_places: Mapping[str, int]) -> Coded:
        """Return the entries in the order of their cells; within a cell by parameter and amount."""
        row = np.array([row_places[name] for name in self.rows], np.int64)[self.row]
        column = np.array([column_places[name] for name in self.columns], np.int64)[self.column]
        order = np.lexsort((self.amount, self.parameter, row, column))
        return Coded(row[order], column[order], self.amount[order], self.parameter[order], self.parameters)


def columns(given: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return rows as columns; none at all have three empty ones."""
    turned = [list(column) for column in zip(*given, strict=True)]
    return turned or [[], [], []]


def read(
    what: str,
    processes: Sequence[str],
    others: Sequence[str],
    amounts: Sequence[float] | Numbers,
    parameters: Sequence[str | None],
) -> Named:
    """Return the rows; raises NengtanError for columns of different lengths and for a number that is not finite."""
    amount = np.asarray(amounts, np.float64)
    if not len(processes) == len(others) == len(amount) or (len(parameters) not in (0, len(amount))):
        raise NengtanError(f"footprint: the columns of the {what}s differ in length")
    wrong = np.flatnonzero(~np.isfinite(amount))
    if len(wrong):
        at = int(wrong[0])
        raise NengtanError(f"footprint: {what} {others[at]} of {processes[at]} is {amount[at]}, not a finite number")
    column_names, column = _numbered(processes)
    row_names, row = _numbered(others)
    if not parameters:
        return Named(column_names, row_names, column, row, amount, np.full(len(amount), -1, np.int64), ())
    known = tuple(sorted({name for name in parameters if name is not None}))
    place: dict[str | None, int] = {name: index for index, name in enumerate(known)}
    coded = np.fromiter((place.get(name, -1) for name in parameters), np.int64, len(amount))
    return Named(column_names, row_names, column, row, amount, coded, known)


def _numbered(names: Sequence[str]) -> tuple[tuple[str, ...], Places]:
    place: dict[str, int] = {}
    coded = np.fromiter((place.setdefault(name, len(place)) for name in names), np.int64, len(names))
    return tuple(place), coded
