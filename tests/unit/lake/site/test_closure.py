import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import SiteError
from lake.site.closure import organization_closure, unit_closure


def organizations(parents):
    return pa.table(
        {
            "organization_id": [f"o{place}" for place in range(len(parents))],
            "parent_id": pa.array([None if parent is None else f"o{parent}" for parent in parents], pa.string()),
        }
    )


@given(st.lists(st.integers(0, 10**6), max_size=40))
def test_the_closure_holds_every_ancestor_once_with_its_distance(seeds):
    parents = [None, *(seed % (place + 1) for place, seed in enumerate(seeds))]
    rows = organization_closure(organizations(parents)).to_pylist()
    expected = set()
    for place in range(len(parents)):
        chain, above = [place], parents[place]
        while above is not None:
            chain.append(above)
            above = parents[above]
        expected |= {(f"o{up}", f"o{place}", distance, len(chain) - 1) for distance, up in enumerate(chain)}
    assert {tuple(row.values()) for row in rows} == expected
    assert len(rows) == len(expected)


def test_units_of_one_level_never_contain_each_other():
    units = pa.table(
        {
            "energy_unit_id": ["park_root", "common", "works_root", "shop"],
            "organization_id": ["o0", "o0", "o1", "o1"],
            "parent_id": pa.array([None, "park_root", None, "works_root"], pa.string()),
        }
    )
    closure = unit_closure(units, organizations([None, 0])).to_pylist()
    assert {row["descendant"]: row["level"] for row in closure} == {
        "park_root": 0,
        "common": 1,
        "works_root": 1,
        "shop": 2,
    }


def test_no_units_are_an_empty_closure():
    assert organization_closure(organizations([])).num_rows == 0


def test_a_circle_is_refused():
    ring = pa.table({"organization_id": ["a", "b"], "parent_id": ["b", "a"]})
    with pytest.raises(SiteError, match="circle"):
        organization_closure(ring)
