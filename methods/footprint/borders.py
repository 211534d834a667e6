"""What an entity sees of a footprint where its neighbours begin: what they supply, and nothing of how they make it.

A product may rest on processes of other entities of the site. Each of these has its own product's footprint to tell
of; in the rows of the buyer all that happens at them is one part for each stage, kind of carbon and quality of data.
The footprint stays the sum of its printed parts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from methods.footprint import quality, tables
from methods.footprint.inventory import Inventory, Missing, past
from methods.footprint.quality import ONE, ZERO

Row = Mapping[str, Any]
NEIGHBOURS = "neighbours"
_NAMES = ("园区内其他单位的供应", "Supply by other entities of the site")
_MISSING = ("供应单位的资料不全", "data of an entity that supplies it are not complete")
#: What parts of one line have in common; what differs is added up, or its mean is told.
_ALIKE = ("stage", "kind_of_carbon", "factor_confidence", "is_primary", "is_packaging", "is_outbound")
_WORDED = ("stage_name_zh", "stage_name_en", "kind_of_carbon_name_zh", "kind_of_carbon_name_en", "is_recalled")
_SUMMED = ("contribution_kgco2e", "beside_kgco2e")
_DOCUMENT = ("source", "source_version")


def foreign(processes: Mapping[str, Row], owners: frozenset[str]) -> frozenset[str]:
    """Return the processes that none of these entities runs; one that says nobody is nobody's secret."""
    return frozenset(name for name, row in processes.items() if row.get("organization_id") not in {None, *owners})


def columns(found: Inventory, closed: frozenset[str]) -> set[str]:
    """Return the names that closed processes have in the system: one for each product, and one past its gate."""
    made = [one for one in found.made.values() if one.process in closed]
    return {f"{one.process}>{one.product}" for one in made} | {past(one.product) for one in made}


def folded(parts: Sequence[dict[str, Any]], product: Row, process: Row, closed: frozenset[str]) -> list[dict[str, Any]]:
    """Return the parts of a footprint with those of closed processes added up; `process`: columns of the own one."""
    own = [part for part in parts if part["process_id"] not in closed]
    together: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for part in parts:
        if part["process_id"] in closed:
            together[_key(part)].append(part)
    keyed = sorted(together.items(), key=lambda one: tuple(map(str, one[0])))
    return own + [_line(number, key, mine, (product, process)) for number, (key, mine) in enumerate(keyed, 1)]


def said(missing: Missing, closed: frozenset[str], process: str) -> Missing:
    """Return what is missing as the buyer is told it: of a neighbour that something is, not what."""
    return Missing(process, *_MISSING) if missing.process in closed else missing


def _key(part: Row) -> tuple[Any, ...]:
    document = (None, None) if part["is_primary"] else tuple(part[name] for name in _DOCUMENT)
    is_rated = all(part[f"dqr_{aspect}"] is not None for aspect in quality.ASPECTS)
    amount = part["contribution_kgco2e"] + part["beside_kgco2e"]
    return *(part[name] for name in _ALIKE), *document, is_rated, amount < 0


def _line(number: int, key: tuple[Any, ...], parts: Sequence[Row], of: tuple[Row, Row]) -> dict[str, Any]:
    product, process = of
    sums = {name: sum((part[name] for part in parts), ZERO) for name in _SUMMED}
    shares = [part["share_ratio"] for part in parts]
    judged = [_judged(part) for part in parts]
    code = f"{NEIGHBOURS}/{number}"
    return {
        **dict(zip(_ALIKE, key, strict=False)),
        **{name: parts[0][name] for name in _WORDED},
        **dict(zip(_DOCUMENT, key[len(_ALIKE) :], strict=False)),
        **process,
        **sums,
        "contributor": code,
        "contributor_name_zh": _NAMES[0],
        "contributor_name_en": _NAMES[1],
        "contributor_kind": "neighbour",
        "contributor_kind_name_zh": tables.CONTRIBUTOR_KINDS["neighbour"][0],
        "contributor_kind_name_en": tables.CONTRIBUTOR_KINDS["neighbour"][1],
        "exchange_id": NEIGHBOURS,
        "item": NEIGHBOURS,
        "provider_kind": "process",
        "gas": "CO2e",
        "share_ratio": None if None in shares else sum(shares, ZERO),
        "primary_share_ratio": quality.primary_share(judged) if any(part.amount for part in judged) else ONE,
        **{f"dqr_{aspect}": quality.rating(judged, aspect) for aspect in quality.ASPECTS},
        "lineage_id": f"{product['product_id']}/{code}",
    }


def _judged(part: Row) -> quality.Part:
    ratings = {aspect: part[f"dqr_{aspect}"] for aspect in quality.ASPECTS}
    amount: Decimal = part["contribution_kgco2e"] + part["beside_kgco2e"]
    return quality.Part(amount, part["primary_share_ratio"] or ZERO, ratings)
