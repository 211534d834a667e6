"""Turn one chart of the specification into Superset's words: visualisation type, form data and query.

No arithmetic on quantities lives here: a metric is one aggregate of one mart column, at most shown in another
power of ten (`divide`, for 万元).
"""

from dataclasses import dataclass, field
from typing import Any

from scripts.superset.facts import Facts
from scripts.superset.specification import Specification, SpecificationError, measures, say

Parts = dict[str, Any]
#: What stands beside the unit of a number that rests on factors which nobody has checked against the document.
RECALLED = {"zh": "＊含待核因子", "en": "* rests on recalled factors"}
#: Where our own pages of Superset lead on to what a line of the accounts rests on (`web.trace`).
TRACE = "/nengtan/trace/"
_CHANGES = {"increase_color": "worse", "decrease_color": "better", "total_color": "now"}
OPERATORS: dict[bool | str | None, str] = {True: "IS TRUE", False: "IS FALSE", None: "IS NULL"}


@dataclass
class Drawing:
    """A chart in Superset's words."""

    viz_type: str
    params: Parts
    columns: list[Any] = field(default_factory=list)
    metrics: list[Parts] = field(default_factory=list)
    orderby: list[Any] = field(default_factory=list)
    filters: list[Parts] = field(default_factory=list)
    row_limit: int = 10000
    where: list[str] = field(default_factory=list)
    having: str = ""


@dataclass(frozen=True)
class Context:
    """What every drawing needs to know besides its own chart."""

    specification: Specification
    facts: Facts
    language: str


def draw(chart: Parts, context: Context) -> Drawing:
    """Draw one chart."""
    kinds = {
        "number": _number,
        "comparison": _comparison,
        "stacked_bars": _stacked_bars,
        "lines": _lines,
        "ranking": _ranking,
        "share": _share,
        "heat_map": _heat_map,
        "sankey": _sankey,
        "waterfall": _waterfall,
        "table": _table,
    }
    if chart["draw"] not in kinds:
        raise SpecificationError(f"draw: {chart['draw']}; allowed are {', '.join(kinds)}")
    drawing = kinds[chart["draw"]](chart, context)
    _conditions(drawing, chart, context)
    drawing.params |= {"viz_type": drawing.viz_type, "color_scheme": "nengtan", "row_limit": drawing.row_limit}
    return drawing


def _metric(value: Parts, context: Context) -> Parts:
    column, aggregate = say(value["column"], context.language), value.get("aggregate", "SUM")
    label = say(value["label"], context.language)
    divide = value["divide"][context.language] if "divide" in value else 1
    common = {"label": label, "hasCustomLabel": True, "optionName": f"metric_{column}_{aggregate.lower()}"}
    if divide == 1:
        return common | {"expressionType": "SIMPLE", "column": {"column_name": column}, "aggregate": aggregate}
    if str(divide).strip("0") != "1":
        raise SpecificationError(f"divide: {divide}; a screen may show another power of ten, nothing else")
    return common | {"expressionType": "SQL", "sqlExpression": f"{aggregate}({column}) / {divide}"}


def _unit(value: Parts, chart: Parts, context: Context) -> str:
    """Say a value's unit, and beside it whether a part of what is published rests on recalled factors."""
    unit = say(value["unit"], context.language)
    told = context.specification.datasets[chart["dataset"]].get("confidence", {})
    place = next((place for suffix, place in told.items() if say(value["column"], "en").endswith(suffix)), None)
    return f"{unit} {RECALLED[context.language]}" if place in context.facts.recalled else unit


def _dimension(column: Parts, context: Context) -> Parts:
    name = say(column["column"], context.language)
    return {
        "expressionType": "SQL",
        "sqlExpression": _link(column, context) if "trace" in column else name,
        "label": say(column["label"], context.language),
    }


def _link(column: Parts, context: Context) -> str:
    """Lead from a line to what it rests on: Superset draws a cell that begins with a tag, cleaned of all but links."""
    words = say(column["trace"], context.language)
    return f"""'<a href="{TRACE}' || url_encode({column["column"]}) || '">{words}</a>'"""


