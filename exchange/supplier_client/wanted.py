"""What is asked of suppliers: the materials that supplier_materials.csv names with the supplier's own product id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Compared:
    """What is known of a material beside the answer: kgCO2e per unit of the material, without a penalty."""

    secondary: Decimal | None = None
    previous: Decimal | None = None


@dataclass(frozen=True)
class Wanted:
    """One material of one supplier for one buyer."""

    supplier_id: str
    organization_id: str
    material: str
    unit: str
    product_identifier: str
    compared: Compared = Compared()


def of_site(
    tables: Mapping[str, pa.Table], today: date, compared: Mapping[Key, Compared] | None = None
) -> Iterator[Wanted]:
    """Yield what may be asked today, in the order of the file; `compared` is by supplier, buyer and material."""
    for row in tables["supplier_materials"].to_pylist():
        if row["product_identifier"] and _is_valid(row, today):
            key = (row["supplier_id"], row["organization_id"], row["material"])
            known = (compared or {}).get(key, Compared())
            yield Wanted(*key, unit=row["unit"], product_identifier=row["product_identifier"], compared=known)


def _is_valid(row: Mapping[str, Any], today: date) -> bool:
    begun, ended = row["valid_from"], row["valid_to"]
    return (begun is None or begun <= today) and (ended is None or today < ended)
