"""Points, contexts and sites for tests, in few words."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion import points
from ingestion.source import Context
from lake.site.load import Site, SiteSettings, SourceSpec

_POINTS = pa.schema(
    [
        pa.field("point_id", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("unit", pa.string()),
        pa.field("register_size", pa.decimal128(18, 6)),
        pa.field("source", pa.string()),
        pa.field("address", pa.string()),
    ]
)


def points_table(addresses: Mapping[str, str | None], source: str = "meter", size: str | None = None) -> pa.Table:
    """Return points.csv with registers in kWh: point id to address."""
    rows = [
        {
            "point_id": point,
            "kind": "register",
            "unit": "kWh",
            "register_size": None if size is None else Decimal(size),
            "source": source,
            "address": address,
        }
        for point, address in addresses.items()
    ]
    return pa.Table.from_pylist(rows, _POINTS)


def context(folder: Path, settings: Mapping[str, Any], addresses: Mapping[str, str | None], **more: Any) -> Context:
    """Return what a connector is given."""
    mine = points.of_source(
        points_table(addresses, size=more.pop("size", None)), "meter", by_id=more.pop("by_id", False)
    )
    return Context("meter", settings, mine, folder, **more)


def site(folder: Path, sources: Mapping[str, Mapping[str, Any]], *tables: pa.Table) -> Site:
    """Return a site of these connections and points."""
    settings = SiteSettings(
        id="park",
        name_zh="园区",
        name_en="Park",
        timezone="Asia/Shanghai",
        currency="CNY",
        grid_region="CN",
        gwp_set="AR5",
        factor_sets={},
        interval_minutes=15,
        language="zh",
        equivalent_basis="supply_side",
        calibration_notice_days=60,
        training_notice_days=30,
    )
    specs = {
        name: SourceSpec(name, given["kind"], {key: value for key, value in given.items() if key != "kind"})
        for name, given in sources.items()
    }
    return Site(folder, settings, {"points": pa.concat_tables(tables)}, specs)
