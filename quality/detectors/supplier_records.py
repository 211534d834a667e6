"""Tells of suppliers' footprints that are in use and that the supplier has taken back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from quality.finding import Finding

KINDS = ("supplier_footprint_withdrawn",)


def detect(withdrawn: Sequence[Mapping[str, str]], used: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield a finding for each approved answer in force that rests on a record its supplier has withdrawn.

    `withdrawn` has supplier_id, record_id, reason_zh, reason_en; `used` the rows of supplier_footprints. What a later
    answer follows is no longer in force.
    """
    rows = [row for row in used if row["status"] == "active" and row["record_id"]]
    followed = {name.strip() for row in rows for name in (row["preceding_ids"] or "").split(";")}
    reasons = {(one["supplier_id"], one["record_id"]): one for one in withdrawn}
    for row in rows:
        told = reasons.get((row["supplier_id"], row["record_id"].lower()))
        if told is None or row["record_id"] in followed:
            continue
        yield Finding(
            kind=KINDS[0],
            kind_name_zh="供应商已撤回所用碳足迹",
            kind_name_en="supplier's footprint withdrawn",
            severity="high",
            source="footprints",
            subject=f"{row['organization_id']}/{row['supplier_id']}/{row['material']}/{row['record_id']}",
            message_zh=f"供应商 {row['supplier_id']} 的 {row['material']} 碳足迹 {row['record_id']} 仍在使用，"
            f"但{told['reason_zh']}；请在填报门户审核其新答复，或以次级数据代替。",
            message_en=f"The footprint {row['record_id']} of {row['material']} by {row['supplier_id']} is in use and "
            f"{told['reason_en']}; review its new answer in the entry portal, or let the secondary value stand in.",
            evidence={"record_id": row["record_id"], "supplier_footprint_id": row["supplier_footprint_id"]},
            organization_id=row["organization_id"],
        )
