"""Goal and scope of a footprint report: where the boundary runs, what was left out, how was allocated."""

from exchange.reports.document import Cell, Draft, Stage
from exchange.reports.footprint_product import Product, heads, kilograms, numbers, significant
from exchange.reports.units import amount, percent

#: The stages of a life from left to right, and whether use and end of life are needed to be inside.
_STAGES = (
    ("raw_materials", "原材料获取", "Raw materials"),
    ("production", "生产", "Production"),
    ("packaging", "包装", "Packaging"),
    ("capital_goods", "资本货物", "Capital goods"),
    ("distribution", "分销运输", "Distribution"),
    ("use", "使用", "Use"),
    ("end_of_life", "寿命终止", "End of life"),
)
_BEYOND_THE_GATE = ("distribution", "use", "end_of_life")
_BOXES = 7


def section(draft: Draft, product: Product, title: str) -> None:
    """Add goal, boundary with its picture and processes, cut-offs, allocation and electricity."""
    draft.section(f"目的与范围{title}", f"Goal and scope{title}", is_wide=True)
    draft.heading("目的", "Goal")
    draft.text(
        f"量化 {product.name} 在系统边界内的温室气体排放与清除，供生产者降碳决策、客户供应链核算以及"
        "产品碳足迹标识认证使用；不作与其他产品的比较性声明。",
        f"To quantify greenhouse gas emissions and removals of {product.name} inside the boundary: for the producer's "
        "own decisions, for customers' accounts and for label certification. No comparative claim is made.",
    )
    draft.heading("系统边界", "System boundary")
    _boundary(draft, product)
    draft.heading("取舍准则", "Cut-offs")
    _cut_offs(draft, product)
    draft.heading("分配", "Allocation")
    _allocation(draft, product)
    draft.heading("电力", "Electricity")
    _electricity(draft, product)


def _boundary(draft: Draft, product: Product) -> None:
    query = """
        select process_id, process_name_zh, process_name_en, stage, contributor_kind, provider_kind,
            contributor_name_zh, contributor_name_en, sum(abs(contribution_kgco2e)) as weight_kgco2e
        from footprint.contributions where product_id = $product and period = $period
        group by all order by weight_kgco2e desc, process_id, contributor_name_en
    """
    found = product.rows(query)
    name = product.figures.name
    stages = []
    for stage, zh, en in _STAGES:
        is_inside = product.is_whole_life or stage not in _BEYOND_THE_GATE
        is_raw = stage == "raw_materials"
        of_stage = [row for row in found if row["stage"] == stage or (is_raw and row["contributor_kind"] == "material")]
        stem = "process_name" if stage == "production" else "contributor_name"
        boxes = [*dict.fromkeys(name(row, stem) for row in of_stage)]
        if len(boxes) > _BOXES:
            more = len(boxes) - _BOXES + 1
            boxes = [*boxes[: _BOXES - 1], draft.say(f"其余 {more} 项", f"{more} more")]
        if boxes or not is_inside:
            stages.append(Stage(draft.say(zh, en), tuple(boxes), is_inside))
    boundary = product.figures.name(product.row, "boundary_name")
    draft.diagram(("系统边界与过程", "System boundary and processes"), boundary, stages)
    if not product.is_whole_life:
        draft.text(
            "系统边界到工厂大门；虚线所示阶段不在边界内。出厂运输如有数据则单独列出，不计入足迹。",
            "The boundary ends at the gate; stages drawn dashed are outside. Transport to customers is told apart "
            "where it is known and is not in the footprint.",
        )
    processes = {str(row["process_id"]): row for row in product.figures.thing("processes")}
    stage_names = {stage: draft.say(zh, en) for stage, zh, en in _STAGES}
    rows = []
    for process in dict.fromkeys(str(row["process_id"]) for row in found):
        row = next(one for one in found if str(one["process_id"]) == process)
        told = processes.get(process, {})
        rows.append(
            (
                process,
                name(row, "process_name"),
                stage_names.get(str(told.get("stage") or row["stage"])),
                told.get("technology"),
                told.get("geography"),
                told.get("energy_unit_id"),
            )
        )
    titles = (("过程", "Process"), ("名称", "Name"), ("阶段", "Stage"), ("技术", "Technology"), ("地域", "Geography"))
    columns = heads(draft, (*titles, ("计量所在用能单元", "Metered as unit")))
    draft.table(("单元过程", "Unit processes"), columns, rows)


