"""Processes with several products made into processes with one: by subdivision, by a key, by substitution, by cut-off.

In the order of ISO 14044:2006, 4.3.4.2 (GB/T 24044): first what belongs to one product alone, then a physical relation,
then another one such as the price. Everything in decimals: shares are 1 in all, and what is split adds up again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Context, Decimal

from lake.errors import NengtanError
from methods.footprint.exact import summed
from methods.footprint.system import Flows, Interventions

#: What shares are stated to; a split keeps so many digits behind those of the amount.
SHARE = Decimal("0.000000000001")
_MORE = 12
_WIDE = Context(prec=80)

Amounts = Mapping[str, Decimal]


@dataclass(frozen=True)
class Process:
    """A process: what comes out, goes in (amounts above zero) and is emitted, all of one period."""

    process: str
    outputs: Amounts
    inputs: Amounts = field(default_factory=dict)
    emissions: Amounts = field(default_factory=dict)


@dataclass(frozen=True)
class CutOff:
    """An input that was left out: at the cut it carries nothing, by rule or because it is small."""

    process: str
    product: str
    amount: Decimal


def shares(outputs: Amounts, keys: Amounts | None = None) -> dict[str, Decimal]:
    """Return the share of each output by its amount times its key (mass, energy or price per unit); they are 1 in all.

    Without keys by the amounts themselves, which must then be of one unit. To twelve digits, by the largest remainder.
    Raises NengtanError for an output without a key, one below zero, or nothing to allocate by.
    """
    without = sorted(set(outputs) - set(outputs if keys is None else keys))
    if without:
        raise NengtanError(f"footprint: {without[0]} has no key to allocate by")
    values = {name: _WIDE.multiply(outputs[name], Decimal(1) if keys is None else keys[name]) for name in outputs}
    below = sorted(name for name, value in values.items() if not value.is_finite() or value < 0)
    if below:
        raise NengtanError(f"footprint: {below[0]} cannot be allocated to by {values[below[0]]}, which is below zero")
    whole = summed(list(values.values()))
    if not whole:
        raise NengtanError(f"footprint: {', '.join(sorted(outputs)) or 'no output'} cannot be allocated to by nothing")
    exact = {name: _WIDE.divide(value, whole) for name, value in values.items()}
    return _whole(exact, Decimal(1), SHARE)


def told(given: Amounts) -> dict[str, Decimal]:
    """Return shares that the site has stated; raises NengtanError where they are not 1 in all or one is below zero."""
    whole = summed(list(given.values()))
    if whole != 1 or any(share < 0 for share in given.values()):
        raise NengtanError(f"footprint: the shares of {', '.join(sorted(given))} are {whole} in all, not 1")
    return dict(given)


def split(amount: Decimal, parts: Amounts) -> dict[str, Decimal]:
    """Return the part of each share; they add up to the amount, to the last digit."""
    exact = {name: _WIDE.multiply(amount, share) for name, share in parts.items()}
    exponent = amount.as_tuple().exponent
    behind = exponent if isinstance(exponent, int) else 0
    return _whole(exact, amount, Decimal(1).scaleb(min(behind, 0) - _MORE))


def allocated(process: Process, parts: Amounts, own: Mapping[str, str] | None = None) -> list[Process]:
    """Return one process for each output, "<process> of <output>", with its share of every input and emission.

    own: inputs and emissions that belong to one output alone (subdivision). An output with a share of 0 comes free of
    burden. Raises NengtanError where shares and outputs are not the same.
    """
    if set(parts) != set(process.outputs):
        odd = sorted(set(parts) ^ set(process.outputs))
        raise NengtanError(f"footprint: {odd[0]} of {process.process} stands in its outputs or its shares alone")
    odd = sorted(set((own or {}).values()) - set(process.outputs))
    if odd:
        raise NengtanError(f"footprint: {process.process} has flows of {odd[0]}, which it does not make")
    inputs, emissions = (_apart(amounts, parts, own or {}) for amounts in (process.inputs, process.emissions))
    return [
        Process(f"{process.process} of {name}", {name: amount}, inputs[name], emissions[name])
        for name, amount in process.outputs.items()
    ]


def substituted(process: Process, main: str) -> Process:
    """Return the process run for its main output; the others are credits for what is not made elsewhere.

    System expansion by substitution: another process of the system must make each of them.
    """
    if main not in process.outputs:
        raise NengtanError(f"footprint: {process.process} does not make {main}")
    others = {name: -amount for name, amount in process.outputs.items() if name != main}
    inputs = {name: process.inputs.get(name, Decimal(0)) + others.get(name, Decimal(0)) for name in process.inputs}
    return replace(process, outputs={main: process.outputs[main]}, inputs={**others, **inputs})


def cut_off(process: Process, products: Collection[str]) -> tuple[Process, list[CutOff]]:
    """Return the process without the inputs named, and what was left out: recycled content, small flows."""
    left = [CutOff(process.process, name, amount) for name, amount in process.inputs.items() if name in products]
    kept = {name: amount for name, amount in process.inputs.items() if name not in products}
    return replace(process, inputs=kept), left


def columns(processes: Iterable[Process]) -> tuple[Flows, Interventions, dict[str, str]]:
    """Return the processes as what a system is built of: flows, interventions, and what each with one output makes."""
    makes: dict[str, str] = {}
    flows: list[tuple[str, str, float]] = []
    effects: list[tuple[str, str, float]] = []
    for one in processes:
        flows += [(one.process, name, float(amount)) for name, amount in one.outputs.items()]
        flows += [(one.process, name, -float(amount)) for name, amount in one.inputs.items()]
        effects += [(one.process, name, float(amount)) for name, amount in one.emissions.items()]
        if len(one.outputs) == 1:
            makes[one.process] = next(iter(one.outputs))
    return Flows.of(flows), Interventions.of(effects), makes


def _apart(amounts: Amounts, parts: Amounts, own: Mapping[str, str]) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {name: {} for name in parts}
    for item, amount in amounts.items():
        portions = {own[item]: amount} if item in own else split(amount, parts)
        for name, portion in portions.items():
            if portion:
                found[name][item] = portion
    return found


def _whole(exact: Amounts, total: Decimal, quantum: Decimal) -> dict[str, Decimal]:
    """Return the parts as multiples of the quantum that are the total, by the largest remainder; ties by name."""
    down = {name: part.quantize(quantum, ROUND_FLOOR, _WIDE) for name, part in exact.items()}
    missing = int(_WIDE.divide(_WIDE.subtract(total, summed(list(down.values()))), quantum))
    lost = sorted(exact, key=lambda name: (_WIDE.subtract(down[name], exact[name]), name))
    for name in lost[:missing]:
        down[name] = _WIDE.add(down[name], quantum)
    return down
