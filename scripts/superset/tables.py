"""Tables: words and dates group, numbers are aggregated, and a cell can lead on to another page."""

from typing import Any

from scripts.superset.parts import Context, Drawing, Parts, metric_of
from scripts.superset.specification import say

#: Where our own pages of Superset lead on to (`web`): what a line rests on, the page of a supplier.
LEADING = {
    "trace": "/nengtan/trace/",
    "contribution": "/nengtan/trace/footprint.contributions/",
    "supplier": "/nengtan/suppliers/",
}


def table(chart: Parts, context: Context) -> Drawing:
    """Group by the words and dates, aggregate the numbers: only so can each column bear its own name."""
    columns = chart["columns"]
    groups = [_dimension(column, context) for column in columns if "format" not in column]
    metrics = [metric_of(column, context) for column in columns if "format" in column]
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
        by = metric_of(wanted, context)
    return {"timeseries_limit_metric": by, "order_desc": not ascending}


def _dimension(column: Parts, context: Context) -> Parts:
    name = say(column["column"], context.language)
    return {
        "expressionType": "SQL",
        "sqlExpression": _link(column, context) if set(LEADING) & set(column) else name,
        "label": say(column["label"], context.language),
    }


def _link(column: Parts, context: Context) -> str:
    """Lead on from a cell: Superset draws one that begins with a tag, cleaned of all but links."""
    to = next(to for to in LEADING if to in column)
    words = say(column[to], context.language).replace("'", "''")
    return f"""'<a href="{LEADING[to]}' || url_encode({column["column"]}) || '">{words}</a>'"""
