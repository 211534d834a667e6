"""A system per unit of what each process is run for: I - M, with every product counted so that its maker makes it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from lake.errors import NengtanError
from methods.footprint.system import System

Numbers = npt.NDArray[np.float64]

#: Rounds of the power method for one loop, and how far over 1 its growth is proof.
_ROUNDS = 300


@dataclass(frozen=True)
class Scaled:
    """M: what a unit of each process (rows) takes of each product (columns). Effects per unit: processes x impacts.

    sign: -1 for a product that its process takes (waste that is treated), so that M is no credit there.
    """

    takes: sparse.csr_array
    effects: Numbers
    sign: Numbers

    @cached_property
    def has_credits(self) -> bool:
        """Whether anything is given back: then M is not what a chain uses, and its loops prove nothing."""
        return bool(len(self.takes.data) and self.takes.data.min() < 0)


def scaled(system: System) -> Scaled:
    """Return the system per unit."""
    made = system.made
    sign = np.sign(made)
    size = len(made)
    matrix = system.technosphere
    column = np.repeat(np.arange(size), np.diff(matrix.indptr))
    per_unit = -sign[matrix.indices] * (matrix.data / np.abs(made)[column])
    apart = (matrix.indices != column) & (per_unit != 0)
    starts = np.searchsorted(column[apart], np.arange(size + 1))
    takes = sparse.csr_array((per_unit[apart], matrix.indices[apart], starts), shape=(size, size))
    effects = system.interventions.toarray().T / np.abs(made)[:, None]
    return Scaled(takes, np.ascontiguousarray(effects), sign)


def refuse_loops(system: System, unit: Scaled) -> None:
    """Raise NengtanError where a loop uses at least as much of its product as it makes.

    By the bounds of Collatz and Wielandt: of a strongly connected part without credits, the least growth in a round is
    a lower bound of its spectral radius, whatever is tried.
    """
    count, part = csgraph.connected_components(unit.takes, directed=True, connection="strong")
    order = np.argsort(part, kind="stable")
    for members in np.split(order, np.cumsum(np.bincount(part, minlength=count))[:-1]):
        if len(members) > 1 and _grows(unit.takes[members][:, members]):
            names = sorted(system.processes[member] for member in members.tolist())
            more = f" and {len(names) - 4} more" if len(names) > 4 else ""
            raise NengtanError(
                f"footprint: the loop of {', '.join(names[:4])}{more} uses at least as much as it makes, "
                "so nothing is left to deliver"
            )


def _grows(part: sparse.csr_array) -> bool:
    tried = np.ones(part.shape[0])
    for _ in range(_ROUNDS):
        after = part @ tried
        if np.min(after / tried) >= 1.0:
            return True
        if np.max(after / tried) < 1.0:
            return False
        tried = after + tried
        tried /= tried.max()
    return False