def _axis(chart: Parts, context: Context) -> str | Parts:
    column, grain = say(chart["x"]["column"], context.language), chart["x"].get("grain")
    if grain is None:
        return column
    return {
        "columnType": "BASE_AXIS",
        "timeGrain": grain,
        "sqlExpression": column,
        "label": column,
        "expressionType": "SQL",
    }


def _conditions(drawing: Drawing, chart: Parts, context: Context) -> None:
    """Add the chart's own conditions, and its span of time where its mart has one."""
    adhoc: list[Parts] = []
    for condition in chart.get("where", []):
        if "same" in condition:
            text = " = ".join(condition["same"])
            drawing.where.append(text)
            adhoc.append({"clause": "WHERE", "expressionType": "SQL", "sqlExpression": text})
            continue
        operator, value = _comparing(condition)
        drawing.filters.append({"col": condition["column"], "op": operator, "val": value})
        adhoc.append(_adhoc(condition["column"], operator, value))
    time = context.specification.datasets[chart["dataset"]].get("time")
    if time is not None:
        span = context.facts.spans[chart.get("span", "latest_year")]
        drawing.filters.append({"col": time, "op": "TEMPORAL_RANGE", "val": span})
        adhoc.append(_adhoc(time, "TEMPORAL_RANGE", span))
    if chart["draw"] == "comparison":
        # Superset would show a sum of nothing as 0; without a row it says that there is no data.
        drawing.having = f"COUNT({say(chart['value']['column'], context.language)}) > 0"
        adhoc.append({"clause": "HAVING", "expressionType": "SQL", "sqlExpression": drawing.having})
    drawing.params["adhoc_filters"] = adhoc


def _comparing(condition: Parts) -> tuple[str, str | float | list[str] | None]:
    """Say one condition in the words of Superset: operator and value."""
    if "one_of" in condition:
        return "IN", condition["one_of"]
    operator = "IS NOT NULL" if "known" in condition else OPERATORS.get(condition["is"], "==")
    return operator, condition["is"] if operator == "==" else None


def _adhoc(column: str, operator: str, value: str | float | list[str] | None) -> Parts:
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": operator,
        "operatorId": "EQUALS" if operator == "==" else operator.replace(" ", "_"),
        "comparator": value,
        "filterOptionName": f"filter_{column}",
    }


def _number(chart: Parts, context: Context) -> Drawing:
    value = chart["value"]
    metric = _metric(value, context)
    params = {
        "metric": metric,
        "y_axis_format": value.get("format", ",.0f"),
        "subtitle": _unit(value, chart, context),
        "header_font_size": 0.6 if chart.get("large") else 0.4,
        "subtitle_font_size": 0.2 if chart.get("large") else 0.15,
    }
    return Drawing("big_number_total", params, metrics=[metric])


def _comparison(chart: Parts, context: Context) -> Drawing:
    value = chart["value"]
    metric = _metric(value, context)
    names = {"zh": ("去年同期", "差", "变化"), "en": ("last year", "difference", "change")}[context.language]
    shown = dict(zip(("Previous value", "Delta", "Percent change"), names, strict=True))
    params = {
        "metric": metric,
        "time_compare": "1 year ago",
        "comparison_type": "values",
        "y_axis_format": value.get("format", ",.0f"),
        "percentDifferenceFormat": "+.1%",
        "subtitle": _unit(value, chart, context),
        "header_font_size": 0.5 if chart.get("large") else 0.4,
        "subtitle_font_size": 0.3,
        "subheader_font_size": 0.15 if chart.get("large") else 0.125,
        "comparison_color_enabled": True,
        "comparison_color_scheme": "Red" if chart.get("better") == "lower" else "Green",
        "column_config": {
            key: {"customColumnName": name, "displayTypeIcon": False, "visible": key != "Delta"}
            for key, name in shown.items()
        },
    }
    return Drawing("pop_kpi", params, metrics=[metric])


