import csv
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.detectors import derived
from tests.unit.quality import lake_views


@given(st.integers(1, 99_999), st.integers(-7, 1), st.integers(0, 3), st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_a_computed_column_is_found_with_its_factor(digits, power, decimals, seed, exceptions):
    factor = Decimal(digits).scaleb(power)
    x = np.random.default_rng(seed).uniform(1, 500, 600).round(2)
    y = np.round(float(factor) * x, decimals)
    y[:exceptions] = 0
    if len(np.unique(y)) < 4 or np.count_nonzero(y) < 560:
        return  # too coarse to say anything
    relation = derived.relation_of(x, y)
    assert relation is not None
    assert relation.share >= 0.99
    assert abs(float(relation.factor / factor) - 1) < 0.5 * 10.0**-decimals / y.max() + 0.01


def test_what_only_goes_along_is_not_computed():
    random = np.random.default_rng(1)
    x = random.uniform(10, 100, 2000).round(2)
    assert derived.relation_of(x, (0.5 * x * random.normal(1, 0.02, 2000)).round(2)) is None or (
        derived.relation_of(x, (0.5 * x * random.normal(1, 0.02, 2000)).round(2)).share < 0.5
    )


@pytest.mark.parametrize("y", [np.zeros(500), np.tile([0.0, 1.0], 250), np.full(500, 7.0)])
def test_a_constant_or_a_switch_is_not_computed(y):
    assert derived.relation_of(np.linspace(1, 100, 500), y) is None


def test_the_shortest_number_is_chosen():
    assert derived.shortest(0.000458499, 0.0004585004) == Decimal("0.0004585")
    assert derived.shortest(0.99, 1.2) == Decimal("1")


def test_the_steel_works_co2_column_is_computed_from_its_energy(datasets):
    with (datasets / "uci_steel/Steel_industry_data.csv").open() as file:
        rows = list(csv.DictReader(file))
    energy, co2 = (np.array([float(row[name]) for row in rows]) for name in ("Usage_kWh", "CO2(tCO2)"))
    relation = derived.relation_of(energy, co2)
    assert relation == derived.Relation(Decimal("0.0004585"), 2, 35040, 34993)


def test_the_detector_names_the_column_and_its_base_once():
    con = lake_views.connection()
    random = np.random.default_rng(7)
    energy = random.uniform(5, 150, 3000).round(2)
    for name, values in {
        "energy": energy,
        "co2": (0.0004585 * energy).round(2),
        "factor": random.uniform(70, 100, 3000).round(1),
    }.items():
        lake_views.point(con, name, "interval")
        lake_views.readings(con, name, values.tolist())
    found = list(derived.detect(con))
    assert [(one.subject, one.evidence["base"], one.kind) for one in found] == [("co2", "energy", "derived_column")]
    assert "0.000458" in found[0].message_zh
    assert "computed, not measured" in found[0].message_en
