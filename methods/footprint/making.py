"""Which process makes which product: one maker each, or a market with shares."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lake.errors import NengtanError
from methods.footprint.rows import Named

#: How far the shares of a market may be from 1 in all.
_WHOLE = 1e-9


def makers(made: Named, processes: Sequence[str], makes: Mapping[str, str]) -> dict[str, str]:
    """Return the product that each process is run for; raises NengtanError where that is not one to one."""
    unknown = sorted(set(makes) - set(processes))
    if unknown:
        raise NengtanError(f"footprint: {unknown[0]} is said to make {makes[unknown[0]]} and has no rows")
    net = _net(made, set(makes))
    outputs: dict[str, list[str]] = {}
    for (process, product), amount in net.items():
        if amount > 0:
            outputs.setdefault(process, []).append(product)
    found = {process: _made_by(process, outputs.get(process, []), net, makes) for process in processes}
    _is_square(found, made.rows, outputs)
    return found


def _net(made: Named, told: Collection[str]) -> dict[tuple[str, str], float]:
    """Return what comes out of each process, net, and for those told everything that goes in as well."""
    order = np.lexsort((made.amount, made.row, made.column))
    pair = made.column[order] * max(len(made.rows), 1) + made.row[order]
    first = np.flatnonzero(np.r_[True, np.diff(pair) != 0]) if len(pair) else np.zeros(0, np.int64)
    sums = np.add.reduceat(made.amount[order], first) if len(first) else np.zeros(0)
    column, row = made.column[order][first], made.row[order][first]
    is_told = np.array([name in told for name in made.columns], np.bool_)[column]
    wanted = (sums > 0) | is_told
    places = zip(column[wanted].tolist(), row[wanted].tolist(), sums[wanted].tolist(), strict=True)
    return {(made.columns[process], made.rows[product]): amount for process, product, amount in places}


def _made_by(
    process: str, outputs: Sequence[str], net: Mapping[tuple[str, str], float], makes: Mapping[str, str]
) -> str:
    told = makes.get(process)
    if told is not None:
        if not net.get((process, told)):
            raise NengtanError(f"footprint: {process} is said to make {told} and its rows neither make nor take any")
        return told
    if not outputs:
        raise NengtanError(f"footprint: {process} makes nothing, or uses up all it makes")
    if len(outputs) > 1:
        several = ", ".join(sorted(outputs))
        raise NengtanError(f"footprint: {process} makes {several}: allocate it, or say which it is run for")
    return outputs[0]


def _is_square(found: Mapping[str, str], products: Sequence[str], outputs: Mapping[str, Sequence[str]]) -> None:
    by_product: dict[str, list[str]] = {}
    for process, product in found.items():
        by_product.setdefault(product, []).append(process)
    for product, several in sorted(by_product.items()):
        if len(several) > 1:
            who = ", ".join(sorted(several))
            raise NengtanError(f"footprint: {product} is made by {who}: say the share of each")
    for product in sorted(set(products) - set(by_product)):
        if any(product in made for made in outputs.values()):
            raise NengtanError(
                f"footprint: {product} comes out beside another product and nobody is run for it: "
                f"there are {len(set(products))} products and {len(found)} processes, so allocate its maker"
            )
        raise NengtanError(f"footprint: nobody makes {product}, which others take")


def with_markets(made: Named, shares: Mapping[str, Mapping[str, float]], makes: Mapping[str, str]) -> Named:
    """Return the rows with a market for each product that has shares; raises NengtanError for shares that do not fit.

    The market makes 1 unit out of the shares of its makers; each of those makes a product of its own.
    """
    place = {name: index for index, name in enumerate(made.rows)}
    process = {name: index for index, name in enumerate(made.columns)}
    names, added = list(made.rows), list(made.columns)
    row = made.row.copy()
    more: list[tuple[int, int, float]] = []
    for product, parts in sorted(shares.items()):
        _is_whole(product, parts, makes)
        market = len(added)
        added.append(f"market of {product}")
        more.append((market, place.get(product, -1), 1.0))
        for maker, share in sorted(parts.items()):
            here = (made.column == process.get(maker, -1)) & (made.row == place.get(product, -1)) & (made.amount > 0)
            if not here.any():
                raise NengtanError(f"footprint: {maker} has a share of {product} and makes none")
            row[here] = len(names)
            more.append((market, len(names), -float(share)))
            names.append(f"{product} from {maker}")
    column, where, amount = (np.array(values) for values in zip(*more, strict=True))
    return replace(
        made,
        columns=tuple(added),
        rows=tuple(names),
        column=np.r_[made.column, column.astype(np.int64)],
        row=np.r_[row, where.astype(np.int64)],
        amount=np.r_[made.amount, amount.astype(np.float64)],
        parameter=np.r_[made.parameter, np.full(len(more), -1, np.int64)],
    )


def _is_whole(product: str, parts: Mapping[str, float], makes: Mapping[str, str]) -> None:
    total = math.fsum(parts.values())
    if not abs(total - 1.0) <= _WHOLE or min(parts.values(), default=-1.0) < 0:
        raise NengtanError(f"footprint: the shares of {product} add up to {total:g}, not to 1")
    if product in makes.values():
        raise NengtanError(f"footprint: {product} has a maker that was named and shares as well")
