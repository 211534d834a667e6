"""What a change rebuilds: whole marts below what changed, days below new readings, nothing elsewhere."""

import pytest

from lake import rebuild
from lake.rebuild import Change, Rebuild
from tests.unit.lake.graphs import MARTS, graph

ZONE = {"timezone": "Asia/Shanghai"}


def planned(**change: object) -> Rebuild:
    return rebuild.plan(graph(), Change(**change), MARTS)  # type: ignore[arg-type]


def test_new_readings_rebuild_days_of_what_is_below_them():
    found = planned(readings=True)
    assert found.whole == set()
    assert found.by_work == {"energy.intervals", "energy.daily", "carbon.emissions"}
    assert set(found.models) == {"int_interval", "intervals", "int_slot", "int_price", "daily", "emissions"}
    assert found.models.index("intervals") < found.models.index("int_slot") < found.models.index("daily")


@pytest.mark.parametrize(
    ("thing", "whole"),
    [
        ("factor_grid", {"carbon.emissions"}),
        ("tariffs", {"energy.daily", "carbon.emissions"}),
        ("points", {"carbon.emissions", "reference.points"}),
        ("budgets", set()),
    ],
)
def test_a_new_version_of_a_thing_rebuilds_what_is_below_it(thing, whole):
    found = planned(things=frozenset({thing}))
    assert (found.whole, found.by_work) == (whole, set())
    assert found.is_empty == (not whole)
    assert all(f"ref/{thing}" in reason for reason in found.reasons.values())


def test_days_are_made_from_published_intervals_where_only_a_price_changed():
    found = planned(things=frozenset({"tariffs"}))
    assert "int_interval" not in found.models
    assert not found.needs_all(graph(), rebuild.RECEIVED)


def test_a_price_beside_new_readings_builds_days_whole_and_intervals_by_work():
    found = planned(readings=True, things=frozenset({"tariffs"}))
    assert found.whole == {"energy.daily", "carbon.emissions"}
    assert found.by_work == {"energy.intervals"}
    assert not found.needs_all(graph(), rebuild.RECEIVED)


def test_a_mart_that_is_not_published_yet_is_built_whole():
    assert rebuild.plan(graph(), Change(), MARTS - {"energy.daily"}).whole == {"energy.daily", "carbon.emissions"}


def test_intervals_that_are_built_whole_need_every_reading():
    found = planned(models=frozenset({"int_interval"}))
    assert found.whole == MARTS - {"reference.points"}
    assert found.needs_all(graph(), rebuild.RECEIVED)


def test_rows_of_single_points_are_followed_by_their_days():
    found = planned(rows=frozenset({"points"}))
    assert found.whole == set()
    assert found.by_work == {"carbon.emissions", "reference.points"}


def test_refused_rows_alone_touch_nothing_that_does_not_show_them():
    assert planned(refused=True, batches=True).is_empty


def changed(text: dict[str, str] | None = None, settings: str = "", **values: str) -> set[str]:
    known = {model.key: model.fingerprint(ZONE) for model in graph().by_name.values()}
    return set(rebuild.changed_models(graph(text, settings), known, {**ZONE, **values}))


def test_a_model_changes_with_its_text_its_macros_and_its_variables():
    assert changed() == set()
    assert changed({"int_price": "more"}) == {"int_price"}
    assert changed({"default__half": "more"}) == {"int_interval"}
    assert changed(timezone="UTC") == {"int_price"}
    assert changed(settings="vars") == set(graph().by_name)
