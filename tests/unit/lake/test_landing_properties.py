"""Any order, duplication and cutting of what arrives leaves the same readings in raw."""

import itertools
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from lake.store import Lake
from tests.unit.lake.made import Row, batch, facts, values

POINTS = st.sampled_from(["p", "q"])
MINUTES = st.sampled_from([0, 15, 60 * 24 * 40])
VALUES = st.sampled_from(["1", "2.5", "-3"])
TOLD = st.lists(st.tuples(POINTS, MINUTES, VALUES, st.integers(0, 3)), min_size=1, max_size=10)
ONE_VALUE = st.dictionaries(st.tuples(POINTS, MINUTES), VALUES, min_size=1)


def _land(batches: list[list[Row]]) -> Lake:
    lake = Lake(tempfile.mkdtemp())
    for received, rows in enumerate(batches):
        lake.land(batch(rows, 100 + received))
    return lake


def _cut(rows: list[Row], cuts: list[int]) -> list[list[Row]]:
    places = sorted({0, len(rows), *(cut % (len(rows) + 1) for cut in cuts)})
    return [rows[start:stop] for start, stop in itertools.pairwise(places)]


@settings(max_examples=40)
@given(TOLD, st.data())
def test_told_readings_do_not_depend_on_how_they_arrive(rows: list[Row], data: st.DataObject) -> None:
    repeated = rows + data.draw(st.lists(st.sampled_from(rows), max_size=5))
    shuffled = data.draw(st.permutations(repeated))
    cuts = data.draw(st.lists(st.integers(0, 20), max_size=3))
    assert facts(_land(_cut(list(shuffled), cuts))) == facts(_land([rows]))


@settings(max_examples=40)
@given(ONE_VALUE, st.data())
def test_readings_with_one_value_land_once_however_often_they_come(
    known: dict[tuple[str, int], str], data: st.DataObject
) -> None:
    rows: list[Row] = [(point, minute, value, None) for (point, minute), value in known.items()]
    repeated = rows + data.draw(st.lists(st.sampled_from(rows), max_size=8))
    shuffled = data.draw(st.permutations(repeated))
    cuts = data.draw(st.lists(st.integers(0, 20), max_size=3))
    lake = _land(_cut(list(shuffled), cuts))
    assert values(lake) == sorted((point, minute, f"{float(value):g}") for (point, minute), value in known.items())
