"""Footprints that were released and are published with other figures now: to be released anew, or withdrawn."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from quality.finding import Finding

KINDS = ("released_footprint_differs",)


def findings(rows: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield a finding for each row of footprint.releases that differs from what is published now."""
    for row in rows:
        if not row["differs"]:
            continue
        unit = f"kgCO2e/{row['declared_amount'].normalize():f} {row['declared_unit']}"
        now = row["published_footprint_kgco2e"]
        today_zh = "现已无完整结果" if now is None else f"现为 {now:,.3f}，差 {row['difference_kgco2e']:+,.3f}"
        today_en = "no complete figure now" if now is None else f"{now:,.3f} now, {row['difference_kgco2e']:+,.3f}"
        released = row["footprint_kgco2e"]
        yield Finding(
            kind=KINDS[0],
            kind_name_zh="已发布的产品碳足迹与现值不同",
            kind_name_en="released footprint differs",
            severity="high",
            source="footprints",
            subject=f"{row['organization_id']}/{row['product_id']}/{row['period']}",
            message_zh=f"{row['product_name_zh']} {row['period']} 第 {row['version']} 版发布 {released:,.3f} {unit}，"
            f"{today_zh}；请发布新版或撤回。",
            message_en=f"Version {row['version']} of {row['product_name_en']} for {row['period']} was released with "
            f"{released:,.3f} {unit}, {today_en}; release it anew, or withdraw it.",
            evidence={"record_id": row["record_id"], "released": released, "published": now},
            organization_id=row["organization_id"],
            owner=row["released_by"],
        )
