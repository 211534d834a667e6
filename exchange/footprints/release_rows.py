"""Rows of footprint.releases: each release as it stands, beside what is published about the same period now."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from exchange.footprints.identities import valid_period
from exchange.footprints.made import FIGURES
from exchange.footprints.releases import Released
from lake import periods

Row = dict[str, Any]
_UTC, _KG = pa.timestamp("us", "UTC"), pa.decimal128(18, 6)
_DIGITS = Decimal("0.000001")
STATUS = {
    "active": ("有效", "active"),
    "deprecated": ("已被新版取代", "superseded"),
    "withdrawn": ("已撤回", "withdrawn"),
}
RELEASES = pa.schema(
    [
        *[pa.field(name, pa.string(), nullable=False) for name in ("period", "period_kind")],
        *[pa.field(name, pa.date32()) for name in ("period_start_on", "period_end_on")],
        *[pa.field(name, pa.string()) for name in ("organization_id", "organization_name_zh", "organization_name_en")],
        *[pa.field(name, pa.string()) for name in ("product_id", "product_name_zh", "product_name_en")],
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("version", pa.int32(), nullable=False),
        *[pa.field(name, pa.string()) for name in ("status", "status_name_zh", "status_name_en")],
        *[pa.field(name, pa.bool_()) for name in ("is_current", "is_latest")],
        *[pa.field(name, pa.string()) for name in ("preceding", "superseded_by")],
        pa.field("declared_unit", pa.string()),
        pa.field("declared_amount", _KG),
        *[
            pa.field(name, _KG)
            for name in ("footprint_kgco2e", "published_footprint_kgco2e", "difference_kgco2e")
        ],
        pa.field("differs", pa.bool_()),
        pa.field("primary_data_share_ratio", pa.decimal128(9, 6)),
        pa.field("released_at", _UTC),
        *[pa.field(name, pa.string()) for name in ("released_by", "way", "reason")],
        pa.field("withdrawn_at", _UTC),
        *[pa.field(name, pa.string()) for name in ("withdrawn_by", "withdrawal_reason")],
        *[pa.field(name, _UTC) for name in ("valid_from", "valid_to")],
        pa.field("recipients_count", pa.int64()),
        pa.field("publication_number", pa.int64()),
        pa.field("content_hash", pa.string()),
    ]
)  # fmt: skip


def rows(
    known: Sequence[Released], published: Sequence[Mapping[str, Any]], granted: Mapping[str, int]
) -> Iterator[Row]:
    """Yield the rows; `published` are rows of footprint.products, `granted` how many customers may see a product."""
    now = {(row["organization_id"], row["product_id"], row["period"]): row for row in published}
    latest = {(one.organization_id, one.product_id): one.record.record_id for one in known}
    for one in known:
        today = now.get((one.organization_id, one.product_id, one.period))
        is_latest = latest[one.organization_id, one.product_id] == one.record.record_id
        recipients = granted.get(one.product_id, 0) if one.is_current else 0
        yield _row(one, today, is_latest) | {"recipients_count": recipients}


def _row(one: Released, today: Mapping[str, Any] | None, is_latest: bool) -> Row:
    record = one.record
    months = periods.period(one.period).months
    last = periods.next_month(months[-1]) - timedelta(days=1)
    begin, end = valid_period(record)
    status_zh, status_en = STATUS[one.status]
    footprint = record.figures.footprint.quantize(_DIGITS)
    published = today["footprint_kgco2e"] if today and today["is_complete"] else None
    return {
        "period": one.period,
        "period_kind": "year" if periods.period(one.period).is_year else "month",
        **{"period_start_on": months[0], "period_end_on": last},
        "organization_id": one.organization_id,
        **{f"organization_name_{word}": record.company.name.told(word) for word in ("zh", "en")},
        "product_id": one.product_id,
        **{f"product_name_{word}": record.product.name.told(word) for word in ("zh", "en")},
        **{"record_id": record.record_id, "version": record.version},
        **{"status": one.status, "status_name_zh": status_zh, "status_name_en": status_en},
        **{"is_current": one.is_current, "is_latest": is_latest},
        **{"preceding": "; ".join(record.preceding) or None, "superseded_by": one.superseded_by},
        **{"declared_unit": record.product.unit, "declared_amount": record.product.amount.quantize(_DIGITS)},
        **{"footprint_kgco2e": footprint, "published_footprint_kgco2e": published},
        "difference_kgco2e": None if published is None else published - footprint,
        "differs": one.is_current and _differs(one, today),
        "primary_data_share_ratio": record.quality.primary_data_share_ratio,
        **{name: getattr(one, name) for name in ("released_at", "released_by", "way", "reason")},
        **{name: getattr(one, name) for name in ("withdrawn_at", "withdrawn_by", "withdrawal_reason")},
        **{"valid_from": begin, "valid_to": end},
        **{"publication_number": one.publication_number, "content_hash": one.content_hash},
    }


def _differs(one: Released, today: Mapping[str, Any] | None) -> bool:
    """Whether any figure that was released is another now, or no longer there."""
    if not today or not today["is_complete"]:
        return True
    return any(getattr(one.record.figures, own) != today[name] for own, name in FIGURES.items())
