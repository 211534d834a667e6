"""The marts of the energy flow: links and the balance, as rows of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa

from methods.flows import links
from methods.flows.amounts import Amount
from methods.flows.balance import Line
from methods.flows.views import Staged

_TEXT, _AMOUNT = pa.string(), pa.decimal128(18, 6)
Row = dict[str, object]


def _fields(names: Sequence[str], kind: pa.DataType) -> list[pa.Field]:
    return [pa.field(name, kind) for name in names]


_OWNER = ("organization_id", "organization_name_zh", "organization_name_en")
_CARRIER = (
    "carrier",
    "carrier_name_zh",
    "carrier_name_en",
    "carrier_group",
    "carrier_group_name_zh",
    "carrier_group_name_en",
)
_SOURCE = ("source", "source_name_zh", "source_name_en")
_TARGET = ("target", "target_name_zh", "target_name_en")
_DRAWN = ("target_drawn_zh", "target_drawn_en")
_STAGE = ("stage", "stage_name_zh", "stage_name_en")
_ENERGY = ("energy_gj", "energy_tce_calorific", "energy_tce_equivalent")
_MEASURES = ("input", "output", "used", "loss", "imbalance")
_UNITS = ("gj", "tce_calorific", "tce_equivalent")

FLOW_LINKS = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *_fields([*_OWNER, "link_id", *_SOURCE, *_TARGET, *_DRAWN, *_CARRIER, *_STAGE], _TEXT),
        pa.field("quantity", _AMOUNT),
        pa.field("quantity_unit", _TEXT),
        *_fields(_ENERGY, _AMOUNT),
        pa.field("is_measured", pa.bool_(), nullable=False),
    ]
)
BALANCE = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *_fields([*_OWNER, *_STAGE, "node", "node_name_zh", "node_name_en"], _TEXT),
        *_fields(_CARRIER, _TEXT),
        *_fields([f"{measure}_{unit}" for measure in _MEASURES for unit in _UNITS], _AMOUNT),
        pa.field("imbalance_ratio", pa.float64()),
        pa.field("imbalance_limit_ratio", pa.float64()),
        pa.field("is_within_limits", pa.bool_()),
    ]
)

STAGES = {
    "purchase": ("购入与自产", "bought or generated"),
    "recovered": ("回收利用", "recovered"),
    "conversion": ("加工转换", "conversion"),
    "distribution": ("输送分配", "distribution"),
    "end_use": ("终端使用", "end use"),
    "member": ("成员单位", "member"),
    "sale": ("外供", "sold"),
    "loss": ("损失", "loss"),
    "imbalance": ("不平衡", "imbalance"),
}
#: Ends of links that are no place in the plant.
_NOWHERE = {
    links.LOST: ("损失", "Losses"),
    links.UNSEEN: ("未计量用能", "Use without a meter"),
    links.MISSING: ("不平衡（去向不明）", "Imbalance (gone astray)"),
    links.SURPLUS: ("不平衡（来源不明）", "Imbalance (of unknown origin)"),
    links.RECOVERED: ("回收及工艺自产", "Recovered or made in the process"),
    links.BOUGHT: ("外部市场", "Market"),
    links.GENERATED: ("现场发电与直供", "Generated on the spot"),
    links.REST: ("未分摊用能", "Use not allocated"),
    links.USED: ("终端使用", "End use"),
}


@dataclass(frozen=True)
class Names:
    """What things are called in both languages, with the group of a carrier."""

    organizations: Mapping[str, tuple[str, str]]
    nodes: Mapping[str, tuple[str, str]]
    carriers: Mapping[str, Sequence[str]]

    def owner(self, organization: str | None) -> Row:
        """Return the columns of an organisation."""
        return dict(zip(_OWNER, (organization, *self.organizations.get(organization or "", (None, None))), strict=True))

    def node(self, role: str, node: str) -> Row:
        """Return the columns of a node in a role (source, target, node)."""
        zh, en = self.nodes.get(node) or _NOWHERE.get(node) or (node, node)
        return {role: node, f"{role}_name_zh": zh, f"{role}_name_en": en}

    def carrier(self, carrier: str | None) -> Row:
        """Return the columns of a carrier."""
        return dict(zip(_CARRIER, (carrier, *self.carriers.get(carrier or "", (None,) * 5)), strict=True))


def link_rows(month: date, organization: str, found: Sequence[Staged], names: Names) -> list[Row]:
    """Return the rows of one month's links as an organisation sees them; a link of nothing says nothing."""
    return [
        {
            "month": month,
            **names.owner(organization),
            "link_id": staged.link.link_id,
            **names.node("source", staged.link.source),
            **names.node("target", staged.link.target),
            **names.carrier(staged.link.carrier),
            **_stage(staged.stage),
            "quantity": staged.link.amount.quantity,
            "quantity_unit": None if staged.link.amount.quantity is None else staged.link.unit,
            **dict(zip(_ENERGY, _energies(staged.link.amount), strict=True)),
            "is_measured": staged.link.point_id is not None,
        }
        for staged in found
        if staged.link.amount
    ]


def balance_rows(month: date, organization: str, found: Sequence[Line], names: Names) -> list[Row]:
    """Return the rows of one month's balance of an organisation."""
    return [
        {
            "month": month,
            **names.owner(organization),
            **_stage(line.stage),
            **names.node("node", line.node),
            **names.carrier(line.carrier),
            **{
                f"{measure}_{unit}": number
                for measure, amount in zip(
                    _MEASURES, (line.entered, line.left, line.used, line.lost, line.imbalance), strict=True
                )
                for unit, number in zip(_UNITS, _energies(amount), strict=True)
            },
            **_judged(line),
        }
        for line in found
        if line.entered or line.left
    ]


def _judged(line: Line) -> Row:
    gap, entered = abs(float(line.imbalance.energy_gj)), float(line.entered.energy_gj)
    if line.stage != "distribution" or not entered:
        return {"imbalance_ratio": None, "imbalance_limit_ratio": None, "is_within_limits": None}
    return {
        "imbalance_ratio": float(line.imbalance.energy_gj) / entered,
        "imbalance_limit_ratio": None if line.limit_gj is None else line.limit_gj / entered,
        "is_within_limits": None if line.limit_gj is None else gap <= line.limit_gj,
    }


def _stage(stage: str) -> Row:
    zh, en = STAGES[stage]
    return dict(zip(_STAGE, (stage, zh, en), strict=True))


def _energies(amount: Amount) -> tuple[Decimal | None, ...]:
    return amount.energy_gj, amount.tce_calorific, amount.tce_equivalent
