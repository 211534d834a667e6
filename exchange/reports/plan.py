"""The data-quality control plan: what the site declares of each parameter, and what really happened."""

from exchange.reports.document import Column, Draft
from exchange.reports.figures import Figures, Row
from exchange.reports.units import exact, shown

_MART = "quality.data_plan_monthly"
_PERIOD = "organization_id in (select unnest($entities)) and month between $first and $last"


def section(draft: Draft, figures: Figures) -> None:
    """Add the section of the plan of the owner, and of its members where it is a park."""
    entities = [figures.organization_id, *(one["organization_id"] for one in figures.members)]
    asked = f"select parameter_id from {_MART} where {_PERIOD} limit 1"
    found = figures.has(_MART) and figures.rows(asked, entities=entities)
    draft.section("数据质量控制计划", "Data-quality control plan", is_wide=bool(found))
    if not found:
        draft.text(
            "站点未提供该单位的数据质量控制计划（data_plan.csv）。",
            "The site gave no data-quality control plan of this entity (data_plan.csv).",
        )
        return
    draft.text(
        "计划取自站点文件 data_plan.csv（各版本按生效日期保存），并逐月与实际核对；表中为报告期内最后有效的一版。",
        "The plan is the site's data_plan.csv, every version kept by its validity, and each month is held against "
        "it; below "
        "is the version that held last in the period.",
    )
    _declared(draft, figures, entities)
    _happened(draft, figures, entities)


def _declared(draft: Draft, figures: Figures, entities: list[str]) -> None:
    query = f"""
        select * from {_MART} where {_PERIOD} and parameter_id is not null
        qualify month = max(month) over (partition by parameter_id) order by organization_id, parameter_id
    """
    rows = [
        (
            figures.name(row, "definition"),
            shown(row["parameter_unit"]),
            figures.name(row, "source_name"),
            (row["instruments"] or "").replace(";", "; ") or None,
            row["accuracy_class"],
            figures.name(row, "frequency_name"),
            figures.name(row, "missing_rule_name"),
            figures.name(row, "responsible_name"),
            row["document"],
            _date(row["plan_valid_from"]),
            _date(row["approved_on"]),
            _date(row["filed_on"]),
        )
        for row in figures.rows(query, entities=entities)
    ]
    titles = [
        ("参数", "Parameter"),
        ("单位", "Unit"),
        ("来源", "Source"),
        ("计量点", "Points"),
        ("准确度等级", "Class"),
        ("频次", "Frequency"),
        ("缺失处理", "When missing"),
        ("责任人", "Responsible"),
        ("依据文件", "Document"),
        ("生效", "Valid from"),
        ("批准", "Approved"),
        ("备案", "Filed"),
    ]
    draft.table(("数据质量控制计划", "The plan"), [Column(draft.say(*title)) for title in titles], rows)


def _happened(draft: Draft, figures: Figures, entities: list[str]) -> None:
    counts = ", ".join(
        f"count(*) filter (verdict = '{verdict}') as {verdict}_count" for verdict in ("met", "not_met", "unplanned")
    )
    query = f"""
        select organization_id as entity, definition_zh, definition_en, kind_name_zh, kind_name_en, subject_name_zh,
            subject_name_en, coalesce(parameter_id, '') as parameter, {counts},
            string_agg(distinct reason_zh, '；' order by reason_zh) as reason_zh,
            string_agg(distinct reason_en, '; ' order by reason_en) as reason_en
        from {_MART} where {_PERIOD}
        group by all having not_met_count + unplanned_count > 0 order by entity, parameter, subject_name_en
    """
    found = figures.rows(query, entities=entities)
    total = figures.rows(f"select {counts} from {_MART} where {_PERIOD}", entities=entities)[0]
    draft.text(
        f"报告期内逐参数逐月核对：符合 {total['met_count']} 项，不符合 {total['not_met_count']} 项，"
        f"未列入计划 {total['unplanned_count']} 项。",
        f"Parameters and months of the period: {total['met_count']} met the plan, {total['not_met_count']} did not, "
        f"{total['unplanned_count']} were used without a plan.",
    )
    if not found:
        return
    rows = [
        (
            row["entity"],
            _parameter(figures, row),
            exact(row["met_count"]),
            exact(row["not_met_count"]),
            exact(row["unplanned_count"]),
            figures.name(row, "reason"),
        )
        for row in found
    ]
    columns = [Column(draft.say("单位", "Entity")), Column(draft.say("参数", "Parameter"))]
    numbers = [("符合", "Met"), ("不符合", "Not met"), ("无计划", "Unplanned")]
    columns += [Column(draft.say(*title), draft.say("月", "months"), is_number=True) for title in numbers]
    columns += [Column(draft.say("原因", "Why"))]
    draft.table(("与计划不符的参数", "Parameters that did not meet the plan"), columns, rows)


def _parameter(figures: Figures, row: Row) -> str:
    """Return what a parameter is called; one without a plan by its kind and what it is of."""
    if row["parameter"]:
        return figures.name(row, "definition")
    return f"{figures.name(row, 'kind_name')} / {figures.name(row, 'subject_name')}"


def _date(value: object) -> str | None:
    return str(value) if value is not None else None