def _series(viz_type: str, chart: Parts, context: Context) -> Drawing:
    values = measures(chart)
    metrics = [_metric(value, context) for value in values]
    axis = _axis(chart, context)
    groups = [say(chart["series"], context.language)] if "series" in chart else []
    params: Parts = {
        "x_axis": axis if isinstance(axis, str) else axis["sqlExpression"],
        "metrics": metrics,
        "groupby": groups,
        "y_axis_format": chart.get("format", ",.0f"),
        "y_axis_title": _unit(values[0], chart, context),
        "y_axis_title_margin": 60,
        "y_axis_title_position": "Left",
        "x_axis_title": say(chart["x"].get("title", ""), context.language),
        "x_axis_title_margin": 30 if "title" in chart["x"] else 0,
        "x_axis_time_format": chart["x"].get("format", "smart_date"),
        "tooltipTimeFormat": chart["x"].get("format", "smart_date"),
        "show_legend": len(values) > 1 or bool(groups),
        "legendOrientation": "top",
        "legendType": "scroll",
        "rich_tooltip": True,
        "showTooltipTotal": bool(groups),
        "truncateYAxis": "bounds" in chart,
        "y_axis_bounds": chart.get("bounds", [None, None]),
        "sort_series_type": "sum" if groups else "name",
        "sort_series_ascending": False,
        "truncate_metric": True,
        "show_empty_columns": True,
    }
    if isinstance(axis, dict):
        params["time_grain_sqla"] = axis["timeGrain"]
    return Drawing(viz_type, params, columns=[axis, *groups], metrics=metrics)


def _stacked_bars(chart: Parts, context: Context) -> Drawing:
    drawing = _series("echarts_timeseries_bar", chart, context)
    drawing.params |= {"stack": "Stack", "orientation": "vertical", "only_total": True}
    if "grain" not in chart["x"]:
        drawing.params |= {"xAxisForceCategorical": True, "x_axis_sort": drawing.params["x_axis"]}
        drawing.params |= {"x_axis_sort_asc": True}
    return drawing


def _lines(chart: Parts, context: Context) -> Drawing:
    drawing = _series("echarts_timeseries_line", chart, context)
    drawing.params |= {"connectNulls": False, "markerEnabled": False, "opacity": 0.2}
    return drawing


def _ranking(chart: Parts, context: Context) -> Drawing:
    drawing = _series("echarts_timeseries_bar", chart, context)
    first = drawing.metrics[0]
    drawing.row_limit = chart.get("rows", 10)
    drawing.orderby = [[first, False]]
    drawing.params |= {
        "orientation": "horizontal",
        "y_axis_title_margin": 30,
        "x_axis_sort": first["label"],
        "xAxisLabelInterval": "0",
        "x_axis_sort_asc": True,
        "timeseries_limit_metric": first,
        "order_desc": True,
        "show_value": len(drawing.metrics) == 1,
    }
    return drawing


def _share(chart: Parts, context: Context) -> Drawing:
    metric = _metric(measures(chart)[0], context)
    group = say(chart["series"], context.language)
    params = {
        "metric": metric,
        "groupby": [group],
        "donut": True,
        "innerRadius": 46,
        "outerRadius": 72,
        "label_type": "key_percent",
        "number_format": ",.0f",
        "show_labels": True,
        "labels_outside": True,
        "label_line": True,
        "show_legend": False,
        "show_labels_threshold": 2,
        "sort_by_metric": True,
        "show_total": True,
    }
    return Drawing("pie", params, columns=[group], metrics=[metric], orderby=[[metric, False]], row_limit=20)


def _heat_map(chart: Parts, context: Context) -> Drawing:
    """Colour x by series, from little to much; the scale says the unit."""
    value = measures(chart)[0]
    metric = _metric(value, context)
    across, down = _axis(chart, context), say(chart["series"], context.language)
    params = {
        "x_axis": across,
        "groupby": down,
        "metric": metric,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_asc",
        "normalize_across": "heatmap",
        "legend_type": "continuous",
        "show_legend": True,
        "show_percentage": False,
        "show_values": False,
        "linear_color_scheme": "nengtan_sequence",
        "xscale_interval": 1,
        "yscale_interval": -1,
        "left_margin": "auto",
        "bottom_margin": "auto",
        "value_bounds": [None, None],
        "y_axis_format": chart.get("format", ",.1f"),
        "x_axis_time_format": "smart_date",
        "time_format": "%m-%d",
    }
    return Drawing("heatmap_v2", params, columns=[across, down], metrics=[metric], orderby=[[across, True]])


