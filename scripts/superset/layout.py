"""Place charts on a page and hang its filters: Superset's position and metadata of one dashboard."""

from collections.abc import Mapping

from scripts.superset.parts import Context, Parts
from scripts.superset.specification import placed, say

COLUMNS = 12


def position(page: Parts, device: str, context: Context, charts: Mapping[str, Parts]) -> Parts:
    """Build the grid of one device: rows of charts, and stacks of charts that share a column."""
    language = context.language
    title = say(page["title"], language)
    until = {"zh": f"数据至 {context.facts.last_day}", "en": f"data until {context.facts.last_day}"}[language]
    first, last = (f"{month:%Y-%m}" for month in context.facts.year)
    year = {"zh": f"12 个月：{first} 至 {last}", "en": f"12 months: {first} to {last}"}[language]
    grid: Parts = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": title}},
    }
    if device == "wall":
        _text(grid, "banner", f"## {title} · {until} · {year}", 9)
    if device == "phone":
        _text(grid, "banner", f"## {say(page['name'], language)}\n{year} · {until}", 11)
    for number, row in enumerate(page["devices"][device]["rows"]):
        _row(grid, f"ROW-{number}", row, charts)
    note = page["devices"][device].get("note")
    if note is not None:
        _text(grid, "note", f"{say(note, language)} ({until})", 8)
    return grid


def _row(grid: Parts, identifier: str, row: Parts, charts: Mapping[str, Parts]) -> None:
    parents = ["ROOT_ID", "GRID_ID"]
    grid["GRID_ID"]["children"].append(identifier)
    children: list[str] = []
    grid[identifier] = _node("ROW", identifier, children, parents, {"background": "BACKGROUND_TRANSPARENT"})
    for cell in row["charts"]:
        if "stack" not in cell:
            ((slug, width),) = cell.items()
            if slug not in charts:  # its mart is not published yet: the bootstrap's report says so
                continue
            children.append(_chart(grid, slug, (width, row["height"]), [*parents, identifier], charts))
            continue
        column = f"COLUMN-{cell['stack'][0]}"
        children.append(column)
        inside: list[str] = []
        meta = {"background": "BACKGROUND_TRANSPARENT", "width": cell["width"]}
        grid[column] = _node("COLUMN", column, inside, [*parents, identifier], meta)
        # Two cards in one column stand a gutter of two units apart, and end level with their neighbours.
        height = (row["height"] - 2 * (len(cell["stack"]) - 1)) // len(cell["stack"])
        for slug in filter(charts.__contains__, cell["stack"]):
            inside.append(_chart(grid, slug, (cell["width"], height), [*parents, identifier, column], charts))


def _chart(grid: Parts, slug: str, size: tuple[int, int], parents: list[str], charts: Mapping[str, Parts]) -> str:
    identifier, chart = f"CHART-{slug}", charts[slug]
    width, height = size
    meta = {"chartId": chart["number"], "uuid": chart["uuid"], "sliceName": chart["name"]}
    grid[identifier] = _node("CHART", identifier, [], parents, meta | {"width": width, "height": height})
    return identifier


def _text(grid: Parts, name: str, text: str, height: int) -> None:
    row, block = f"ROW-{name}", f"MARKDOWN-{name}"
    parents = ["ROOT_ID", "GRID_ID"]
    grid["GRID_ID"]["children"].append(row)
    grid[row] = _node("ROW", row, [block], parents, {"background": "BACKGROUND_TRANSPARENT"})
    grid[block] = _node("MARKDOWN", block, [], [*parents, row], {"code": text, "width": COLUMNS, "height": height})


def _node(kind: str, identifier: str, children: list[str], parents: list[str], meta: Parts) -> Parts:
    return {"type": kind, "id": identifier, "children": children, "parents": parents, "meta": meta}


def metadata(page: Parts, device: str, context: Context, charts: Mapping[str, Parts], colours: Parts) -> Parts:
    """Build the settings of one dashboard: filters, colours by name, renewal."""
    settings = page["devices"][device]
    return {
        "color_scheme": "nengtan",
        "label_colors": colours,
        "shared_label_colors": [],
        "map_label_colors": {},
        "cross_filters_enabled": device == "desk",
        "refresh_frequency": settings.get("refresh_seconds", 0),
        "timed_refresh_immune_slices": [],
        "expanded_slices": {},
        "default_filters": "{}",
        "filter_bar_orientation": "HORIZONTAL",
        "native_filter_configuration": [
            _filter(name, page, device, context, charts)
            for name in settings.get("filters", [])
            if _has_values(context.specification.filters[name], context)
        ],
    }


def _filter(name: str, page: Parts, device: str, context: Context, charts: Mapping[str, Parts]) -> Parts:
    wanted = context.specification.filters[name]
    mine = [slug for slug in placed(page, device) if slug in charts]
    column = say(wanted["column"], context.language) if "column" in wanted else None
    excluded = [charts[slug]["number"] for slug in mine if not _reaches(name, column, slug, context)]
    common = {
        "id": f"NATIVE_FILTER-{name}",
        "type": "NATIVE_FILTER",
        "name": say(wanted["title"], context.language),
        "description": "",
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": excluded},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
    }
    if column is None:
        span = context.facts.spans["latest_year"]
        mask = {"extraFormData": {"time_range": span}, "filterState": {"value": span}}
        return common | {"filterType": "filter_time", "targets": [{}], "controlValues": {}, "defaultDataMask": mask}
    return common | {
        "filterType": "filter_select",
        "targets": [{"datasetMart": wanted["dataset"], "column": {"name": column}}],
        "sortMetric": wanted.get("order"),
        "requiredFirst": wanted.get("first", False),
        "controlValues": {
            "enableEmptyFilter": False,
            "defaultToFirstItem": wanted.get("first", False),
            "multiSelect": wanted["multiple"],
            "searchAllOptions": False,
            "inverseSelection": False,
            "sortAscending": True,
        },
    }


def _has_values(wanted: Parts, context: Context) -> bool:
    return "dataset" not in wanted or bool(context.facts.columns[wanted["dataset"]])


def _reaches(name: str, column: str | None, slug: str, context: Context) -> bool:
    """Tell whether a filter acts on a chart: its mart has the column, and the chart does not stand aside."""
    chart = context.specification.charts[slug]
    if name in chart.get("ignores", []):
        return False
    dataset = context.specification.datasets[chart["dataset"]]
    if column is None:
        return "time" in dataset and "span" not in chart
    return column in context.facts.columns[chart["dataset"]]
