"""The same systems by others: elimination in fractions, and Brightway's bw2calc on bw_processing packages."""

import warnings
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from methods.footprint.system import System

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it recommends a solver that is not free
    import bw2calc
    import bw_processing

Numbers = npt.NDArray[np.float64]


def in_fractions(system: System) -> Numbers:
    """Return the intensities (products x impacts) of A^T y = B^T, exact until the last step."""
    matrix = [[Fraction(float(value)) for value in row] for row in system.technosphere.toarray().T]
    right = [[Fraction(float(value)) for value in row] for row in system.interventions.toarray().T]
    size = len(matrix)
    for at in range(size):
        pivot = next(row for row in range(at, size) if matrix[row][at])
        for rows in (matrix, right):
            rows[at], rows[pivot] = rows[pivot], rows[at]
        for row in range(size):
            if row != at and matrix[row][at]:
                factor = matrix[row][at] / matrix[at][at]
                matrix[row] = [one - factor * other for one, other in zip(matrix[row], matrix[at], strict=True)]
                right[row] = [one - factor * other for one, other in zip(right[row], right[at], strict=True)]
    return np.array([[float(value / matrix[at][at]) for value in right[at]] for at in range(size)])


def by_brightway(system: System, demand: Numbers) -> tuple[Numbers, Numbers]:
    """Return how often each process runs, and the inventory, as bw2calc's LCA has them."""
    package = bw_processing.create_datapackage()
    made, done = system.technosphere.tocoo(), system.interventions.tocoo()
    processes, effects = len(demand), 2 * len(demand)
    for matrix, found, offset in (("technosphere_matrix", made, 0), ("biosphere_matrix", done, effects)):
        places = [(offset + row, processes + column) for row, column in zip(found.row, found.col, strict=True)]
        indices = np.array(places, dtype=bw_processing.INDICES_DTYPE)
        package.add_persistent_vector(matrix=matrix, indices_array=indices, data_array=found.data)
    wanted = {product: float(amount) for product, amount in enumerate(demand) if amount}
    lca = bw2calc.LCA(wanted, data_objs=[package])
    lca.lci()
    columns = [lca.dicts.activity[processes + at] for at in range(processes)]
    rows = [lca.dicts.biosphere[effects + at] for at in range(len(system.impacts))]
    return lca.supply_array[columns], np.asarray(lca.inventory.sum(axis=1)).ravel()[rows]
