"""Every page draws what the marts have, in two languages, with its unit said; nothing dangles."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.superset import specification
from scripts.superset.specification import DEVICES, LANGUAGES, measures, placed, say

ROOT = Path(__file__).resolve().parents[2]
WANTED = specification.read()
HAN = re.compile(r"[\u4e00-\u9fff]")
UNIT_OF = {
    "_tce_calorific": {"zh": "当量", "en": "calorific"},
    "_tce_equivalent": {"zh": "等价", "en": "equivalent"},
    "_tco2": {"zh": "tCO2", "en": "tCO2"},
    "_tco2e": {"zh": "tCO2e", "en": "tCO2e"},
    "_cny": {"zh": "元", "en": "CNY"},
    "_kgco2e": {"zh": "kgCO2e", "en": "kgCO2e"},
}


@cache
def published_columns() -> dict[str, set[str]]:
    """Read the columns of every mart: from dbt's yml beside the model, or from the room that makes it."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "dbt_project/models/marts").glob("*/*.yml"):
        for model in yaml.safe_load(path.read_text("utf-8"))["models"]:
            columns = {column["name"] for column in model["columns"]}
            # a model that another schema has a table of the same name beside bears its schema's name in front
            found[f"{path.parent.name}.{model['name'].removeprefix(f'{path.parent.name}_')}"] = columns
    for room in ("quality", "methods"):
        for mart, content in yaml.safe_load((ROOT / room / "marts.yaml").read_text("utf-8")).items():
            found[mart] = set(content["columns"])
    return found


def texts(content: Any) -> list[dict[str, str]]:
    """Find every text that has languages, however deep."""
    if isinstance(content, list):
        return [text for part in content for text in texts(part)]
    if not isinstance(content, dict):
        return []
    mine = [content] if set(content) & set(LANGUAGES) else []
    return mine + [text for part in content.values() for text in texts(part)]


def test_there_is_enough_to_test() -> None:
    assert len(WANTED.charts) >= 45
    assert len(WANTED.pages) >= 7
    assert set(WANTED.pages["overview"]["devices"]) == set(DEVICES)
    assert len(placed(WANTED.pages["overview"], "wall")) >= 8
    assert len(placed(WANTED.pages["overview"], "phone")) == 5


@pytest.mark.parametrize("mart", sorted(WANTED.datasets))
def test_each_dataset_is_a_living_mart(mart: str) -> None:
    columns = published_columns()
    assert len(columns) >= 15
    assert mart in columns
    settings = WANTED.datasets[mart]
    assert "time" not in settings or settings["time"] in columns[mart]
    assert settings["rows"] in ("organization", "site", "everyone")
    assert settings["rows"] != "organization" or "organization_id" in columns[mart], "the row rules need the column"
    assert settings["rows"] == "organization" or "organization_id" not in columns[mart], "rows of one owner, for all?"


@pytest.mark.parametrize("slug", sorted(WANTED.charts))
def test_each_column_of_a_chart_exists(slug: str) -> None:
    chart, columns = WANTED.charts[slug], published_columns()
    for language in LANGUAGES:
        used = specification.columns(chart, language)
        assert used
        assert used <= columns[chart["dataset"]], f"{slug} in {language}"


def test_a_table_is_ordered_by_what_it_shows() -> None:
    ordered = {slug: chart for slug, chart in WANTED.charts.items() if chart["draw"] == "table" and "order" in chart}
    assert len(ordered) >= 10
    for slug, chart in ordered.items():
        shown = {column["column"] for column in chart["columns"]}
        assert {order["column"] for order in chart["order"]} <= shown, slug


@pytest.mark.parametrize("slug", sorted(WANTED.charts))
def test_each_number_says_its_unit(slug: str) -> None:
    chart = WANTED.charts[slug]
    for value in [*measures(chart), *(column for column in chart.get("columns", []) if "format" in column)]:
        suffix = next((suffix for suffix in UNIT_OF if value["column"].endswith(suffix)), None)
        for language in LANGUAGES:
            said = say(value.get("unit", value["label"]), language) + say(chart["title"], language)
            assert suffix is None or UNIT_OF[suffix][language] in said, f"{slug} in {language}: {said}"
    assert chart["draw"] == "table" or all("unit" in value for value in measures(chart))


