"""Damaged files of the marts are made anew by the next run, which ends with the marts that were there before."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lake import damage, manifest, publication, recovery, torn
from lake.store import Lake
from tests.integration.small_works import ROOT, Works, register, works

pytestmark = pytest.mark.soak  # its short twin: tests/unit/lake/test_manifest.py

MARTS = ("energy.intervals", "energy.consumption_daily", "energy.consumption_monthly", "reference.points")
QUARTERS = 96 * 3


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Works:
    made = works(tmp_path_factory.mktemp("small"), ROOT / "dbt_project")
    made.land(register("one", [7] * QUARTERS))
    made.run("first")
    made.land(register("two", [3] * QUARTERS))
    made.run("second")
    return made


@pytest.fixture
def copy(small: Works, tmp_path: Path) -> Works:
    shutil.copytree(small.lake.root, tmp_path / "lake")
    return Works(Lake(str(tmp_path / "lake")), small.site, small.project, small.landed)


def _facts(made: Works) -> dict[str, list[tuple[object, ...]]]:
    return {mart: made.rows(f"select * from {mart} order by all") for mart in MARTS}


def _file(made: Works, mart: str) -> Path:
    published = publication.last_manifest(made.lake)
    assert published is not None
    return made.lake.path("marts", mart.replace(".", "/")) / published.marts[mart].files[0]


def _entry(made: Works, mart: str) -> Path:
    root = made.lake.path("marts", mart.replace(".", "/"))
    version = torn.newest(root)
    assert version is not None
    return torn.entry_of(root, version)


def _shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _noise_inside(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\x05" * (len(content) - 300) + content[-296:])


def _noise(path: Path) -> None:
    path.write_bytes(b"\x05" * path.stat().st_size)


def test_damaged_marts_are_made_anew(small: Works, copy: Works) -> None:
    for mart, spoil in zip(MARTS[:3], (_shorter, Path.unlink, _noise_inside), strict=True):
        spoil(_file(copy, mart))
    _noise(_entry(copy, MARTS[3]))
    told = damage.explained(str(copy.lake.root))
    assert told is not None
    assert "energy.consumption_daily, which the next run makes anew" in str(told)
    done = recovery.recover(copy.lake)
    assert any("reference/points: its log is damaged" in one for one in done)
    copy.run("again")
    assert _facts(copy) == _facts(small)
    assert list(damage.look(copy.lake)) == []
    assert recovery.recover(copy.lake) == []


@pytest.mark.parametrize("spoil", [_shorter, _noise, lambda path: path.write_bytes(b"")])
def test_a_manifest_that_cannot_be_read_falls_back(small: Works, copy: Works, spoil: Callable[[Path], None]) -> None:
    area = copy.lake.area("marts")
    spoil(area / manifest.FOLDER / "2.json")
    [set_aside, *_] = recovery.recover(copy.lake)
    assert "2.json: cannot be read and was set aside" in set_aside
    assert manifest.numbers(area) == [1]
    assert copy.rows("select number from publication") == [(1,)]
    if spoil is _shorter:
        copy.run("again")
        assert manifest.numbers(area) == [1, 3]
        assert _facts(copy) == _facts(small)
