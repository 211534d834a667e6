"""Turn one chart of the specification into Superset's words: visualisation type, form data and query.

No arithmetic on quantities lives here: a metric is one aggregate of one mart column, at most shown in another
power of ten (`divide`, for 万元).
"""

from collections.abc import Callable

from scripts.superset import tables
from scripts.superset.parts import Context, Drawing, Parts, metric_of, unit_of
from scripts.superset.specification import SpecificationError, measures, say

_CHANGES = {"increase_color": "worse", "decrease_color": "better", "total_color": "now"}
OPERATORS: dict[bool | str | None, str] = {True: "IS TRUE", False: "IS FALSE", None: "IS NULL"}


def draw(chart: Parts, context: Context) -> Drawing:
    """Draw one chart."""
    if chart["draw"] not in KINDS:
        raise SpecificationError(f"draw: {chart['draw']}; allowed are {', '.join(KINDS)}")
    drawing = KINDS[chart["draw"]](chart, context)
    _conditions(drawing, chart, context)
    drawing.params |= {"viz_type": drawing.viz_type, "color_scheme": "nengtan", "row_limit": drawing.row_limit}
    return drawing


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
    metric = metric_of(value, context)
    params = {
        "metric": metric,
        "y_axis_format": value.get("format", ",.0f"),
        "subtitle": unit_of(value, chart, context),
        "header_font_size": 0.6 if chart.get("large") else 0.4,
        "subtitle_font_size": 0.2 if chart.get("large") else 0.15,
    }
    return Drawing("big_number_total", params, metrics=[metric])


def _comparison(chart: Parts, context: Context) -> Drawing:
    value = chart["value"]
    metric = metric_of(value, context)
    names = {"zh": ("去年同期", "差", "变化"), "en": ("last year", "difference", "change")}[context.language]
    shown = dict(zip(("Previous value", "Delta", "Percent change"), names, strict=True))
    params = {
        "metric": metric,
        "time_compare": "1 year ago",
        "comparison_type": "values",
        "y_axis_format": value.get("format", ",.0f"),
        "percentDifferenceFormat": "+.1%",
        "subtitle": unit_of(value, chart, context),
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
    metrics = [metric_of(value, context) for value in values]
    axis = _axis(chart, context)
    groups = [say(chart["series"], context.language)] if "series" in chart else []
    params: Parts = {
        "x_axis": axis if isinstance(axis, str) else axis["sqlExpression"],
        "metrics": metrics,
        "groupby": groups,
        "y_axis_format": chart.get("format", ",.0f"),
        "y_axis_title": unit_of(values[0], chart, context),
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
    if chart.get("lying"):  # names that are long, each beside its bar
        drawing.params |= {"orientation": "horizontal", "y_axis_title_margin": 30, "xAxisLabelInterval": "0"}
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
    metric = metric_of(measures(chart)[0], context)
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
    metric = metric_of(value, context)
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
    metric = metric_of(value, context)
    source, target = say(chart["series"], context.language), say(chart["target"], context.language)
    params = {"source": source, "target": target, "groupby": [source, target], "metric": metric, "sort_by_metric": True}
    return Drawing("sankey_v2", params, columns=[source, target], metrics=[metric], orderby=[[metric, False]])


def _tree(chart: Parts, context: Context) -> Drawing:
    """Draw one tree from left to right; only one root may pass the page's filters, its branches open to `depth`."""
    metric = metric_of(measures(chart)[0], context)
    name = say(chart["series"], context.language)
    params = {
        "id": chart["node"],
        "parent": chart["parent"],
        "name": name,
        "metric": metric,
        "layout": "orthogonal",
        "orient": "LR",
        "node_label_position": "top",
        "child_label_position": "top",
        "symbol": "circle",
        "symbolSize": 9,
        "roam": True,
        "emphasis": "descendant",
        "initialTreeDepth": chart.get("depth", 2),
    }
    columns = [chart["node"], chart["parent"], name]
    return Drawing("tree_chart", params, columns=columns, metrics=[metric], orderby=[[metric, False]])


def _waterfall(chart: Parts, context: Context) -> Drawing:
    """Add up the effects, less as better and more as worse. The title says the unit: the axis has no room."""
    value = measures(chart)[0]
    metric = metric_of(value, context)
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


#: What `draw:` may say.
KINDS: dict[str, Callable[[Parts, Context], Drawing]] = {
    "number": _number,
    "comparison": _comparison,
    "stacked_bars": _stacked_bars,
    "lines": _lines,
    "ranking": _ranking,
    "share": _share,
    "heat_map": _heat_map,
    "sankey": _sankey,
    "tree": _tree,
    "waterfall": _waterfall,
    "table": tables.table,
}
