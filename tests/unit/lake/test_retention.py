"""Whatever the policy: only looks back and torn commits of that age go; all else is what it was, to the last byte."""

import hashlib
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from lake import asof, manifest, retention, snapshots, torn
from lake.retention import LOOK_BACK, TORN, Policy
from lake.store import Lake
from tests.unit.lake.backup import made
from tests.unit.lake.made import facts

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DAYS = st.integers(0, 400)


def _aged(path: Path, days: int) -> Path:
    at = (NOW - timedelta(days=days, minutes=1)).timestamp()
    os.utime(path, (at, at))
    return path


def _look_back(lake: Lake, number: int, days: int) -> Path:
    folder = asof.folder(lake, NOW - timedelta(hours=number))
    (folder / "energy").mkdir(parents=True)
    (folder / "marts.duckdb").write_bytes(b"x" * number)
    return _aged(folder, days)


def _torn(lake: Lake, number: int, days: int) -> Path:
    folder = lake.root / "raw" / "meter__reading" / torn.ASIDE
    folder.mkdir(exist_ok=True)
    path = folder / f"{number}.json"
    path.write_text("{", "utf-8")
    return _aged(path, days)


def _contents(root: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in root.rglob("*") if path.is_file()}


@settings(max_examples=15)
@given(looks=st.lists(DAYS, max_size=4), tears=st.lists(DAYS, max_size=4), policy=st.builds(Policy, DAYS, DAYS, DAYS))
def test_nothing_goes_that_anything_rests_on(looks: list[int], tears: list[int], policy: Policy) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = made.place(Path(folder), batches=1)
        lake, root = here.lake, here.lake.root
        before, known, versions = _contents(root), facts(lake), snapshots.currents(lake.area("ref"))
        assert len(before) >= 8
        aged = {_look_back(lake, number, days): (LOOK_BACK, days) for number, days in enumerate(looks)}
        aged |= {_torn(lake, number, days): (TORN, days) for number, days in enumerate(tears)}
        limits = {LOOK_BACK: policy.look_backs_days, TORN: policy.torn_days}
        due = {path for path, (kind, days) in aged.items() if days >= limits[kind]}
        items = retention.may_go(lake, policy, NOW)
        assert {item.path for item in items} == due
        retention.remove(items)
        assert all(path.exists() == (path not in due) for path in aged)
        after = _contents(root)
        assert {path: digest for path, digest in after.items() if path in before} == before
        assert facts(lake) == known
        assert snapshots.currents(lake.area("ref")) == versions


def test_a_torn_manifest_goes_when_it_is_old(tmp_path: Path) -> None:
    lake = made.place(tmp_path).lake
    folder = lake.area("marts") / manifest.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"7.json{manifest.TORN}"
    path.write_text("{", "utf-8")
    assert manifest.next_number(lake.area("marts")) == 8
    _aged(path, 91)
    assert [item.path for item in retention.may_go(lake, Policy(), NOW)] == [path]
    assert retention.may_go(lake, Policy(torn_days=92), NOW) == []
