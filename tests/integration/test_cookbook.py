"""Every recipe of the cookbook answers on the reference park, and what it works out twice is the published number."""

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.integration.reference_park import ROOT, Park

pytestmark = pytest.mark.integration

TEXT = (ROOT / "docs/cookbook.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^### (.+?)\n\n(?:[^#`]+\n\n)?```sql\n(.+?)```", TEXT, re.MULTILINE | re.DOTALL))
#: Recipes that recompute a number of money, energy or emissions may differ by the last printed digit of each part.
LAST_DIGIT = Decimal("0.000001")


def test_every_heading_has_its_recipe() -> None:
    assert len(RECIPES) == TEXT.count("\n### ") >= 40
    assert sum("as recomputed" in sql for sql in RECIPES.values()) >= 15


@pytest.fixture(scope="module")
def opened(park: Park) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(Path(park.lake / "marts.duckdb")), read_only=True)


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_answers_and_its_second_way_comes_to_the_same(opened: duckdb.DuckDBPyConnection, title: str) -> None:
    answer = opened.sql(RECIPES[title])
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
    assert rows, "an empty answer proves nothing"
    if "left_over_kw" in answer.columns:  # what no meter of a part measures is a part, too
        assert all(abs(row["left_over_kw"]) <= row["power_kw"] / 100 for row in rows)
    if "recomputed" in answer.columns:
        pairs = [(row["published"], row["recomputed"]) for row in rows]
        assert any(published for published, _ in pairs)
        off = [pair for pair in pairs if abs(Decimal(str(pair[0])) - Decimal(str(pair[1]))) > LAST_DIGIT]
        assert off == []


def test_every_alert_brings_the_query_that_proves_it(opened: duckdb.DuckDBPyConnection) -> None:
    queries = opened.sql("select alert_id, evidence_query from energy.alerts").fetchall()
    assert queries
    assert [alert for alert, query in queries if not opened.sql(query).fetchall()] == []
