"""The figures as a table to read, in Chinese and English."""

from collections.abc import Mapping
from unicodedata import east_asian_width

from bench.faults.cases import FAULTS

_NAMES = {
    "outage_catchup": "断采后追上 outage, caught up",
    "outage_backfilled": "断采后补采 outage, back-filled",
    "glitch_up": "向上跳数 glitch up",
    "glitch_down": "向下跳数 glitch down",
    "rollover": "表底归零翻转 roll-over",
    "reset": "清零（有表底）reset",
    "exchange": "换表（有表底）exchange",
    "duplicates": "重复上送 duplicates",
    "ct_change": "变比更换（有表底）ratio change",
    "clock_jump": "表钟跳变 clock jump",
    "reset_without_registers": "清零（无表底）reset, no registers",
    "exchange_without_registers": "换表（无表底）exchange, no registers",
    "ct_change_without_registers": "变比更换（无表底）ratio change, no registers",
    "stuck_register": "表底停走 stuck register",
    "unknowable_loss": "不可知损失 unknowable loss",
    "clean": "无故障 no fault",
    "out_of_service": "拆表停用 meter away",
}
_COLUMNS = {
    "energy_error_ratio": "月电量误差 energy error of the month",
    "cost_error_ratio": "电费误差 cost error",
    "unlabelled_intervals": "未标注区间 unlabelled",
    "outside_range": "越出区间 outside range",
}


def lines(figures: Mapping[str, float]) -> list[str]:
    """Return the table; ratios as percentages, `-` where a fault has no such figure."""
    rows = [["故障 fault", *_COLUMNS.values()]]
    for fault in (fault for fault in FAULTS if f"faults.{fault}.energy_error_ratio" in figures):
        rows.append([_NAMES[fault], *(_cell(figures.get(f"faults.{fault}.{column}"), column) for column in _COLUMNS)])
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [_row(row, widths) for row in rows]


def _row(cells: list[str], widths: list[int]) -> str:
    padded = zip(cells, widths, strict=True)
    return "  ".join(_padded(text, width, right=place > 0) for place, (text, width) in enumerate(padded))


def _cell(figure: float | None, column: str) -> str:
    if figure is None:
        return "-"
    return f"{figure * 100:.5f} %" if column.endswith("_ratio") else f"{figure:,.0f}"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if right else text + blank
