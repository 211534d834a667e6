"""Process detail of a footprint, as an extension of the data model: what each process adds, by gas and kind of carbon.

A customer gets it by agreement only (customer_grants.csv: detail process). Suppliers and single inputs are not named:
they are others' affair.
"""

from decimal import Decimal
from typing import Any

from exchange.footprints import wire
from exchange.footprints.record import Footprint
from exchange.footprints.units import PACT

#: Where the schema of the extension is, below the host's address.
PATH = "/extensions/process-detail/1.0.0/schema.json"
#: What names the schema where the host has no address that partners know.
_NAME = "urn:nengtan:extension:process-detail:1.0.0"
_SPECIFICATION = "2.0.0"  # of data model extensions
_KEYS = ("process", "stage", "gas", "kindOfCarbon")
_TEXT: dict[str, Any] = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Process detail of a product footprint",
    "description": "kgCO2e per declared unit; the parts sum to pcfExcludingBiogenicUptake",
    "type": "object",
    "required": ["contributions"],
    "properties": {
        "contributions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["stage", "kindOfCarbon", "contribution", "primaryContribution"],
                "properties": {
                    "process": _TEXT,
                    "stage": _TEXT,
                    "gas": _TEXT,
                    "kindOfCarbon": _TEXT,
                    "contribution": _TEXT,
                    "primaryContribution": {**_TEXT, "description": "The part that rests on primary data"},
                },
            },
        }
    },
}


def extension(record: Footprint, address: str) -> dict[str, Any]:
    """Return the extension of a record; `address` is the base that the host is known by, empty where it has none."""
    return {
        "specVersion": _SPECIFICATION,
        "dataSchema": f"{address}{PATH}" if address else _NAME,
        "data": {"contributions": _contributions(record)},
    }


def _contributions(record: Footprint) -> list[dict[str, str]]:
    size = PACT[record.product.unit][1]
    sums: dict[tuple[str, ...], tuple[Decimal, Decimal]] = {}
    for one in record.contributions:
        key = (one.process_id or "", one.stage, one.gas or "", one.kind_of_carbon)
        total, primary = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = (total + one.contribution, primary + (one.contribution if one.is_primary else 0))
    found = []
    for keys, (amount, primary_amount) in sorted(sums.items()):
        named = {name: value for name, value in zip(_KEYS, keys, strict=True) if value}
        told = {"contribution": wire.text(amount / size), "primaryContribution": wire.text(primary_amount / size)}
        found.append({**named, **told})
    return found
