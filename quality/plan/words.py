"""What the plan's words and the judge's reasons are called in both languages."""

NAMES = {
    "kind": {
        "carrier": ("能源与物料用量", "Metered use"),
        "property": ("物料性质与因子", "Property or factor"),
        "production": ("产量", "Output"),
        "activity": ("填报的活动水平", "Declared activity"),
    },
    "source": {
        "meter": ("计量器具", "meter"),
        "system": ("信息系统", "system"),
        "form": ("填报", "form"),
        "lab": ("化验", "laboratory"),
        "default": ("缺省值", "default"),
        "calculated": ("计算", "calculated"),
    },
    "frequency": {
        "continuous": ("连续", "continuous"),
        "hourly": ("每小时", "hourly"),
        "daily": ("每日", "daily"),
        "batch": ("每批", "each batch"),
        "monthly": ("每月", "monthly"),
        "yearly": ("每年", "yearly"),
    },
    "missing_rule": {
        "interpolated": ("按规律插补", "an estimate of its usual course"),
        "conservative_default": ("保守缺省值", "a conservative default"),
        "default": ("缺省值", "a default"),
        "none": ("不替代", "nothing"),
    },
    "verdict": {
        "met": ("符合", "met"),
        "not_met": ("不符合", "not met"),
        "not_applicable": ("不适用", "not applicable"),
        "unplanned": ("计划外", "not in the plan"),
    },
}

#: Each reason in both languages; what stands in braces is what the judge found.
REASONS = {
    "plan_not_approved": ("计划未经批准", "the row of the plan was not approved by the end of the month"),
    "plan_not_filed": ("计划（或其变更）未报备", "the plan, or its change, was not filed by the end of the month"),
    "readings_missing": ("应有 {expected}，实有 {received}", "{received} values of {expected}"),
    "too_much_substituted": (
        "替代或缺失 {ratio}，允许 {allowed}",
        "{ratio} was estimated or missing, {allowed} is allowed",
    ),
    "rule_not_applied": ("缺失处理未按计划（{rule_zh}）", "what is missing was not replaced as planned, by {rule_en}"),
    "other_instrument": ("核算使用了计划外测点 {points}", "points that the plan does not name were used: {points}"),
    "instrument_not_used": ("计划测点未用于核算 {points}", "planned points were not used: {points}"),
    "other_accuracy_class": (
        "{meters} 的准确度等级不是 {planned}",
        "the accuracy class of {meters} is not {planned}",
    ),
    "calibration_expired": ("{meters} 检定过期（有效期至 {due}）", "calibration of {meters} ended on {due}"),
    "calibration_overdue": (
        "{meters} 超过计划检定周期 {months} 个月（上次 {on}）",
        "{meters} was not calibrated within {months} months (last on {on})",
    ),
    "calibration_unknown": ("{meters} 没有检定记录", "no calibration of {meters} is recorded"),
    "sample_missing": ("应有样品 {expected}，实有 {received}", "{received} samples of {expected}"),
    "told_late": ("最迟 {days} 天，时限 {due} 天", "told after {days} days, {due} are allowed"),
    "voucher_missing": ("{count} 条没有凭证（{voucher}）", "{count} without a document ({voucher})"),
    "default_used": ("未用实测值，用了缺省值 {sets}", "a default was used in place of a measured value: {sets}"),
    "row_missing": ("没有填报", "nothing was entered"),
    "other_person": ("由 {persons} 填报，非负责人", "entered by {persons}, not by the person responsible"),
    "factor_missing": ("没有可用的因子", "no factor could be used"),
    "not_used": ("本月未使用", "not used in the month"),
    "not_in_plan": ("核算使用的活动水平不在计划内", "the plan has no row for this activity, which was used"),
    "factor_not_in_plan": ("核算使用的因子不在计划内", "the plan has no row for the factor that was used"),
}


def sentence(found: list[tuple[str, dict[str, object]]]) -> tuple[str | None, str | None]:
    """Return the reasons as one sentence in each language; None where there are none."""
    if not found:
        return None, None
    zh = "；".join(REASONS[code][0].format(**facts) for code, facts in found)
    return zh, "; ".join(REASONS[code][1].format(**facts) for code, facts in found)
