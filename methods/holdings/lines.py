"""The lines of the ledger and what is held at the end of each month, as rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lake.ledger.book import Line
from lake.ledger.kinds import ACCOUNTS, HOLDING, INSTRUMENTS, KINDS, UNITS
from methods.holdings.tables import SOURCES

Row = dict[str, Any]
#: The columns of an organisation's names.
NAMES = ("organization_name_zh", "organization_name_en", "organization_level")
_MONEY = Decimal("0.01")


def ledger(lines: Iterable[Line], names: Mapping[str, Mapping[str, Any]], zone: ZoneInfo) -> Iterator[Row]:
    """Yield a row for each line; what it cost stands on the line of the other side."""
    for line in lines:
        entry, told = line.entry, line.entry.told
        unit = "mwh" if UNITS[entry.instrument] == "MWh" else "t"
        price = told.get("price_cny_per_mwh") if unit == "mwh" else told.get("price_cny_per_t")
        amount = (entry.quantity * price).quantize(_MONEY) if isinstance(price, Decimal) else None
        source = "form" if told.get("entry") else "file"
        yield {
            "transaction_id": entry.transaction_id,
            "line": line.number,
            "organization_id": entry.organization_id,
            **names.get(entry.organization_id, {}),
            "account": line.account,
            **_named("account", ACCOUNTS[line.account]),
            "instrument": entry.instrument,
            **_named("instrument", INSTRUMENTS[entry.instrument]),
            "vintage": line.vintage,
            "project": entry.project,
            f"debit_{unit}": line.debit,
            f"credit_{unit}": line.credit,
            "posted_at": datetime.combine(entry.posted_on, time(), zone),
            "posted_on": entry.posted_on,
            "month": entry.posted_on.replace(day=1),
            "kind": entry.kind,
            **_named("kind", (KINDS[entry.kind].zh, KINDS[entry.kind].en)),
            "compliance_year": told.get("compliance_year"),
            "counterparty": told.get("counterparty"),
            f"price_cny_per_{unit}": price,
            "amount_cny": amount if line.account == "market" else None,
            "serial_from": told.get("serial_from"),
            "serial_to": told.get("serial_to"),
            "reason": told.get("reason"),
            "source": source,
            **_named("source", SOURCES[source]),
            "entry": told.get("entry"),
            "voucher": told.get("voucher"),
            "lineage_id": f"{entry.place[0]}/{entry.organization_id}/{entry.transaction_id}",
        }


def holdings(lines: Sequence[Line], names: Mapping[str, Mapping[str, Any]], as_of: date) -> Iterator[Row]:
    """Yield what is held of each instrument and vintage at the end of each month, up to today in the month of today."""
    moved: dict[tuple[str, str, int | None], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        if line.account == HOLDING and line.entry.posted_on <= as_of:
            stock = (line.entry.organization_id, line.entry.instrument, line.vintage)
            moved[stock][line.entry.posted_on.replace(day=1)] += line.debit - line.credit
    latest = as_of.replace(day=1)
    for (organization, instrument, vintage), by_month in sorted(moved.items(), key=str):
        held = Decimal(0)
        for month in _months(min(by_month), latest):
            held += by_month.get(month, Decimal(0))
            yield {
                "month": month,
                "organization_id": organization,
                **names.get(organization, {}),
                "instrument": instrument,
                **_named("instrument", INSTRUMENTS[instrument]),
                "vintage": vintage,
                "holding_mwh" if UNITS[instrument] == "MWh" else "holding_t": held,
                "is_latest": month == latest,
            }


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _named(column: str, name: tuple[str, str]) -> Row:
    return {f"{column}_name_zh": name[0], f"{column}_name_en": name[1]}
