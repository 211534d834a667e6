"""Monte Carlo: the whole system drawn again and again, every product's intensities in each draw.

What is uncertain has a name; wherever the name stands, it is one error and drawn once, by the seed and the name alone.
So two products or two periods that share a supplier's footprint are off together, and a run repeats bit for bit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lake.errors import NengtanError
from methods.footprint import distributions, ways
from methods.footprint.distributions import Uncertainty
from methods.footprint.rows import Coded, Places
from methods.footprint.solve import solve
from methods.footprint.system import System

Numbers = npt.NDArray[np.float64]

DRAWS, SEED = 1_000, 20_260_101
#: How many numbers a block of draws may have, which is solved at once: what a cache holds.
_BLOCK = 150_000


@dataclass(frozen=True)
class Draws:
    """The intensities of the chosen products in every draw: draws x products x impacts."""

    products: tuple[str, ...]
    impacts: tuple[str, ...]
    intensities: Numbers

    def quantiles(self, at: Sequence[float] = (0.05, 0.5, 0.95), impacts: Sequence[str] | None = None) -> Numbers:
        """Return quantiles (products x levels) of the sum of impacts, which must be of one unit; all by default."""
        chosen = [place for place, name in enumerate(self.impacts) if impacts is None or name in impacts]
        return np.asarray(np.quantile(self.intensities[:, :, chosen].sum(axis=2), at, axis=0).T, np.float64)


def sample(
    system: System,
    uncertainties: Mapping[str, Uncertainty],
    draws: int = DRAWS,
    seed: int = SEED,
    products: Sequence[str] | None = None,
) -> Draws:
    """Return the intensities of products (all by default) in so many draws.

    Amounts with a parameter that is not among the uncertainties stay as they are. Raises NengtanError where a draw has
    a loop that uses up all it makes, or a process that makes nothing: its uncertainties are wider than it bears.
    """
    chosen = tuple(system.products if products is None else products)
    places = [system.of_product(name) for name in chosen]
    base = solve(system)
    flows = _Cells.of(system.flows, (len(system.products), len(system.processes)), uncertainties, draws, seed)
    effects = _Cells.of(system.effects, (len(system.impacts), len(system.processes)), uncertainties, draws, seed)
    found = np.empty((draws, len(chosen), len(system.impacts)))
    step = max(_BLOCK // max(len(system.flows.amount) + base.intensities.size, 1), 1)
    for first in range(0, draws, step):
        block = slice(first, min(first + step, draws))
        answer = _solved(flows, effects, block, base.intensities * base.unit.sign[:, None], base.unit.sign)
        found[block] = (answer * base.unit.sign[None, :, None])[:, places]
    return Draws(chosen, system.impacts, found)


@dataclass(frozen=True)
class _Cells:
    """The cells of a matrix, and what each of its entries is multiplied by in every draw."""

    entries: Coded
    row: Places
    column: Places
    first: Places
    ratios: Numbers

    @classmethod
    def of(
        cls, entries: Coded, shape: tuple[int, int], known: Mapping[str, Uncertainty], draws: int, seed: int
    ) -> "_Cells":
        """Return the cells; the last of the ratios is that of an entry without a parameter, always 1."""
        ratios = np.ones((len(entries.parameters) + 1, draws))
        for place, name in enumerate(entries.parameters):
            if name in known:
                ratios[place] = distributions.drawn(known[name], name, draws, seed)
        row, starts, first = entries.pattern(shape)
        return cls(entries, row, np.repeat(np.arange(shape[1]), np.diff(starts)), first, ratios)

    def drawn(self, block: slice) -> Numbers:
        """Return the amounts of the cells, draws x cells."""
        ratios = self.ratios[:, block].T
        return self.entries.sums(self.entries.amount * ratios[:, self.entries.parameter], self.first)


def _solved(flows: _Cells, effects: _Cells, block: slice, start: Numbers, sign: Numbers) -> Numbers:
    """Return the intensities, draws x products x impacts: all draws of a block as one system that falls into parts."""
    draws, (size, impacts) = block.stop - block.start, start.shape
    cells = flows.drawn(block)
    is_made = flows.row == flows.column
    made = cells[:, is_made] * sign
    wrong = np.argwhere(~(made > 0))
    if len(wrong):
        raise NengtanError(f"footprint: draw {block.start + wrong[0, 0] + 1} has a process that makes nothing")
    right = np.zeros((draws, size, impacts))
    right[:, effects.column, effects.row] = effects.drawn(block)
    right /= made[:, :, None]
    row, column = flows.row[~is_made], flows.column[~is_made]
    takes = -sign[row] * cells[:, ~is_made] / made[:, column]
    starts = np.searchsorted(column, np.arange(size))
    offset = np.arange(draws)[:, None]
    whole = sparse.csr_array(
        (
            takes.ravel(),
            (row + offset * size).ravel(),
            np.append((starts + offset * len(row)).ravel(), draws * len(row)),
        ),
        shape=(draws * size, draws * size),
    )
    swept = ways.swept(whole, right.reshape(-1, impacts), np.tile(start, (draws, 1)))
    if swept is not None and swept.residual <= ways.CLOSED:
        return swept.answer.reshape(right.shape)
    answers = []
    for draw in range(draws):
        part = slice(draw * size, (draw + 1) * size)
        answers.append(_one(whole[part, part], right[draw], block.start + draw))
    return np.stack(answers)


def _one(takes: sparse.csr_array, right: Numbers, draw: int) -> Numbers:
    """Return the answer of one draw, factorised; its loops are looked at as those of any system are."""
    found = ways.factorised(takes, np.column_stack([right, np.ones(len(right))]))
    has_credits = bool(len(takes.data)) and takes.data.min() < 0
    if found is None or found.residual > ways.CLOSED or not (has_credits or (found.answer[:, -1] > 0).all()):
        raise NengtanError(f"footprint: draw {draw + 1} has a loop that uses at least as much as it makes")
    return found.answer[:, :-1]