def _cut_offs(draft: Draft, product: Product) -> None:
    draft.text(
        "单项流不超过 1 %、合计不超过 5 % 者可以不计，逐项说明；没有数据不是取舍的理由。",
        "A flow of at most 1 % may be left out, all of them together at most 5 %, each with its reason. Having no data "
        "is no reason.",
    )
    query = """
        select cut_offs.* from footprint.cut_offs as cut_offs
        where cut_offs.period = $period and cut_offs.process_id in (
            select process_id from footprint.contributions where product_id = $product and period = $period
        )
        order by process_id, exchange_id
    """
    found = product.rows(query) if product.figures.has("footprint.cut_offs") else []
    if not found:
        draft.text("没有舍去任何流。", "No flow was left out.")
        return
    name = product.figures.name
    told = {row["exchange_id"]: row for row in product.figures.thing("exchanges")}
    rows = [
        (
            name(row, "process_name"),
            name(row, "item_name"),
            amount(row["quantity"], row["quantity_unit"]),
            product.said(row["quantity_unit"]),
            percent(row["mass_ratio"]),
            percent(row["process_mass_ratio"]),
            name(row, "reason") or name(told.get(row["exchange_id"], {}), "cut_off_reason"),
        )
        for row in found
    ]
    columns = heads(draft, (("过程", "Process"), ("流", "Flow")))
    columns += [*numbers(draft, (("数量", "Amount"),), ""), *heads(draft, (("单位", "Unit"),))]
    columns += numbers(draft, (("占投入质量", "Share of what it takes"), ("过程合计", "Left out in all")), "%")
    columns += heads(draft, (("理由", "Reason"),))
    draft.table(("舍去的流", "Flows that were left out"), columns, rows)


def _allocation(draft: Draft, product: Product) -> None:
    draft.text(
        "先以过程细分避免分配；不能避免时按物理关系（质量、能量），再按经济价值。分配系数之和为 1。",
        "Allocation is avoided by subdivision where that can be done; else it follows a physical key (mass, energy), "
        "else the economic value. The shares of a process add up to 1.",
    )
    query = """
        select * from footprint.allocations as allocations
        where period = $period and method <> 'none' and process_id in (
            select process_id from footprint.contributions where product_id = $product and period = $period
        )
        order by process_id, product_id, exchange_id
    """
    found = product.rows(query) if product.figures.has("footprint.allocations") else []
    if not found:
        draft.text("各过程只有一种产出，没有分配。", "Each process makes one product: nothing was allocated.")
        return
    name = product.figures.name
    rows = [
        (
            name(row, "process_name"),
            name(row, "product_name"),
            name(row, "method_name"),
            significant(row["key_value"]),
            product.said(row["key_unit"]),
            amount(row["quantity"], row["quantity_unit"]),
            product.said(row["quantity_unit"]),
            percent(row["share_ratio"], 4),
            name(row, "reason"),
        )
        for row in found
    ]
    columns = heads(draft, (("过程", "Process"), ("产出", "Output"), ("方法", "Method")))
    columns += [*numbers(draft, (("分配键", "Key"),), ""), *heads(draft, (("单位", "Unit"),))]
    columns += [*numbers(draft, (("产量", "Quantity"),), ""), *heads(draft, (("单位", "Unit"),))]
    columns += [*numbers(draft, (("系数", "Share"),), "%"), *heads(draft, (("理由", "Reason"),))]
    draft.table(("分配", "Allocation"), columns, rows)


def _electricity(draft: Draft, product: Product) -> None:
    draft.text(
        "电力采用电力碳足迹因子，不用企业核算的电网排放因子。由绿证、绿电合同或自发电覆盖的部分按其来源的"
        "足迹因子（含输配电损失），其余按全国平均因子；主管部门未公布剩余电力组合（residual mix）因子，"
        "因此绿色电力的环境属性可能被重复计算，此处公开说明。",
        "Electricity is taken at its footprint factor, never at the grid emission factor of corporate accounts. What "
        "certificates, green power contracts or own generation cover is taken at the footprint factor of its origin "
        "with network losses, the rest at the national average. No factor of the residual mix is published, so that "
        "the attributes of green power may be counted twice: this is said openly.",
    )
    query = """
        select contributor_name_zh, contributor_name_en, process_name_zh, process_name_en, quantity, quantity_unit,
            factor, factor_unit, factor_id, sum(contribution_kgco2e) as contribution_kgco2e
        from footprint.contributions
        where product_id = $product and period = $period and contributor_kind = 'electricity'
        group by all order by contribution_kgco2e desc, factor_id
    """
    found = product.rows(query)
    if not found:
        draft.text("没有直接使用电力。", "No electricity is used directly.")
        return
    name = product.figures.name
    rows: list[tuple[Cell, ...]] = [
        (
            name(row, "process_name"),
            name(row, "contributor_name"),
            significant(row["quantity"]),
            product.said(row["quantity_unit"]),
            significant(row["factor"]),
            product.said(row["factor_unit"]),
            row["factor_id"],
            kilograms(row["contribution_kgco2e"]),
        )
        for row in found
    ]
    whole = kilograms(product.row["electricity_kgco2e"])
    rows.append((draft.say("合计", "Total"), "", "", "", "", "", "", whole))
    columns = heads(draft, (("过程", "Process"), ("来源", "Origin")))
    columns += [*numbers(draft, (("用量", "Amount"),), ""), *heads(draft, (("单位", "Unit"),))]
    columns += [
        *numbers(draft, (("因子", "Factor"),), ""),
        *heads(draft, (("单位", "Unit"), ("因子编号", "Factor row"))),
    ]
    columns += numbers(draft, (("贡献", "Contribution"),), product.unit)
    draft.table(("电力及其因子", "Electricity and its factors"), columns, rows, strong=[-1])
