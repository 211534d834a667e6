"""What the codes of benchmarking are called, in both languages."""

KINDS = {"product": ("产品", "product"), "process": ("工序", "process"), "equipment": ("设备", "device")}
#: Why there is no number or no level; the last words say what is missing where a code has such.
REASONS = {
    "no_boundary": ("未填写统计边界", "no boundary was told"),
    "circular_boundary": ("统计边界循环引用", "the boundary uses itself"),
    "no_output_named": ("未填写产出", "no output was named"),
    "output_not_told": ("本期产出未填报", "the output was not told"),
    "no_output": ("本期无产出", "nothing was made"),
    "no_energy": ("边界内有用能单元无数据", "a unit inside the boundary has no data"),
    "no_coefficient": ("边界内有能源缺折标系数", "an energy inside the boundary has no coefficient"),
    "unit_of_other_dimension": ("产出单位不可换算", "the output's unit does not convert"),
    "above_without_number": ("上游指标无数值", "the indicator it uses has no number"),
    "no_level_named": ("站点未指定适用的标准行", "the site names no row of a standard"),
    "unknown_level": ("因子库中无此标准行", "the library has no such row"),
    "no_standard_in_force": ("因子库中无当期有效的限额标准", "no limit standard of the library is in force"),
    "missing_input": ("缺少标准修正所需参数", "an input of the standard's corrections is missing"),
    "correction_not_implemented": ("标准修正项未实现", "a correction of the standard is not reckoned here"),
    "unit_differs": ("指标单位与标准行不符", "the indicator's unit is not that of the row"),
    "no_efficiency": ("无额定效率", "no rated efficiency was told"),
}
BELOW_ACCESS = ("低于准入", "below access level")
#: What targets are about, and how the parts of a score are called.
INDICATORS = {
    ("comprehensive_energy", None): ("能耗总量", "amount of energy"),
    ("intensity", "product"): ("单位产品能耗", "energy per product"),
    ("intensity", "output_value"): ("单位产值能耗", "energy per output value"),
    ("intensity", "value_added"): ("单位增加值能耗", "energy per value added"),
    ("measures", None): ("节能措施（人工评定）", "measures (scored by a person)"),
    ("total", None): ("合计", "total"),
}
UNSCORED = {
    "no_actual": ("当年无数值", "the year has no number"),
    "year_not_over": ("当年数据不足十二个月", "the year has fewer than twelve months of data"),
    "no_rule": ("未指定计分规则", "no rule was named"),
    "unit_differs": ("目标单位与指标不符", "the target's unit is not that of the indicator"),
    "no_cumulative": ("缺累计进度目标", "no cumulative target was told"),
    "part_missing": ("有分项未计分", "a part has no score"),
}
