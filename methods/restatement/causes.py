"""The causes of a restatement in the order of the bridge, in the words of both languages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

LATE, READING, ENTRY, SITE = "late_data", "corrected_reading", "corrected_entry", "site_data"
BOUNDARY, METHOD, FACTOR, POTENTIAL = "boundary", "method", "factor", "warming_potential"
#: What no input that was looked at explains; a bridge says so and does not hide it in another part.
UNEXPLAINED = "unexplained"
#: First what happened, then who it belongs to, then how it is valued: each part at what the parts before it left.
ORDER = (LATE, READING, ENTRY, SITE, BOUNDARY, METHOD, FACTOR, POTENTIAL, UNEXPLAINED)
NAMES = {
    LATE: ("迟到数据", "Late data"),
    READING: ("更正读数", "Corrected reading"),
    ENTRY: ("更正填报", "Corrected entry"),
    SITE: ("计量台账", "Meters and points"),
    BOUNDARY: ("边界", "Boundary"),
    METHOD: ("方法", "Method"),
    FACTOR: ("因子", "Factor"),
    POTENTIAL: ("温室效应潜势", "Warming potential"),
    UNEXPLAINED: ("未归因", "Unexplained"),
}
_REASONS = {
    LATE: ("{rows}条数据在原数发布之后才到：{subjects}", "{rows} rows came after the old figure: {subjects}"),
    READING: ("{rows}条读数被更正：{subjects}", "{rows} readings were corrected: {subjects}"),
    ENTRY: ("{rows}行填报被更正：{subjects}", "{rows} declared rows were corrected: {subjects}"),
    SITE: (
        "测点、计量器具或其事件的资料变更：{subjects}",
        "Rows of points, meters or their events changed: {subjects}",
    ),
    BOUNDARY: ("单位、用能单元或分摊变更：{subjects}", "Organisations, units or allocations changed: {subjects}"),
    METHOD: ("条款、指南或程序变更：{subjects}", "Clause, guideline or code changed: {subjects}"),
    FACTOR: ("因子变更：{subjects}", "Factors changed: {subjects}"),
    POTENTIAL: ("温室效应潜势变更：{subjects}", "Warming potentials changed: {subjects}"),
    UNEXPLAINED: ("所查输入均未变更：{subjects}", "No input that was looked at changed: {subjects}"),
}
_SHOWN = 5


@dataclass(frozen=True)
class Part:
    """One cause's share of a change.

    `interaction` is how much of it is there only because something else moved too; `subjects` and `rows`: what moved.
    """

    change: Decimal = Decimal(0)
    interaction: Decimal = Decimal(0)
    subjects: frozenset[str] = frozenset()
    rows: int = 0

    def __add__(self, other: "Part") -> "Part":
        """Return both together; rows are those of different subjects and add up."""
        return Part(
            self.change + other.change,
            self.interaction + other.interaction,
            self.subjects | other.subjects,
            max(self.rows, other.rows) if self.subjects & other.subjects else self.rows + other.rows,
        )


@dataclass
class Parts:
    """The parts of a change by cause."""

    by_cause: dict[str, Part] = field(default_factory=dict)

    def add(self, cause: str, part: Part) -> None:
        """Add a part to its cause."""
        self.by_cause[cause] = self.by_cause.get(cause, Part()) + part

    def take(self, others: Iterable["Parts"]) -> "Parts":
        """Add other parts, cause by cause, and return the sum."""
        for other in others:
            for cause, part in other.by_cause.items():
                self.add(cause, part)
        return self

    @property
    def total(self) -> Decimal:
        """What the parts add up to."""
        return sum((part.change for part in self.by_cause.values()), Decimal(0))

    def in_order(self) -> list[tuple[str, Part]]:
        """Return the parts that are something, in the order of the bridge."""
        return [
            (cause, self.by_cause[cause])
            for cause in ORDER
            if cause in self.by_cause and (self.by_cause[cause].change or self.by_cause[cause].interaction)
        ]


def reason(cause: str, part: Part, language: int) -> str:
    """Return one sentence on what moved, in Chinese (0) or English (1)."""
    names = sorted(part.subjects)
    more = ("等", " and others")[language] if len(names) > _SHOWN else ""
    listed = ("、", ", ")[language].join(names[:_SHOWN]) + more
    text = _REASONS[cause][language].format(rows=part.rows, subjects=listed)
    return text if listed else text.rstrip(": ：").removesuffix(":")
