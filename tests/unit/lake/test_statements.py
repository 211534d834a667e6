"""The SQL of the models as dbt makes it: the same for every run of a kind, with the run's own months put in."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from lake import models, statements
from lake import project as dbt

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"
LASTING = {"timezone": "UTC", "interval_minutes": 15, "price_minutes": 60, "hour_phase_seconds": 0}
SLOT, DAY, PRICE = "int_energy__point_slot", "int_quality__point_day", "int_energy__price_slot"


@pytest.fixture(scope="module")
def known() -> models.Models:
    return models.read(PROJECT)


def made(known: models.Models, **decided: object) -> dict[str, str]:
    variables = {**LASTING, "run_id": "one", "newest_days_from": "", "whole": [], "months": [], **decided}
    return statements.of(PROJECT, known, [SLOT, DAY, PRICE], variables)


def test_the_months_of_a_run_are_put_in(known):
    one = made(known, months=["2025-01-01"])
    two = made(known, months=["2025-01-01", "2025-02-01"])
    assert "month in (date '2025-01-01')" in one[DAY]
    assert "month in (date '2025-01-01', date '2025-02-01')" in two[DAY]
    assert one[DAY].replace("'2025-01-01')", "'2025-01-01', date '2025-02-01')") == two[DAY]


def test_a_run_without_months_reads_no_month(known):
    assert "0099-09-01" in made(known)[DAY]


def test_a_model_has_other_words_where_it_or_what_it_asks_about_yields_everything(known):
    by_work, everything = made(known), made(known, whole="all")
    only_slots = made(known, whole=[SLOT])
    assert len({by_work[SLOT], everything[SLOT], only_slots[SLOT]}) == 3
    assert '"intermediate"."int_energy__interval"' in everything[SLOT]
    assert '"energy"."intervals"' in by_work[SLOT]
    assert '"energy"."intervals"' in only_slots[SLOT]
    assert by_work[PRICE] == everything[PRICE]


def test_a_variable_of_the_site_gives_other_words(known):
    assert made(known)[PRICE] != made(known, price_minutes=30)[PRICE]


def test_only_models_that_name_a_variable_are_compiled_again(known, monkeypatch):
    made(known)
    asked = []
    compiled = dbt.compiled
    monkeypatch.setattr(dbt, "compiled", lambda *words: asked.append(set(words[1])) or compiled(*words))
    made(known)
    assert not asked
    minutes = 1 + secrets.randbelow(10**9)
    assert f"* {minutes} as minute_of_day" in made(known, price_minutes=minutes)[PRICE]
    assert PRICE in asked[0]
    assert all("price_minutes" in known.by_name[name].code for names in asked for name in names)


def test_what_is_kept_needs_no_dbt(known):
    made(known)
    asked = (
        "import sys; from tests.unit.lake import test_statements as t; "
        "t.made(t.models.read(t.PROJECT), months=['2025-03-01'], run_id='two'); "
        "print([name for name in sys.modules if name.partition('.')[0] == 'dbt'])"
    )
    said = subprocess.run([sys.executable, "-c", asked], cwd=PROJECT.parent, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
