"""A footprint from what a supplier says of energy, materials, journeys and process; each line with its factor. Pure.

Direct emissions (combustion, process) are the supplier's own data; what was bought is reckoned with the library's or a
stated factor and counts as secondary. All of it is told as fossil: nothing else was asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ingestion.portal.footprint_factors import Factor, Factors
from ingestion.portal.questionnaire import CARRIER_NAMES, ENERGY, JOURNEY_NAMES, JOURNEYS, MATERIALS
from lake.errors import NengtanError
from lake.units import conversion

_PLACES = Decimal("0.000001")
#: Kinds of lines that the supplier measured itself.
_OWN = ("burnt", "process")
Said = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of the reckoning; `kgco2e` is None where a factor lacks, `is_own` where the supplier measured it."""

    kind: str
    zh: str
    en: str
    quantity: Decimal
    unit: str
    factor: Decimal | None
    factor_id: str
    kgco2e: Decimal | None
    is_own: bool = False
    cell: str = ""


@dataclass(frozen=True)
class Reckoned:
    """The lines, and per unit of output the sum of them; `faults` are (question, what is wrong)."""

    lines: list[Line]
    footprint: Decimal | None
    own_share: Decimal | None
    faults: list[tuple[str, str]]


def reckon(said: Said, factors: Factors) -> Reckoned:
    """Reckon the footprint of one unit of output from typed answers."""
    faults = list(_incomplete(said))
    lines = [*_energy(said, factors), *_materials(said), *_journeys(said, factors), *_process(said)]
    faults += [
        (line.cell, f"{line.en} has no factor in the library, {_INSTEAD}") for line in lines if line.factor is None
    ]
    if not lines:
        faults.append(("e1_carrier", "is empty, a footprint needs energy, materials, journeys or process emissions"))
    output = said["output_quantity"]
    if faults or not output:
        return Reckoned(lines, None, None, faults)
    total = sum((line.kgco2e for line in lines if line.kgco2e is not None), Decimal(0))
    own = sum((line.kgco2e for line in lines if line.is_own and line.kgco2e is not None), Decimal(0))
    share = said["own_share"] if said["own_share"] is not None else Decimal(1)
    return Reckoned(lines, _rounded(total * share / output), _rounded(own / total) if total else None, [])


_INSTEAD = "leave it out and say so in the remarks, or give your own result"


def _incomplete(said: Said) -> Iterator[tuple[str, str]]:
    """Yield what a line needs beside what it says."""
    for name in ("output_quantity", "output_unit"):
        if said[name] is None:
            yield name, "is empty, a footprint is reckoned for a unit of output"
    groups = (
        [(f"e{line}", ("carrier", "quantity", "unit")) for line in range(1, ENERGY + 1)]
        + [(f"m{line}", ("name", "quantity", "unit", "kgco2e", "source")) for line in range(1, MATERIALS + 1)]
        + [(f"t{line}", ("way", "mass_t", "km")) for line in range(1, JOURNEYS + 1)]
    )
    for stem, names in groups:
        given = [name for name in names if said[f"{stem}_{name}"] is not None]
        for name in names if given else ():
            if name not in given:
                yield f"{stem}_{name}", f"is empty, {stem}_{given[0]} is given and needs it"
    if said["process_kgco2e"] is not None and said["process_note"] is None:
        yield "process_note", "is empty, process_kgco2e is given and needs it"


def _energy(said: Said, factors: Factors) -> Iterator[Line]:
    for number in range(1, ENERGY + 1):
        cell = f"e{number}_carrier"
        carrier, quantity, unit = (said[f"e{number}_{name}"] for name in ("carrier", "quantity", "unit"))
        if None in (carrier, quantity, unit):
            continue
        zh, en = CARRIER_NAMES[carrier]
        if carrier.startswith("electricity_"):
            year = (said["reference_last"] or said["reference_first"]).year
            yield _line("electricity", (zh, en), (quantity, unit), factors.of_electricity(carrier, year), cell)
            continue
        yield _line("burnt", (zh, en), (quantity, unit), factors.burnt.get(carrier), cell)
        supplied = (f"{zh}（上游）", f"{en}, upstream")
        yield _line("upstream", supplied, (quantity, unit), factors.upstream.get(carrier), cell)


def _materials(said: Said) -> Iterator[Line]:
    for number in range(1, MATERIALS + 1):
        stem = f"m{number}"
        name, quantity, unit, value = (said[f"{stem}_{one}"] for one in ("name", "quantity", "unit", "kgco2e"))
        if None not in (name, quantity, unit, value):
            factor = Factor(said[f"{stem}_source"] or "", unit, value)
            yield _line("material", (name, name), (quantity, unit), factor, f"{stem}_name")


def _journeys(said: Said, factors: Factors) -> Iterator[Line]:
    for number in range(1, JOURNEYS + 1):
        way, mass, far = (said[f"t{number}_{name}"] for name in ("way", "mass_t", "km"))
        if None in (way, mass, far):
            continue
        yield _line("journey", JOURNEY_NAMES[way], (mass * far, "tkm"), factors.freight.get(way), f"t{number}_way")


def _process(said: Said) -> Iterator[Line]:
    if said["process_kgco2e"] is not None:
        factor = Factor(said["process_note"] or "", "kgCO2e", Decimal(1))
        amount = (said["process_kgco2e"], "kgCO2e")
        yield _line("process", ("过程排放", "Process"), amount, factor, "process_kgco2e")


def _line(kind: str, names: tuple[str, str], amount: tuple[Decimal, str], factor: Factor | None, cell: str) -> Line:
    (zh, en), (quantity, unit), is_own = names, amount, kind in _OWN
    try:
        scale = conversion(unit, factor.unit) if factor else None
    except NengtanError:  # told in a unit that the factor is not for
        factor = scale = None
    if factor is None or scale is None:
        return Line(kind, zh, en, quantity, unit, None, "", None, is_own, cell)
    value = factor.kgco2e * scale.numerator / scale.denominator
    return Line(kind, zh, en, quantity, unit, value, factor.factor_id, _rounded(quantity * value), is_own, cell)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES, ROUND_HALF_EVEN)
