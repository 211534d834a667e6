"""Write the specification out as Superset's import files: one database, its datasets, charts and dashboards.

The identifier of each asset is the uuid5 of its slug, so the same files import anywhere and twice.
Run `python -m scripts.superset.generate --marts FILE --output DIR` to look at the files; the bootstrap imports them
without writing any.
"""

import argparse
import json
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml

from scripts.superset import drawings, facts, layout, specification
from scripts.superset.parts import Context, Drawing, Parts
from scripts.superset.specification import LANGUAGES, Specification, say

DATABASE = "nengtan"
VERSION = "1.0.0"
THEMES = ("light", "dark")


def identifier(slug: str) -> str:
    """Return the stable identifier of an asset."""
    return str(uuid5(NAMESPACE_URL, f"nengtan/{slug}"))


def slug_of(page: str, device: str, language: str) -> str:
    """Return the address of a dashboard, for example overview-wall-en; the desk needs no word."""
    return "-".join(part for part in (page, "" if device == "desk" else device, language) if part)


def assets(wanted: Specification, known: facts.Facts, marts: Path) -> dict[str, Parts]:
    """Return every import file by its path."""
    files: dict[str, Parts] = {
        "metadata.yaml": {"version": VERSION, "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"},
        f"databases/{DATABASE}.yaml": _database(marts),
    }
    for mart in wanted.datasets:
        if known.columns[mart]:
            files[f"datasets/{DATABASE}/{mart}.yaml"] = _dataset(mart, wanted, known)
    for language in LANGUAGES:
        context = Context(wanted, known, language)
        charts = _charts(context)
        for slug, chart in charts.items():
            files[f"charts/{slug}-{language}.yaml"] = {
                key: value for key, value in chart.items() if key not in ("number", "name")
            }
        for name, page in wanted.pages.items():
            for device in page["devices"]:
                files[f"dashboards/{slug_of(name, device, language)}.yaml"] = _dashboard(name, device, context, charts)
    return files


def identifiers(files: dict[str, Parts], kind: str) -> set[str]:
    """List the identifiers of one kind of asset (datasets, charts, dashboards)."""
    return {content["uuid"] for path, content in files.items() if path.startswith(f"{kind}/")}


def _database(marts: Path) -> Parts:
    # All three refuse a way out of the file: other files, other databases, and undoing the refusal.
    config = {
        "enable_external_access": "false",
        "lock_configuration": "true",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": "2",
        "memory_limit": "1GB",
    }
    return {
        "database_name": "Nengtan 能碳",
        "sqlalchemy_uri": f"duckdb:///{marts.resolve()}",
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"engine_params": {"connect_args": {"read_only": True, "config": config}}},
        "uuid": identifier("database"),
        "version": VERSION,
        "is_managed_externally": True,
    }


def _dataset(mart: str, wanted: Specification, known: facts.Facts) -> Parts:
    schema, table = mart.split(".")
    settings = wanted.datasets[mart]
    metrics = [
        {"metric_name": name, "expression": metric["expression"], "verbose_name": metric["label"]["zh"]}
        for name, metric in settings.get("metrics", {}).items()
    ]
    # Superset wants each table's name once; of two schemas' tables of one name the later is a query of all its columns.
    namesakes = [other for other in wanted.datasets if other.split(".")[1] == table and known.columns[other]]
    is_first = namesakes[0] == mart
    return {
        "table_name": table if is_first else f"{schema}_{table}",
        "sql": None if is_first else f"select * from {mart}",
        "schema": schema,
        "main_dttm_col": settings.get("time"),
        "filter_select_enabled": True,
        "metrics": metrics,
        "columns": [
            {
                "column_name": column,
                "type": kind,
                "is_dttm": kind.startswith(("DATE", "TIMESTAMP")),
                "groupby": True,
                "filterable": True,
                "is_active": True,
            }
            for column, kind in known.columns[mart].items()
        ],
        "uuid": identifier(f"dataset/{mart}"),
        "version": VERSION,
        "database_uuid": identifier("database"),
        "is_managed_externally": True,
    }


