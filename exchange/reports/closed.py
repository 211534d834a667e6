"""Whether the months of a report are closed, and whether what was declared is what is known now."""

from datetime import date
from decimal import Decimal

from exchange.reports.document import Column, Draft
from exchange.reports.figures import Figures
from exchange.reports.units import tonnes
from lake.closings import Declared

_STATES = {
    "open": ("未关账，数据仍可能变化", "open: the figures may still change"),
    "closed": ("已关账，只能通过重述变更", "closed: it changes only by restatement"),
    "partly_closed": ("部分月份已关账", "closed in part"),
    "reopened": ("已重新打开", "opened again"),
}
_ACCOUNT = "statutory"


def state(draft: Draft, figures: Figures) -> str:
    """Return how the period stands."""
    period = figures.period
    return draft.say(*_STATES[figures.standing.state(figures.organization_id, period.first, period.last)])


def remarks(figures: Figures) -> list[tuple[str, str]]:
    """Return what a reader has to know: figures that moved after their month was closed."""
    moved = [
        month
        for month, declared, now in _months(figures)
        if declared.is_closed and _total(figures, declared, month) != now
    ]
    if not moved:
        return []
    names = ", ".join(f"{month:%Y-%m}" for month in moved)
    return [
        (
            f"{names} 已关账，但当前数值与申报值不同、尚未重述（见“期间关账”）；本报告所列为当前数值。",
            f"{names}: closed, but what is known now is not what was declared, and was not restated (see the closed "
            "months). This report prints what is known now.",
        )
    ]


def table(draft: Draft, figures: Figures) -> None:
    """Add the table of the months that were ever closed; a sentence where none was."""
    draft.heading("期间关账", "Closed months")
    found = _months(figures)
    if not found:
        draft.text("报告期内没有月份关过账。", "No month of the period was ever closed.")
        return
    people = {row["person_id"]: figures.name(row, "name") for row in figures.thing("people")}
    states = {True: draft.say("已关账", "closed"), False: draft.say("已重新打开", "opened again")}
    rows = []
    for month, declared, now in found:
        decision = declared.act.decision or {}
        was = _total(figures, declared, month)
        change = None if was is None or now is None else now - was
        person = str(decision.get("person_id"))
        rows.append(
            (
                f"{month:%Y-%m}",
                states[declared.is_closed],
                f"{decision['at']:%Y-%m-%d %H:%M}Z" if "at" in decision else None,
                people.get(person) or person,
                tonnes(was),
                tonnes(now),
                tonnes(change),
            )
        )
    titles = [("月份", "Month"), ("状态", "State"), ("批准时间", "Approved at"), ("批准人", "By")]
    columns = [Column(draft.say(*title)) for title in titles]
    numbers = [("申报值", "Declared"), ("当前值", "Known now"), ("差额", "Difference")]
    columns += [Column(draft.say(*title), "tCO₂e", is_number=True) for title in numbers]
    note = ("申报值与当前值均为法定口径合计。", "Declared and known now: totals of the statutory account.")
    draft.table(("期间关账与申报值", "Closed months and what was declared"), columns, rows, notes=[note])


def restated(draft: Draft, figures: Figures) -> None:
    """Add the restatements of the period, by cause; nothing where no published figure of it ever changed."""
    query = """
        select publication, cause_position, cause_name_zh, cause_name_en, min(month) as first, max(month) as last,
            any_value(published_at) as published_at, sum(change) as change_tco2e
        from evidence.restatements
        where organization_id = $organization and month between $first and $last and mart = 'carbon.emissions_monthly'
            and basis = 'statutory'
        group by publication, cause_position, cause_name_zh, cause_name_en order by publication, cause_position
    """
    found = figures.rows(query) if figures.has("evidence.restatements") else []
    if not found:
        return
    rows = [
        (
            f"{row['publication']} ({row['published_at']:%Y-%m-%d})",
            f"{row['first']:%Y-%m} – {row['last']:%Y-%m}",
            figures.name(row, "cause_name"),
            tonnes(row["change_tco2e"]),
        )
        for row in found
    ]
    titles = [("发布", "Publication"), ("月份", "Months"), ("原因", "Cause")]
    columns = [Column(draft.say(*title)) for title in titles]
    columns.append(Column(draft.say("变化", "Change"), "tCO₂e", is_number=True))
    draft.heading("重述", "Restatements")
    note = (
        "每次发布改变了已结束月份的数值时，各原因的变化之和等于新数减原数（法定口径）。",
        "Where a publication changed figures of months that were over; the parts add up to new less old, statutory.",
    )
    draft.table(("重述（按原因）", "Restatements by cause"), columns, rows, notes=[note])


def _months(figures: Figures) -> list[tuple[date, Declared, Decimal | None]]:
    """Return each month that was ever closed, what holds for it, and its statutory total as it is known now."""
    query = """
        select month, sum(emissions_tco2e) as total_tco2e from carbon.emissions_monthly
        where organization_id = $organization and month between $first and $last and basis = 'statutory' group by month
    """
    known = {row["month"]: row["total_tco2e"] for row in figures.rows(query)}
    found = [(month, figures.standing.of(figures.organization_id, month)) for month in figures.period.months]
    return [(month, declared, known.get(month)) for month, declared in found if declared is not None]


def _total(figures: Figures, declared: Declared, month: date) -> Decimal | None:
    """Return what was declared last of a month, on the statutory account."""
    if not declared.declaring:
        return None
    found = declared.declaring[-1].figures.tonnes.get((figures.organization_id, month), {})
    return sum((value for (account, *_), value in found.items() if account == _ACCOUNT), Decimal(0))
