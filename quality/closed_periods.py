"""Rows of carbon.declared_monthly and carbon.period_closings, and closed months whose figures are others now."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from lake.closings import RESTATE, Act, Declared, Figures, Pair, Standing
from quality.finding import Finding

Row = dict[str, Any]
Names = Mapping[str, Mapping[str, tuple[str, str]]]
KINDS = ("closed_period_differs",)
STATES = {True: ("closed", "已关账", "closed"), False: ("reopened", "已重新打开", "reopened")}
ACTS = {"close": ("关账", "close"), "restate": ("重述", "restate"), "reopen": ("重新打开", "reopen")}
DECISIONS = {"proposed": ("待批准", "waits"), "approved": ("已批准", "approved"), "refused": ("已否决", "refused")}
_OPEN = ("open", "未关账", "open")
BASES = {
    "statutory": ("法定核算", "statutory"),
    "location": ("基于位置", "location-based"),
    "market": ("基于市场", "market-based"),
}
_UTC, _TONNES = pa.timestamp("us", "UTC"), pa.decimal128(18, 6)
DECLARED = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *[pa.field(name, pa.string()) for name in ("organization_id", "organization_name_zh", "organization_name_en")],
        *[pa.field(name, pa.string()) for name in ("basis", "basis_name_zh", "basis_name_en")],
        pa.field("scope", pa.int32()),
        pa.field("source_category", pa.string()),
        *[pa.field(f"source_category_name_{word}", pa.string()) for word in ("zh", "en")],
        *[
            pa.field(name, _TONNES)
            for name in ("declared_tco2e", "first_declared_tco2e", "current_tco2e", "difference_tco2e")
        ],
        *[pa.field(name, pa.string()) for name in ("state", "state_name_zh", "state_name_en")],
        pa.field("is_restated", pa.bool_()),
        pa.field("restated_count", pa.int32()),
        pa.field("closing_id", pa.string()),
        pa.field("closed_at", _UTC),
        pa.field("closed_by", pa.string()),
        pa.field("known_at", _UTC),
        pa.field("publication_number", pa.int64()),
        pa.field("head_number", pa.int64()),
        pa.field("head_root_hash", pa.string()),
    ]
)
STATE = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *[pa.field(name, pa.string()) for name in ("organization_id", "organization_name_zh", "organization_name_en")],
        *[pa.field(name, pa.string()) for name in ("state", "state_name_zh", "state_name_en")],
        pa.field("closed_ratio", pa.decimal128(9, 6)),
        *[pa.field(name, _TONNES) for name in ("declared_tco2e", "current_tco2e", "difference_tco2e")],
        pa.field("is_restated", pa.bool_()),
        pa.field("closing_id", pa.string()),
        pa.field("closed_at", _UTC),
        pa.field("closed_by", pa.string()),
        pa.field("known_at", _UTC),
    ]
)
CLOSINGS = pa.schema(
    [
        *[pa.field(name, pa.string()) for name in ("closing_id", "act", "act_name_zh", "act_name_en")],
        *[pa.field(name, pa.string()) for name in ("organization_id", "organization_name_zh", "organization_name_en")],
        pa.field("period", pa.string()),
        pa.field("month_from", pa.date32()),
        pa.field("month_to", pa.date32()),
        *[pa.field(name, pa.string()) for name in ("state", "state_name_zh", "state_name_en", "proposed_by")],
        pa.field("proposed_at", _UTC),
        pa.field("reason", pa.string()),
        pa.field("decided_by", pa.string()),
        pa.field("decided_at", _UTC),
        pa.field("decision_reason", pa.string()),
        pa.field("publication_number", pa.int64()),
        pa.field("published_at", _UTC),
        pa.field("known_from", _UTC),
        pa.field("head_number", pa.int64()),
        pa.field("head_root_hash", pa.string()),
        pa.field("figures_hash", pa.string()),
        pa.field("total_tco2e", _TONNES),
        pa.field("way", pa.string()),
    ]
)


def declared(known: Standing, now: Figures, names: Names) -> Iterator[Row]:
    """Give what was declared for each category of each month that was ever closed, beside what is known now."""
    for (organization, month), held in sorted(known.months.items(), key=lambda one: one[0]):
        pair = organization, month
        last, first = held.declaring[-1], held.declaring[0]
        then, earliest = _tonnes(last.figures, pair), _tonnes(first.figures, pair)
        current = _tonnes(now, pair)
        state, state_zh, state_en = STATES[held.is_closed]
        for category in sorted({*then, *earliest, *current}):
            basis, scope, source = category
            value, today = then.get(category, Decimal(0)), current.get(category, Decimal(0))
            yield {
                "month": month,
                "organization_id": organization,
                **_pair("organization_name", names["organizations"], organization),
                "basis": basis,
                **_pair("basis_name", BASES, basis),
                "scope": scope,
                "source_category": source,
                **_pair("source_category_name", names["categories"], source),
                "declared_tco2e": value,
                "first_declared_tco2e": earliest.get(category, Decimal(0)),
                "current_tco2e": today,
                "difference_tco2e": today - value,
                **{"state": state, "state_name_zh": state_zh, "state_name_en": state_en},
                **_of_closing(held, last),
            }


def _of_closing(held: Declared, last: Act) -> Row:
    decision = last.decision or {}
    return {
        "is_restated": last.proposal["act"] == RESTATE,
        "restated_count": sum(act.proposal["act"] == RESTATE for act in held.declaring),
        "closing_id": last.closing_id,
        "closed_at": decision.get("at"),
        "closed_by": decision.get("person_id"),
        "known_at": last.proposal["published_at"],
        **{name: decision.get(name) for name in ("publication_number", "head_number", "head_root_hash")},
    }


def states(known: Standing, totals: Mapping[Pair, Decimal | None], names: Names) -> Iterator[Row]:
    """Give the state of every month with emissions; `totals` are the statutory tonnes of this publication."""
    for (organization, month), current in sorted(totals.items(), key=lambda one: one[0]):
        held = known.of(organization, month)
        code, state_zh, state_en = STATES[held.is_closed] if held else _OPEN
        declared = _statutory(_tonnes(held.declaring[-1].figures, (organization, month))) if held else None
        told = _of_closing(held, held.declaring[-1]) if held else {}
        yield {
            "month": month,
            "organization_id": organization,
            **_pair("organization_name", names["organizations"], organization),
            **{"state": code, "state_name_zh": state_zh, "state_name_en": state_en},
            "closed_ratio": Decimal(code == "closed"),
            "declared_tco2e": declared,
            "current_tco2e": current,
            "difference_tco2e": None if declared is None or current is None else current - declared,
            **{name: told.get(name) for name in ("is_restated", "closing_id", "closed_at", "closed_by", "known_at")},
        }


def closings(known: Standing, names: Names) -> Iterator[Row]:
    """Give every act that was proposed, with its decision and the statutory tonnes that it declared."""
    for act in known.acts:
        told, decision = act.proposal, act.decision or {}
        months = sorted({month for _, month in act.figures.pairs})
        yield {
            **{name: told[name] for name in ("closing_id", "act", "organization_id", "period", "reason", "way")},
            **_pair("act_name", ACTS, told["act"]),
            **_pair("organization_name", names["organizations"], told["organization_id"]),
            "month_from": months[0],
            "month_to": months[-1],
            "state": act.state,
            **_pair("state_name", DECISIONS, act.state),
            "proposed_by": told["person_id"],
            "proposed_at": told["at"],
            "decided_by": decision.get("person_id"),
            "decided_at": decision.get("at"),
            "decision_reason": decision.get("reason"),
            **{name: told[name] for name in ("publication_number", "published_at", "known_from", "figures_hash")},
            **{name: (decision or told)[name] for name in ("head_number", "head_root_hash")},
            "total_tco2e": _own_total(act),
        }


def _statutory(lines: Mapping[Any, Decimal]) -> Decimal | None:
    found = [tonnes for (basis, _, _), tonnes in lines.items() if basis == "statutory"]
    return sum(found, Decimal(0)) if found else None


def _own_total(act: Act) -> Decimal | None:
    """Return the statutory total of the entity that the act names: a park has its members in its own figures."""
    found = [
        tonnes
        for (organization, _), lines in act.figures.tonnes.items()
        for (basis, _, _), tonnes in lines.items()
        if organization == act.proposal["organization_id"] and basis == "statutory"
    ]
    return sum(found, Decimal(0)) if found else None


def findings(known: Standing, now: Figures, names: Names) -> Iterator[Finding]:
    """Yield each closed month whose figures are others now than those that were declared."""
    for (organization, month), held in sorted(known.months.items(), key=lambda one: one[0]):
        pair = organization, month
        then, today = _tonnes(held.declaring[-1].figures, pair), _tonnes(now, pair)
        changed = {key for key in {*then, *today} if then.get(key) != today.get(key)}
        if not held.is_closed or not changed:
            continue
        basis = next(name for name in BASES if any(key[0] == name for key in changed))
        old, new = (sum((value for key, value in one.items() if key[0] == basis), Decimal(0)) for one in (then, today))
        name_zh, name_en = names["organizations"].get(organization, (organization, organization))
        basis_zh, basis_en = BASES[basis]
        yield Finding(
            kind=KINDS[0],
            kind_name_zh="已关账期间数据有变",
            kind_name_en="closed period differs",
            severity="high",
            source="periods",
            subject=f"{organization}/{month:%Y-%m}",
            message_zh=f"{name_zh} {month:%Y-%m} 已关账：{basis_zh}申报 {old:,.3f} tCO2e，现为 {new:,.3f}，"
            f"差 {new - old:+,.3f}；请重述或查明原因。",
            message_en=f"{month:%Y-%m} of {name_en} is closed: {basis_en} {old:,.3f} tCO2e declared, {new:,.3f} now, "
            f"{new - old:+,.3f}; restate it, or find out why.",
            evidence={"declared": old, "current": new, "basis": basis, "closing_id": held.act.closing_id},
            organization_id=organization,
            owner=(held.declaring[-1].decision or {}).get("person_id"),
        )


def _tonnes(figures: Figures, pair: Pair) -> Mapping[Any, Decimal]:
    return figures.tonnes.get(pair, {})


def _pair(stem: str, names: Mapping[str, tuple[str, str]], key: str) -> Row:
    zh, en = names.get(key, (key, key))
    return {f"{stem}_zh": zh, f"{stem}_en": en}