def _charts(context: Context) -> dict[str, Parts]:
    """Draw every chart whose mart is published; `number` and `name` serve the layout."""
    found: dict[str, Parts] = {}
    for number, (slug, chart) in enumerate(context.specification.charts.items(), start=1):
        if not context.facts.can_draw(chart):
            continue
        drawing = drawings.draw(chart, context)
        name = say(chart["title"], context.language)
        found[slug] = {
            "number": number,
            "name": name,
            "slice_name": name,
            "viz_type": drawing.viz_type,
            "params": drawing.params,
            "query_context": json.dumps(_query(drawing), ensure_ascii=False),
            "cache_timeout": None,
            "uuid": identifier(f"chart/{slug}/{context.language}"),
            "version": VERSION,
            "dataset_uuid": identifier(f"dataset/{chart['dataset']}"),
            "is_managed_externally": True,
        }
    return found


def _query(drawing: Drawing) -> Parts:
    """Ask for the chart's data without a browser: what the bootstrap's proof and the data export use."""
    query: dict[str, Any] = {
        "columns": drawing.columns,
        "metrics": drawing.metrics,
        "filters": drawing.filters,
        "orderby": drawing.orderby,
        "row_limit": drawing.row_limit,
        "extras": {"having": drawing.having, "where": " AND ".join(f"({part})" for part in drawing.where)},
        "annotation_layers": [],
        "applied_time_extras": {},
        "custom_params": {},
        "custom_form_data": {},
        "url_params": {},
    }
    return {
        "datasource": {"id": 0, "type": "table"},  # the import puts the dataset's number here
        "force": False,
        "queries": [query],
        "result_format": "json",
        "result_type": "full",
    }


def _dashboard(name: str, device: str, context: Context, charts: dict[str, Parts]) -> Parts:
    page = context.specification.pages[name]
    settings = page["devices"][device]
    slug = slug_of(name, device, context.language)
    theme = settings.get("theme", "light")
    metadata = layout.metadata(page, device, context, charts, colours(context, theme))
    for wanted in metadata["native_filter_configuration"]:
        for target in wanted["targets"]:
            if "datasetMart" in target:
                target["datasetUuid"] = identifier(f"dataset/{target.pop('datasetMart')}")
    return {
        "dashboard_title": say(page["title"], context.language),
        "slug": slug,
        "uuid": identifier(f"dashboard/{slug}"),
        "position": layout.position(page, device, context, charts),
        "metadata": metadata,
        "css": css(device),
        "published": True,
        "theme_uuid": identifier(f"theme/{theme}"),
        "version": VERSION,
        "is_managed_externally": True,
    }


def colours(context: Context, theme: str) -> dict[str, str]:
    """Map every name that a legend can show to its one colour."""
    palette = context.specification.palette
    found: dict[str, str] = {}
    for kind, names in context.facts.colours.items():
        found |= {name: _shade(palette[kind][key], theme) for name, key in names.items() if key in palette[kind]}
    for chart in context.specification.charts.values():
        for value in specification.measures(chart):
            if "role" in value:
                found[say(value["label"], context.language)] = _shade(palette["role"][value["role"]], theme)
    return found


def _shade(colour: dict[str, str], theme: str) -> str:
    return colour.get(theme, colour["light"])


def css(device: str) -> str:
    """Return the style sheet of a device: what all share, then its own."""
    folder = specification.FOLDER / "styles"
    return "".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in ("common", device))


def main() -> None:
    """Write the import files into a folder, for a look at them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--marts", type=Path, required=True, help="marts_bi.duckdb")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args()
    wanted = specification.read()
    for path, content in assets(wanted, facts.read(arguments.marts, wanted), arguments.marts).items():
        target = arguments.output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main()
