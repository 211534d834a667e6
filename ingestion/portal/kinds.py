"""What can be entered: each kind of sheet with its columns, which are those of the site's file of the same name."""

from dataclasses import dataclass, replace
from functools import lru_cache

from lake.entries import ANSWERS, READINGS
from lake.site.declared import ColumnSpec, FileSpec, files

#: Filled in by the workflow, not by a person.
_OF_THE_WORKFLOW = ("approved_by", "approved_on")


@dataclass(frozen=True)
class Kind:
    """One kind of sheet; `spec` is what its rows must meet."""

    name: str
    zh: str
    en: str
    spec: FileSpec
    is_monthly: bool = True  # whether people fill in one sheet of it each month

    @property
    def uploaded(self) -> list[ColumnSpec]:
        """The columns of a workbook, which may hold several organisations and months."""
        return list(self.spec.columns.values())

    @property
    def typed(self) -> list[ColumnSpec]:
        """The columns of a page, whose organisation and month are given."""
        return [column for column in self.uploaded if column.name not in ("organization_id", "month")]

    @property
    def has_voucher(self) -> bool:
        """Whether a row can rest on an attached document."""
        return "voucher" in self.spec.columns


@lru_cache
def kinds() -> dict[str, Kind]:
    """Return every kind by name, in the order of the pages."""
    known = files()
    found = {
        name: Kind(name, zh, en, _entered(known[name]))
        for name, zh, en in (
            ("production", "产量", "Production"),
            ("finance", "产值与增加值", "Output value and value added"),
            ("activity", "活动水平", "Activity data"),
            ("stock", "购入与库存", "Purchases and stock"),
            ("lab_results", "化验结果", "Laboratory results"),
            ("allowances", "配额交易", "Allowance transactions"),
            ("credits", "减排量交易", "Credit transactions"),
        )
    }
    told = Kind(ANSWERS, "供应商产品碳足迹", "Footprints told by suppliers", _entered(known[ANSWERS]), is_monthly=False)
    return {**found, READINGS: Kind(READINGS, "手工抄表", "Meters read by hand", _readings()), ANSWERS: told}


def monthly() -> dict[str, Kind]:
    """Return the kinds of which people fill in a sheet each month."""
    return {name: kind for name, kind in kinds().items() if kind.is_monthly}


def _entered(spec: FileSpec) -> FileSpec:
    """Return the file's columns as they are entered: an organisation is named, the workflow's columns are not."""
    columns = {name: column for name, column in spec.columns.items() if name not in _OF_THE_WORKFLOW}
    columns["organization_id"] = replace(columns["organization_id"], required=True)
    return replace(spec, columns=columns)


def _readings() -> FileSpec:
    columns = (
        ColumnSpec("point_id", "text", True, references="points.point_id", zh="测点编码", en="Measured point"),
        ColumnSpec("reading_at", "instant", True, zh="抄表时刻", en="When it was read"),
        ColumnSpec(
            "value", "decimal", True, decimals=9, zh="示数（不乘倍率）", en="What the meter shows, not multiplied"
        ),
    )
    return FileSpec(
        READINGS, "手工抄表", "Meters read by hand", {one.name: one for one in columns}, key=("point_id", "reading_at")
    )
