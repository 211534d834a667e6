"""Where a footprint comes from: by process and impact, by direct supplier, and along the paths of its supply."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

import numpy as np

from methods.footprint import exact
from methods.footprint.exact import QUANTUM
from methods.footprint.solve import Solution, supply
from methods.footprint.system import Numbers, System


@dataclass(frozen=True)
class Contribution:
    """What a process causes of an impact, in the unit of the impact."""

    process: str
    impact: str
    amount: Decimal


@dataclass(frozen=True)
class Node:
    """A process on a path of supply: `amount` with its whole chain, `own` without, `supplied` of its product.

    Every node is its own plus its children, to the last digit. A node without a process is what stands below the cut
    or beyond the depth, together; all of it is its own.
    """

    node: int
    parent: int | None
    depth: int
    process: str | None
    amount: Decimal
    own: Decimal
    supplied: float


def by_process(system: System, demand: Mapping[str, float], quantum: Decimal = QUANTUM) -> list[Contribution]:
    """Return what every process causes for a demand (product: amount); the footprint is the sum of the amounts.

    The sum of each impact is the rounded one. Only parts that are not zero when printed; by process, then impact.
    """
    return of_runs(system, supply(system, demand), quantum)


def of_runs(system: System, runs: Numbers, quantum: Decimal = QUANTUM) -> list[Contribution]:
    """Return the same where it is known how often each process runs (`solve.supplies`)."""
    effects = system.interventions.multiply(runs[None, :]).tocsc()
    effects.sort_indices()
    process = np.repeat(np.arange(len(system.processes)), np.diff(effects.indptr))
    names = [
        (system.processes[at], system.impacts[impact])
        for at, impact in zip(process.tolist(), effects.indices.tolist(), strict=True)
    ]
    return _printed(names, effects.data.tolist(), quantum)


def by_supplier(solution: Solution, process: str, quantum: Decimal = QUANTUM) -> list[Contribution]:
    """Return the first tier of a unit of what a process is run for: its own effects, and its inputs with their chains.

    An input stands under the process that makes it; a credit is below zero.
    """
    system, unit = solution.system, solution.unit
    at = system.of_process(process)
    inputs = unit.takes[[at]].tocsr()
    whole = solution.intensities * unit.sign[:, None]
    rows = [(at, unit.effects[at]), *((i, v * whole[i]) for i, v in zip(inputs.indices, inputs.data, strict=True))]
    names = [(system.processes[place], impact) for place, _ in rows for impact in system.impacts]
    return _printed(names, np.concatenate([values for _, values in rows]).tolist(), quantum)


def tree(  # noqa: PLR0913 — each is something that a reader of the tree can choose
    solution: Solution,
    product: str,
    amount: float = 1.0,
    *,
    cut: float = 0.01,
    depth: int = 8,
    quantum: Decimal = QUANTUM,
    impacts: Sequence[str] | None = None,
    total: Decimal | None = None,
    closed: Collection[str] = (),
) -> list[Node]:
    """Return the paths of supply of an amount of a product, parents before children, the largest child first.

    cut: the share of the whole below which an input is not followed. impacts: those that are added up, which must be of
    one unit (all by default). total: the whole as it was printed elsewhere. closed: processes whose chain is not
    followed, all of which is their own. Loops unroll until the cut or the depth.
    """
    system, unit = solution.system, solution.unit
    chosen = [place for place, name in enumerate(system.impacts) if impacts is None or name in impacts]
    own = unit.effects[:, chosen].sum(axis=1)
    whole = (solution.intensities[:, chosen] * unit.sign[:, None]).sum(axis=1)
    start = system.of_product(product)
    units = amount * unit.sign[start]
    least = abs(cut * units * whole[start])
    root = exact.rounded([units * whole[start]], quantum) if total is None else total
    number = count()
    found: list[Node] = []
    open_: list[tuple[int | None, int, int, float, Decimal]] = [(None, 0, int(start), float(units), root)]
    for parent, level, at, run, value in open_:
        if system.processes[at] in closed:
            supplied = float(run * unit.sign[at])
            found.append(Node(next(number), parent, level, system.processes[at], value, value, supplied))
            continue
        inputs = unit.takes[[at]].tocsr()
        taken = [(i, run * v) for i, v in zip(inputs.indices.tolist(), inputs.data.tolist(), strict=True)]
        ranked = sorted(taken, key=lambda one: (-abs(one[1] * whole[one[0]]), one[0]))
        shown = [(i, v) for i, v in ranked if level < depth and abs(v * whole[i]) >= least > 0]
        rest = sum(v * whole[i] for i, v in ranked[len(shown) :])
        parts = [run * own[at], *(v * whole[i] for i, v in shown), rest]
        printed = exact.quantised([float(part) for part in parts], quantum, value)
        here = next(number)
        found.append(Node(here, parent, level, system.processes[at], value, printed[0], float(run * unit.sign[at])))
        open_ += [(here, level + 1, i, v, said) for (i, v), said in zip(shown, printed[1:-1], strict=True)]
        if printed[-1]:
            found.append(Node(next(number), here, level + 1, None, printed[-1], printed[-1], 0.0))
    return found


def total(parts: Sequence[Contribution], matches: Callable[[Contribution], bool] = lambda _: True) -> Decimal:
    """Return the sum of those contributions that match: a footprint, a stage, a gas; exact."""
    return exact.summed([part.amount for part in parts if matches(part)])


def _printed(names: Sequence[tuple[str, str]], amounts: Sequence[float], quantum: Decimal) -> list[Contribution]:
    by_impact: dict[str, list[tuple[str, float]]] = {}
    for (process, impact), amount in zip(names, amounts, strict=True):
        by_impact.setdefault(impact, []).append((process, amount))
    found = []
    for impact, parts in by_impact.items():
        printed = exact.quantised([amount for _, amount in parts], quantum)
        found += [
            Contribution(process, impact, said) for (process, _), said in zip(parts, printed, strict=True) if said
        ]
    return sorted(found, key=lambda one: (one.process, one.impact))
