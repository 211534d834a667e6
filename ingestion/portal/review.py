"""The review rules of the site: what a submitted sheet is looked at with before a person reviews it.

Pure: amounts in, doubts out. A doubt is no fault: it is explained by a person, or the sheet is sent back and mended.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingestion.portal.opening import earlier

Row = Mapping[str, Any]
#: What names the line of a sheet from month to month, and the column that is looked at.
_SUBJECT = ("product_id", "item", "property", "point_id")


@dataclass(frozen=True)
class Doubt:
    """One line, or the sheet as a whole (line 0), that a rule doubts."""

    rule_id: str
    line: int
    subject: str
    message_zh: str
    message_en: str

    @property
    def doubt_id(self) -> str:
        """The same for the same doubt about the same line of a version."""
        return hashlib.sha256(f"{self.rule_id}/{self.subject}/{self.message_en}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Looked:
    """A sheet that is looked at: its typed rows, and what the same sheet said in an earlier month."""

    kind: str
    month: str
    rows: Sequence[Row]
    of_month: Callable[[str], Sequence[Row]]


def doubts(sheet: Looked, rules: Sequence[Row]) -> list[Doubt]:
    """Return what the rules doubt, each once."""
    found: dict[str, Doubt] = {}
    for rule in rules:
        for doubt in _CHECKS[str(rule["check"])](sheet, rule):
            found.setdefault(doubt.doubt_id, doubt)
    return sorted(found.values(), key=lambda doubt: (doubt.line, doubt.rule_id, doubt.doubt_id))


def amount(row: Row) -> Decimal | None:
    """Return the amount of a row that rules look at: quantity, value, or what the stock says was used."""
    if "closing" in row:
        parts = [row[name] for name in ("opening", "purchased", "sold", "closing")]
        if any(part is None for part in parts):
            return None
        opening, purchased, sold, closing = parts
        return Decimal(opening + purchased - sold - closing)
    value = row.get("quantity") if "quantity" in row and "sample_id" not in row else row.get("value")
    return value if isinstance(value, Decimal) else None


def subject_of(row: Row) -> str:
    """Return what a row is about."""
    return "/".join(str(row[name]) for name in ("material", *_SUBJECT) if row.get(name))


def _matches(row: Row, rule: Row) -> bool:
    return rule["subject"] is None or any(row.get(name) == rule["subject"] for name in ("material", *_SUBJECT))


def _line(row: Row) -> tuple[str, str, str]:
    """Return what a line is known by from month to month."""
    return str(row.get("energy_unit_id") or ""), subject_of(row), str(row.get("purpose") or "")


def _seen(sheet: Looked, rule: Row) -> Iterator[tuple[int, Row, Decimal]]:
    for line, row in enumerate(sheet.rows, start=1):
        value = amount(row)
        if value is not None and _matches(row, rule):
            yield line, row, value


def _range(sheet: Looked, rule: Row) -> Iterator[Doubt]:
    low, high, unit = rule["minimum"], rule["maximum"], rule["unit"]
    for line, row, value in _seen(sheet, rule):
        if unit is not None and row.get("unit") is not None and row["unit"] != unit:
            zh = f"单位是 {row['unit']}，规则按 {unit} 判断"
            yield _doubt(rule, line, row, zh, f"is in {row['unit']}, the rule judges in {unit}")
        elif (low is not None and value < low) or (high is not None and value > high):
            bounds = f"{plain(low)} … {plain(high)}"
            yield _doubt(
                rule, line, row, f"{plain(value)} 超出合理范围 {bounds}", f"{plain(value)} is outside {bounds}"
            )


def _against(months: int, zh: str, en: str) -> Callable[[Looked, Row], Iterator[Doubt]]:
    def check(sheet: Looked, rule: Row) -> Iterator[Doubt]:
        before = {_line(row): (amount(row), row.get("unit")) for row in sheet.of_month(earlier(sheet.month, months))}
        for line, row, value in _seen(sheet, rule):
            base, unit = before.get(_line(row), (None, None))
            if base is None or unit != row.get("unit") or abs(value - base) <= rule["ratio"] * abs(base):
                continue
            told = f"{plain(base)} → {plain(value)}"
            change = f" ({(value - base) / abs(base):+.0%})" if base else ""
            yield _doubt(rule, line, row, f"{zh}变化过大：{told}{change}", f"differs much from {en}: {told}{change}")

    return check


def _balance(sheet: Looked, rule: Row) -> Iterator[Doubt]:
    """Look at whether the parts add up to the whole, where all are given in one unit."""
    parts = [part.strip() for part in str(rule["parts"]).split(";")]
    whole = [(line, row, value) for line, row, value in _seen(sheet, rule)]
    held = [(row, amount(row)) for row in sheet.rows if subject_of(row).rpartition("/")[2] in parts]
    values = [value for _, value in held if value is not None]
    if not whole or not values:
        return
    line, first, _ = whole[0]
    if len({row.get("unit") for _, row, _ in whole} | {row.get("unit") for row, _ in held}) > 1:
        yield _doubt(rule, line, first, "与组成部分单位不同，无法核对", "and its parts are in different units")
        return
    total, summed = sum((value for _, _, value in whole), Decimal(0)), sum(values, Decimal(0))
    if abs(total - summed) > rule["ratio"] * abs(total):
        told = f"{plain(total)} ≠ {plain(summed)}"
        yield _doubt(rule, line, first, f"与组成部分之和不符：{told}", f"is not the sum of its parts: {told}")


def _stock(sheet: Looked, rule: Row) -> Iterator[Doubt]:
    """Look at whether a stock begins as it ended, and nothing was used that was not there."""
    before = {_line(row): (row.get("closing"), row.get("unit")) for row in sheet.of_month(earlier(sheet.month))}
    for line, row, used in _seen(sheet, rule):
        if "closing" not in row:
            continue
        if used < 0:
            zh = f"消耗量为负（{plain(used)}）：期末库存多于期初、购入与外销之差"
            yield _doubt(rule, line, row, zh, f"uses less than nothing ({plain(used)}): the closing stock is too large")
        closing, unit = before.get(_line(row), (None, None))
        if closing is not None and unit == row["unit"] and abs(row["opening"] - closing) > rule["ratio"] * abs(closing):
            told = f"{plain(closing)} → {plain(row['opening'])}"
            yield _doubt(
                rule, line, row, f"期初库存与上月期末不符：{told}", f"does not begin as last month ended: {told}"
            )


def _doubt(rule: Row, line: int, row: Row, zh: str, en: str) -> Doubt:
    subject = subject_of(row)
    return Doubt(str(rule["rule_id"]), line, subject, f"{subject} {zh}", f"{subject} {en}")


def plain(value: Decimal | None) -> str:
    """Return a number as people write it."""
    if value is None:
        return "–"
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


_CHECKS: dict[str, Callable[[Looked, Row], Iterator[Doubt]]] = {
    "range": _range,
    "step": _against(1, "环比上月", "the month before"),
    "year_on_year": _against(12, "同比上年同月", "the same month of the year before"),
    "balance": _balance,
    "stock": _stock,
}
