"""Finds products whose footprint leaves out more than the rules allow, or cannot be told."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("footprint_exempted", "footprint_incomplete")
#: What may be left out of a footprint (GB/T 24067; PACT: exempted emissions).
LIMIT = 0.05


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield what stands between the newest year of a product that is sold and its footprint."""
    rows = connection.execute(
        """
        select organization_id, product_id, product_name_zh, product_name_en, period, exempted_ratio, is_complete,
            missing_zh, missing_en
        from footprint.products where is_latest and period_kind = 'year' and is_sold
        order by organization_id, product_id
        """
    ).fetchall()
    for organization, product, zh, en, period, exempted, complete, missing_zh, missing_en in rows:
        subject = f"{product}/{period}"
        if not complete:
            yield Finding(
                kind="footprint_incomplete",
                kind_name_zh="产品碳足迹缺项",
                kind_name_en="footprint that cannot be told",
                severity="medium",
                source="footprint",
                subject=subject,
                organization_id=organization,
                message_zh=f"{zh}（{period}）的碳足迹无法计算：{missing_zh}。",
                message_en=f"The footprint of {en} ({period}) cannot be told: {missing_en}.",
                evidence={"missing": missing_en},
            )
        elif exempted is not None and exempted > LIMIT:
            yield Finding(
                kind="footprint_exempted",
                kind_name_zh="产品碳足迹取舍超过 5 %",
                kind_name_en="footprint that leaves out more than 5 %",
                severity="medium",
                source="footprint",
                subject=subject,
                organization_id=organization,
                message_zh=f"{zh}（{period}）的碳足迹未计入 {exempted:.1%} 的投入质量，限值 5 %。",
                message_en=f"The footprint of {en} ({period}) leaves out {exempted:.1%} of the mass taken in; the "
                "limit is 5 %.",
                evidence={"exempted_ratio": exempted},
            )
