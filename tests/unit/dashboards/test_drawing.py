"""From a specification to Superset's words, without Superset."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from scripts.superset import access, drawings, facts, generate, parts, specification, words
from scripts.superset.parts import Context
from scripts.superset.specification import SpecificationError


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication of two marts: enough to draw some charts, not all."""
    path = tmp_path_factory.mktemp("marts") / "marts_bi.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema energy")
        connection.execute("create schema reference")
        connection.execute(
            "create table energy.consumption_daily as select date '2025-06-15' as local_date, 1 as level, "
            "1 as organization_level, true as is_counted, 2.5 as energy_tce_calorific, 10.0 as cost_cny, "
            "'park' as organization_id, '园' as organization_name_zh, 'park' as organization_name_en, "
            "'coal' as carrier_group, '煤炭' as carrier_group_name_zh, 'coal' as carrier_group_name_en"
        )
        connection.execute(
            "create table reference.organizations as select * from (values ('park', null), ('mill', 'park'), "
            "('shop', 'mill')) as rows (organization_id, parent_id)"
        )
    return path


@pytest.fixture(scope="module")
def wanted() -> specification.Specification:
    return specification.read()


@pytest.mark.parametrize(
    ("last", "year"),
    [
        (date(2026, 1, 1), "2025-01-01 : 2026-01-01"),
        (date(2025, 12, 31), "2025-01-01 : 2026-01-01"),
        (date(2025, 6, 30), "2024-07-01 : 2025-07-01"),
        (date(2024, 2, 29), "2023-03-01 : 2024-03-01"),
        (date(2024, 2, 28), "2023-02-01 : 2024-02-01"),
    ],
)
def test_the_year_is_twelve_whole_months(last: date, year: str) -> None:
    assert facts._spans(last)["latest_year"] == year
    assert facts._spans(last)["latest_day"].startswith(str(last))


def test_an_organisation_has_itself_and_all_below(marts: Path, wanted: specification.Specification) -> None:
    known = facts.read(marts, wanted)
    assert set(known.organizations["park"]) == {"park", "mill", "shop"}
    assert set(known.organizations["mill"]) == {"mill", "shop"}
    assert known.organizations["shop"] == ("shop",)


def test_what_is_not_published_is_left_out_and_nothing_dangles(
    marts: Path, wanted: specification.Specification
) -> None:
    files = generate.assets(wanted, facts.read(marts, wanted), marts)
    charts = {path for path in files if path.startswith("charts/")}
    assert "charts/day_energy-zh.yaml" in charts
    assert not [path for path in charts if "emissions" in path or "checks" in path]
    datasets = generate.identifiers(files, "datasets")
    assert {files[path]["dataset_uuid"] for path in charts} <= datasets
    drawn = generate.identifiers(files, "charts")
    placed = 0
    for path in files:
        if path.startswith("dashboards/"):
            cards = [card for card in files[path]["position"].values() if isinstance(card, dict)]
            placed += sum(card.get("type") == "CHART" for card in cards)
            assert {card["meta"]["uuid"] for card in cards if card.get("type") == "CHART"} <= drawn
            for filter_ in files[path]["metadata"]["native_filter_configuration"]:
                assert all(target.get("datasetUuid") in {None, *datasets} for target in filter_["targets"])
    assert placed >= 4


def test_an_identifier_rests_on_the_slug_alone() -> None:
    assert generate.identifier("a") == generate.identifier("a") != generate.identifier("b")
    assert generate.slug_of("overview", "desk", "zh") == "overview-zh"
    assert generate.slug_of("overview", "wall", "en") == "overview-wall-en"


def test_a_screen_may_show_another_power_of_ten_and_nothing_else(
    marts: Path, wanted: specification.Specification
) -> None:
    context = Context(wanted, facts.read(marts, wanted), "zh")
    value = {"column": "cost_cny", "label": "费用", "divide": {"zh": 10000, "en": 1000}}
    assert parts.metric_of(value, context)["sqlExpression"] == "SUM(cost_cny) / 10000"
    with pytest.raises(SpecificationError, match="power of ten"):
        parts.metric_of(value | {"divide": {"zh": 7000, "en": 1}}, context)


@pytest.mark.parametrize(
    ("slug", "column", "downward"),
    [
        ("equipping_rates", "equipping_ratio", False),
        ("meter_trust", "error_statistic", True),
        ("reminders", "first_seen_at", True),
        ("checks", "outcome_name_zh", False),
    ],
)
def test_the_browser_orders_a_table_as_its_page_asks(
    marts: Path, wanted: specification.Specification, slug: str, column: str, downward: bool
) -> None:
    """The table of the browser knows one order, by a number; of a word or time in a group there is one value."""
    drawing = drawings.draw(wanted.charts[slug], Context(wanted, facts.read(marts, wanted), "zh"))
    by = drawing.params["timeseries_limit_metric"]
    assert (by["column"]["column_name"], drawing.params["order_desc"]) == (column, downward)


