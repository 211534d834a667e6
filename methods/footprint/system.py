"""A product system as two sparse matrices: what each process makes and takes, and what it does to the world.

Both are counted per run of a process, in whatever units its rows have: A (products x processes, net, makes +, takes -)
and B (impacts x processes). Heijungs & Suh, The Computational Structure of Life Cycle Assessment (2002), chapter 2.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lake.errors import NengtanError
from methods.footprint import making, rows
from methods.footprint.rows import Coded

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Flows:
    """Products that processes make (amount > 0) and take (amount < 0), as columns of one length.

    parameter: the name of what is uncertain about an amount, None where nothing is; the column may be left out.
    """

    process: Sequence[str]
    product: Sequence[str]
    amount: Sequence[float] | Numbers
    parameter: Sequence[str | None] = ()

    @classmethod
    def of(cls, given: Iterable[Sequence[object]]) -> "Flows":
        """Return the columns of rows (process, product, amount) or (process, product, amount, parameter)."""
        return cls(*rows.columns(given))


@dataclass(frozen=True)
class Interventions:
    """What processes do to the world, as columns of one length: an impact is any name, several are reckoned at once."""

    process: Sequence[str]
    impact: Sequence[str]
    amount: Sequence[float] | Numbers
    parameter: Sequence[str | None] = ()

    @classmethod
    def of(cls, given: Iterable[Sequence[object]]) -> "Interventions":
        """Return the columns of rows (process, impact, amount) or (process, impact, amount, parameter)."""
        return cls(*rows.columns(given))


@dataclass(frozen=True)
class System:
    """A square system: `products[i]` is what `processes[i]` is run for; processes stand in the order of their names.

    technosphere: products x processes, in units of the product per run. interventions: impacts x processes. The coded
    rows behind them are kept, because a Monte Carlo run changes them one by one.
    """

    products: tuple[str, ...]
    processes: tuple[str, ...]
    impacts: tuple[str, ...]
    flows: Coded
    effects: Coded

    @cached_property
    def technosphere(self) -> sparse.csc_array:
        """A, products x processes."""
        return self.flows.matrix((len(self.products), len(self.processes)))

    @cached_property
    def interventions(self) -> sparse.csc_array:
        """B, impacts x processes."""
        return self.effects.matrix((len(self.impacts), len(self.processes)))

    @cached_property
    def made(self) -> Numbers:
        """How much of its product each process makes a run, net; negative for a process that treats what it takes."""
        return np.asarray(self.technosphere.diagonal(), dtype=np.float64)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.products)}

    @cached_property
    def _runs(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.processes)}

    def of_product(self, product: str) -> int:
        """Return the place of a product; raises NengtanError for one that is not in the system."""
        try:
            return self._places[product]
        except KeyError:
            raise NengtanError(f"footprint: {product} is not a product of the system") from None

    def of_process(self, process: str) -> int:
        """Return the place of a process; raises NengtanError for one that is not in the system."""
        try:
            return self._runs[process]
        except KeyError:
            raise NengtanError(f"footprint: {process} is not a process of the system") from None

    def demand(self, wanted: Mapping[str, float]) -> Numbers:
        """Return the demand as a vector over the products."""
        vector = np.zeros(len(self.products))
        for product, amount in wanted.items():
            vector[self.of_product(product)] += amount
        return vector


def build(
    flows: Flows,
    interventions: Interventions,
    makes: Mapping[str, str] | None = None,
    shares: Mapping[str, Mapping[str, float]] | None = None,
) -> System:
    """Return the system of the rows. Rows of one process and product are added up; the order of rows never matters.

    makes: what a process is run for, where its rows do not say it: several products come out (all others are then
    credits, that is, substitution), or it treats what it takes. shares: of a product with several makers the share of
    each; the process "market of <product>" then makes it, and what a maker makes becomes "<product> from <process>".
    Raises NengtanError: a process that makes nothing, or several products; a product that nobody makes, or several
    without shares; more products than processes; an amount that is not a finite number.
    """
    made = rows.read("flow", flows.process, flows.product, flows.amount, flows.parameter)
    done = rows.read(
        "intervention", interventions.process, interventions.impact, interventions.amount, interventions.parameter
    )
    if shares:
        made = making.with_markets(made, shares, makes or {})
    processes = sorted(set(made.columns) | set(done.columns))
    maker = making.makers(made, processes, makes or {})
    products = [maker[process] for process in processes]
    impacts = sorted(set(done.rows))
    place = {name: index for index, name in enumerate(processes)}
    return System(
        tuple(products),
        tuple(processes),
        tuple(impacts),
        made.coded({name: index for index, name in enumerate(products)}, place),
        done.coded({name: index for index, name in enumerate(impacts)}, place),
    )