def _sankey(chart: Parts, context: Context) -> Drawing:
    """Draw bands from each source to its targets; the mart sees to it that nothing runs in a circle."""
    value = measures(chart)[0]
    metric = _metric(value, context)
    source, target = say(chart["series"], context.language), say(chart["target"], context.language)
    params = {"source": source, "target": target, "groupby": [source, target], "metric": metric, "sort_by_metric": True}
    return Drawing("sankey_v2", params, columns=[source, target], metrics=[metric], orderby=[[metric, False]])


def _waterfall(chart: Parts, context: Context) -> Drawing:
    """Add up the effects, less as better and more as worse. The title says the unit: the axis has no room."""
    value = measures(chart)[0]
    metric = _metric(value, context)
    axis = say(chart["x"]["column"], context.language)
    names = {"zh": ("增加", "减少", "合计"), "en": ("more", "less", "in all")}[context.language]
    roles = {key: context.specification.palette["role"][role]["light"] for key, role in _CHANGES.items()}
    params = {
        "x_axis": axis,
        "groupby": [],
        "metric": metric,
        "show_total": True,
        "show_value": True,
        "show_legend": True,
        "y_axis_format": chart.get("format", "+,.0f"),
        "x_ticks_layout": "flat",
        **dict(zip(("increase_label", "decrease_label", "total_label"), names, strict=True)),
        **{key: dict(zip("rgb", bytes.fromhex(colour[1:]), strict=True)) for key, colour in roles.items()},
    }
    return Drawing("waterfall", params, columns=[axis], metrics=[metric], orderby=[[axis, True]])


def _table(chart: Parts, context: Context) -> Drawing:
    """Group by the words and dates, aggregate the numbers: only so can each column bear its own name."""
    columns = chart["columns"]
    groups = [_dimension(column, context) for column in columns if "format" not in column]
    metrics = [_metric(column, context) for column in columns if "format" in column]
    formats = {
        say(column["label"], context.language): {"d3NumberFormat": column["format"]}
        for column in columns
        if "format" in column
    }
    formats |= {
        say(column["label"], context.language): {"d3TimeFormat": column["time"]}
        for column in columns
        if "time" in column
    }
    labels = {column["column"]: say(column["label"], context.language) for column in columns}
    by_label = {part["label"]: part for part in [*groups, *metrics]}
    orderby = [[by_label[labels[order["column"]]], order["ascending"]] for order in chart.get("order", [])]
    params = {
        "query_mode": "aggregate",
        "groupby": groups,
        "metrics": metrics,
        "column_config": formats,
        "table_timestamp_format": "smart_date",
        "server_pagination": False,
        "include_search": chart.get("search", False),
        "page_length": chart.get("page", 20),
        "show_cell_bars": False,
        "order_by_cols": [],
        **_browser_order(chart, orderby, metrics, context),
    }
    limit = chart.get("rows", 1000)
    return Drawing("table", params, columns=groups, metrics=metrics, orderby=orderby, row_limit=limit)


def _browser_order(chart: Parts, orderby: list[list[Any]], metrics: list[Parts], context: Context) -> Parts:
    """Say the last order as the browser's table can: by a number, which for a word or a time is its only value."""
    if not orderby:
        return {"timeseries_limit_metric": None, "order_desc": True}
    by, ascending = orderby[-1]
    if by not in metrics:
        wanted = {"column": chart["order"][-1]["column"], "aggregate": "MAX", "label": {"zh": "排序", "en": "order"}}
        by = _metric(wanted, context)
    return {"timeseries_limit_metric": by, "order_desc": not ascending}