@pytest.mark.parametrize("confidence", ["recalled", "verified"])
def test_a_number_that_rests_on_recalled_factors_says_so_in_both_languages(
    marts: Path, wanted: specification.Specification, tmp_path: Path, confidence: str
) -> None:
    file = Path(shutil.copy(marts, tmp_path / "marked.duckdb"))
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table energy.comprehensive_monthly as select date '2025-06-01' as month, "
            f"1.0 as comprehensive_energy_tce_calorific, '{confidence}' as calorific_confidence, "
            "'verified' as equivalent_confidence"
        )
    known = facts.read(file, wanted)
    for language, mark in parts.RECALLED.items():
        context = Context(wanted, known, language)
        said = drawings.draw(wanted.charts["energy_calorific"], context).params["subtitle"]
        assert (mark in said) == (confidence == "recalled")
        assert mark not in drawings.draw(wanted.charts["energy_equivalent"], context).params["subtitle"]
        bars = drawings.draw(wanted.charts["energy_by_carrier"], context).params["y_axis_title"]
        assert (mark in bars) == (confidence == "recalled")
        assert mark not in drawings.draw(wanted.charts["energy_cost"], context).params["subtitle"]


@pytest.mark.parametrize("bad", ["o'hara", "a b", "x) or (1=1", "", "a;b"])
def test_an_organisation_that_breaks_out_of_its_quotes_is_refused(bad: str) -> None:
    assert access._literal("energy_centre-2.1") == "'energy_centre-2.1'"
    with pytest.raises(ValueError, match="row rule"):
        access._literal(bad)


def test_every_organisation_gets_one_viewer_with_its_own_rows(marts: Path, wanted: specification.Specification) -> None:
    people = {person.username: person.roles for person in access.people(facts.read(marts, wanted))}
    assert people["viewer_mill"] == (access.VIEWER, access.role_of("mill"))
    assert people["park_manager"] == (access.VIEWER, access.MANAGER)
    assert len(people) == 6


def test_an_unsure_translation_is_found() -> None:
    catalogue = (
        '#, fuzzy\nmsgid "Samples"\nmsgstr "x"\n\nmsgid "Sure"\nmsgstr "y"\n\n'
        '#: a.py\n#, python-format, fuzzy\nmsgid ""\n"Two "\n"lines"\nmsgstr "z"'
    )
    assert words.unsure(catalogue) == {"Samples", "Two lines"}


def test_a_page_that_places_an_unknown_chart_is_refused(tmp_path: Path) -> None:
    for name in ("filters", "datasets", "palette", "theme"):
        (tmp_path / f"{name}.yaml").write_text("{}", encoding="utf-8")
    (tmp_path / "page.yaml").write_text(
        "page: page\ndevices: {desk: {rows: [{height: 1, charts: [{ghost: 12}]}]}}", encoding="utf-8"
    )
    with pytest.raises(SpecificationError, match="ghost"):
        specification.read(tmp_path)


def test_a_tree_has_nodes_with_a_parent_and_opens_to_its_depth(wanted: specification.Specification) -> None:
    chart = {
        "draw": "tree",
        "dataset": "energy.consumption_daily",
        "title": {"zh": "树", "en": "tree"},
        "series": "node_drawn_{lang}",
        "node": "node_id",
        "parent": "parent_id",
        "values": [{"column": "cost_cny", "label": {"zh": "费用", "en": "Cost"}, "unit": {"zh": "元", "en": "CNY"}}],
        "depth": 3,
        "span": "everything",
    }
    known = facts.Facts({}, date(2025, 6, 15), {"everything": "No filter"}, (date.min, date.max), {}, {}, frozenset())
    drawing = drawings.draw(chart, Context(wanted, known, "zh"))
    assert drawing.viz_type == "tree_chart"
    assert drawing.columns == ["node_id", "parent_id", "node_drawn_zh"]
    said = {key: drawing.params[key] for key in ("id", "parent", "name", "initialTreeDepth")}
    assert said == {"id": "node_id", "parent": "parent_id", "name": "node_drawn_zh", "initialTreeDepth": 3}
    assert specification.columns(chart, "en") == {"node_id", "parent_id", "node_drawn_en", "cost_cny"}