@pytest.mark.parametrize("slug", sorted(WANTED.charts))
def test_each_number_that_rests_on_factors_can_carry_the_mark(slug: str) -> None:
    chart, columns = WANTED.charts[slug], published_columns()
    told = WANTED.datasets[chart["dataset"]].get("confidence", {})
    for value in [*measures(chart), *(column for column in chart.get("columns", []) if "format" in column)]:
        endings = ("_tce_calorific", "_tce_equivalent", "_tco2", "_tco2e", "_kgco2e", "_to_date_actual")
        resting = value["column"].endswith(endings)
        resting &= value["column"] != "measured_tco2"  # a stack's tonnes rest on instruments
        resting |= (chart["dataset"], value["column"]) == ("carbon.intensity_monthly", "intensity")
        assert resting == any(value["column"].endswith(suffix) for suffix in told), f"{slug}: {value['column']}"
    for place in told.values():
        mart, column = place.rsplit(".", 1)
        assert column in columns[mart], place


def test_every_text_is_in_both_languages() -> None:
    found = texts([WANTED.pages, WANTED.charts, WANTED.filters])
    assert len(found) >= 80
    for text in found:
        assert set(text) == set(LANGUAGES), text
        assert not isinstance(text["en"], str) or not HAN.search(text["en"]), text


def test_a_name_on_screen_follows_the_language() -> None:
    for slug, chart in WANTED.charts.items():
        for column in specification.columns(chart, "en"):
            assert not column.endswith("_zh"), slug


def test_no_dataset_computes() -> None:
    """A formula on a chart is a formula without a clause: a metric is one aggregate of one column."""
    for slug, chart in WANTED.charts.items():
        assert "sql" not in chart
        for value in measures(chart):
            assert re.fullmatch(r"[a-z0-9_]+(\{lang\})?", value["column"]), slug
            assert value.get("aggregate", "SUM") in ("SUM", "AVG", "MAX", "MIN", "COUNT"), slug
            for divisor in value.get("divide", {"zh": 1}).values():
                assert str(divisor).rstrip("0") == "1", slug


def test_every_chart_is_placed() -> None:
    used = {slug for page in WANTED.pages.values() for device in page["devices"] for slug in placed(page, device)}
    assert used == set(WANTED.charts)


def test_filters_stand_in_one_order() -> None:
    order = list(WANTED.filters)
    for page in WANTED.pages.values():
        for device, settings in page["devices"].items():
            mine = settings.get("filters", [])
            assert mine == sorted(mine, key=order.index), device


def test_a_page_answers_one_question() -> None:
    """More than eight charts are two questions; a phone shows five cards."""
    for name, page in WANTED.pages.items():
        for device in page["devices"]:
            limit = {"desk": 8, "wall": 10, "phone": 5}[device]
            assert 3 <= len(placed(page, device)) <= limit, f"{name} {device}"


def test_a_row_of_charts_fills_the_page() -> None:
    for page in WANTED.pages.values():
        for settings in page["devices"].values():
            for row in settings["rows"]:
                widths = [cell["width"] if "stack" in cell else next(iter(cell.values())) for cell in row["charts"]]
                assert sum(widths) == 12, row


def test_one_colour_one_meaning() -> None:
    for kind in ("carrier_group", "source_category", "contributor_kind", "stage", "supply_status"):
        for theme in ("light", "dark"):
            colours = [shade.get(theme, shade["light"]) for shade in WANTED.palette[kind].values()]
            assert len(colours) == len(set(colours)), f"{kind} on {theme}"
    carriers = yaml.safe_load((ROOT / "dashboards/palette.yaml").read_text("utf-8"))["carrier_group"]
    assert {"electricity", "gas", "coal", "oil", "heat", "renewable"} <= set(carriers)
