"""Finds compliance years whose deadline is near or past and that are not settled, are short, or offset too much."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("surrender_due", "allowance_shortfall", "ccer_over_share")
#: From how many days before the deadline on a year that is not settled is told, and is urgent.
_TOLD, _URGENT = 60, 15


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield what a position asks somebody to do."""
    rows = connection.execute(
        """
        select organization_id, year, is_settled, is_latest, days_left_count, strftime(surrender_due_on, '%Y-%m-%d'),
            outstanding_t, to_buy_t, offset_t, ccer_cap_t
        from carbon.positions order by organization_id, year
        """
    ).fetchall()
    for organization, year, settled, latest, days, due, outstanding, to_buy, offset, cap in rows:
        subject = f"{organization}/{year}"
        if not settled and days is not None and days <= _TOLD and outstanding is not None:
            yield _due(organization, subject, days, due, outstanding)
        if latest and to_buy is not None and to_buy >= 1:
            yield _short(organization, subject, to_buy)
        if cap is not None and offset > cap:
            yield _over(organization, subject, offset, cap)


def _due(organization: str, subject: str, days: int, due: str, outstanding: float) -> Finding:
    passed = days < 0
    left = "已逾期" if passed else f"还有 {days} 天"
    return Finding(
        kind="surrender_due",
        kind_name_zh="配额清缴临期或逾期",
        kind_name_en="surrender due or overdue",
        severity="high" if days <= _URGENT else "medium",
        source="carbon_assets",
        subject=subject,
        organization_id=organization,
        message_zh=f"{subject} 尚需清缴 {outstanding:,.0f} t，截止 {due}（{left}）。",
        message_en=f"{subject}: {outstanding:,.0f} t are still to be surrendered, {'were' if passed else 'are'} due on "
        f"{due}.",
        evidence={"outstanding_t": outstanding, "due_on": due},
    )


def _short(organization: str, subject: str, to_buy: float) -> Finding:
    return Finding(
        kind="allowance_shortfall",
        kind_name_zh="配额缺口",
        kind_name_en="short of allowances",
        severity="medium",
        source="carbon_assets",
        subject=subject,
        organization_id=organization,
        message_zh=f"{subject} 预计需购买 {to_buy:,.0f} t 配额（持有、待发放与可用 CCER 均已计入）。",
        message_en=f"{subject}: {to_buy:,.0f} t of allowances are expected to be bought; what is held, still to come "
        "and may be offset is counted.",
        evidence={"to_buy_t": to_buy},
    )


def _over(organization: str, subject: str, offset: float, cap: float) -> Finding:
    return Finding(
        kind="ccer_over_share",
        kind_name_zh="CCER 抵销超过比例上限",
        kind_name_en="more credits than may offset",
        severity="high",
        source="carbon_assets",
        subject=subject,
        organization_id=organization,
        message_zh=f"{subject} 已用 {offset:,.0f} t CCER 抵销，上限 {cap:,.0f} t；请核对。",
        message_en=f"{subject}: {offset:,.0f} t of credits were surrendered, at most {cap:,.0f} t may be.",
        evidence={"offset_t": offset, "ccer_cap_t": cap},
    )
