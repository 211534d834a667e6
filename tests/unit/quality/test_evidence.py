"""The evidence chain: hashes that others know, rows that hash alike however they lie, no change that is not found."""

import hashlib
import json
import random
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import LakeError
from lake.store import Lake
from quality.evidence import canonical, chain, keys, merkle, sealing, verification
from tests import tampering
from tests.unit.lake.made import at, batch, readings, refused

# The eight entries and the heads of the trees over the first one to eight of them, as the tests of Certificate
# Transparency have them (github.com/google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc).
ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
HEADS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("count", range(1, 9))
def test_trees_have_the_published_heads(count: int) -> None:
    leaves = [merkle.leaf(bytes.fromhex(entry)) for entry in ENTRIES[:count]]
    assert merkle.root(leaves).hex() == HEADS[count - 1]


def test_an_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.root([]) == hashlib.sha256(b"").digest()


def test_sm3_is_that_of_the_standard() -> None:
    # GB/T 32905-2016, appendix A.1
    assert merkle.digest(b"abc", "sm3").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_an_unknown_hash_is_refused_in_one_sentence() -> None:
    with pytest.raises(LakeError, match="not known on this machine; choose one of sha256, sm3"):
        merkle.digest(b"", "md6")


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_log_that_grows_in_steps_has_the_head_of_the_whole(first: int, more: int) -> None:
    leaves = [merkle.leaf(bytes([number])) for number in range(first + more)]
    begun = merkle.Peaks().extended(leaves[:first])
    gone_on = merkle.Peaks("sha256", begun.size, begun.peaks).extended(leaves[first:])
    assert gone_on.root() == merkle.root(leaves)


ROWS = st.lists(
    st.tuples(st.sampled_from(["p", "q", "测点"]), st.integers(0, 9), st.sampled_from(["1", "2.5", "-3"]), st.none()),
    min_size=1,
    max_size=20,
)


def _frame(rows: list[tuple[str, int, str, int | None]]) -> pl.DataFrame:
    table = readings(rows)
    return pl.DataFrame(table.drop_columns(["known_at"])).with_columns(
        known_at=pl.lit(at(0)).cast(pl.Datetime("us", "UTC"))
    )


@given(ROWS, st.randoms(use_true_random=False))
def test_rows_hash_alike_in_whatever_order_they_lie(
    rows: list[tuple[str, int, str, int | None]], dice: random.Random
) -> None:
    frame = _frame(rows)
    order = list(range(frame.height))
    dice.shuffle(order)
    assert canonical.leaves(frame[order], 9, "sha256") == canonical.leaves(frame, 9, "sha256")


@given(ROWS, st.data())
def test_any_other_row_hashes_otherwise(rows: list[tuple[str, int, str, int | None]], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    point, minute, value, known = rows[place]
    other = data.draw(ROWS.map(lambda found: found[0]).filter(lambda row: row != (point, minute, value, known)))
    changed = [*rows[:place], other, *rows[place + 1 :]]
    assert canonical.leaves(_frame(changed), 9, "sha256") != canonical.leaves(_frame(rows), 9, "sha256")


def test_blocks_end_at_a_thousand_rows() -> None:
    frame = _frame([("p", minute, "1", None) for minute in range(2001)])
    assert len(canonical.leaves(frame, 9, "sha256")) == 3


def test_a_column_without_a_value_leaves_a_row_as_it_was() -> None:
    assert canonical.row({"b": 1, "a": None}) == canonical.row({"b": 1}) == b'{"b":1}'


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "evidence.pem"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Lake:
    """A lake that was sealed three times, with compaction between."""
    lake = Lake(str(tmp_path_factory.mktemp("evidence") / "lake"))
    lake.claim("works")
    dice = random.Random(7)
    for day in range(12):
        start = day * 8640
        rows = [(f"p{n % 5}", start + n, f"{dice.randint(0, 99999)}.{dice.randint(0, 9)}", None) for n in range(1300)]
        lake.land(batch(rows, start + 9000, refused=refused(f"row {day}")))
        if day == 1:
            lake.snapshot("factors", pa.table({"factor_id": ["grid", "gas"], "factor": [0.5703, 2.16]}), at(day))
        if day in {3, 7, 11}:
            sealing.seal(lake, keys.opened(key))
            lake.compact("meter", thoroughly=True)
    return lake


def test_what_nobody_touched_holds(sealed: Lake, key: Path) -> None:
    verdict = verification.verify(sealed, keys.public(keys.opened(key)), chain.heads(sealed))
    assert verdict.faults == []
    assert (verdict.heads, verdict.payloads, verdict.pending_rows) == (3, 12, 0)
    assert verdict.rows >= 12 * 1300


@pytest.mark.parametrize("change", tampering.CHANGES, ids=lambda change: change.__name__)
def test_a_change_is_found_and_named(change: tampering.Changing, sealed: Lake, key: Path) -> None:
    for seed in range(2):
        with tampering.undone(sealed.root) as remember:
            done = change(sealed, random.Random(seed), remember)
            faults = verification.verify(sealed, keys.public(keys.opened(key))).faults
        assert any(done.names in fault.said for fault in faults), (done, faults)
    assert verification.verify(sealed, keys.public(keys.opened(key))).faults == []


def test_a_changed_reading_is_named_by_its_block_and_by_its_payload(sealed: Lake, key: Path) -> None:
    with tampering.undone(sealed.root) as remember:
        tampering.value(sealed, random.Random(1), remember)
        (fault,) = verification.verify(sealed, keys.public(keys.opened(key))).faults
    assert fault.table_name == "raw/meter__reading"
    assert fault.batch_id is not None
    assert fault.block in {1, 2}
    assert "not as it was sealed; between p" in fault.said


def test_nothing_new_makes_no_head_and_what_came_later_waits(sealed: Lake, key: Path, tmp_path: Path) -> None:
    before = chain.heads(sealed)
    assert sealing.seal(sealed, keys.opened(key)) == before[-1]
    assert chain.heads(sealed) == before
    lake = Lake(str(tmp_path / "lake"))
    lake.claim("works")
    lake.land(batch([("p", 0, "1", None)], 1))
    sealing.seal(lake, keys.opened(key))
    lake.land(batch([("p", 15, "2", None)], 16))
    verdict = verification.verify(lake)
    assert (verdict.faults, verdict.pending_rows) == ([], 2)  # the reading and its batch row


def test_a_payload_that_is_read_again_and_gives_more_is_sealed_beside_what_it_gave(key: Path, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.claim("works")
    for rows in (
        [("p", 0, "1", None), ("p", 2, "3", None)],
        [("p", 0, "1", None), ("p", 1, "2", None), ("p", 2, "3", None)],
    ):
        lake.land(batch(rows, 5, payload=b"one file, understood better the second time"))
        sealing.seal(lake, keys.opened(key))
    found = chain.entries(lake, chain.heads(lake)[-1])
    assert [entry.members is None for entry in found if entry.kind == "readings"] == [True, False]
    assert verification.verify(lake).faults == []


def test_a_log_that_no_longer_tells_is_made_up_for_by_the_rows(key: Path, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.claim("works")
    for minute in range(3):
        lake.land(batch([("p", minute, "1", None)], minute + 1))
        if minute == 0:
            sealing.seal(lake, keys.opened(key))
    for entry in sorted((lake.path("raw", "meter__reading") / "_delta_log").glob("*.json"))[:-1]:
        DeltaTable(lake.path("raw", "meter__reading")).create_checkpoint()
        entry.unlink()
    head = sealing.seal(lake, keys.opened(key))
    assert head is not None
    assert sum(entry.rows for entry in chain.entries(lake, head) if entry.kind == "readings") == 3
    assert verification.verify(lake).faults == []


def test_a_run_that_died_between_entries_and_head_leaves_nothing(key: Path, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.claim("works")
    lake.land(batch([("p", 0, "1", None)], 1))
    in_the_way = lake.path("evidence", "heads")
    in_the_way.parent.mkdir()
    in_the_way.write_text("no folder")
    with pytest.raises(OSError, match=r"exists|directory"):
        sealing.seal(lake, keys.opened(key))
    in_the_way.unlink()
    with pytest.raises(LakeError, match="nothing was sealed"):
        verification.verify(lake)
    head = sealing.seal(lake, keys.opened(key))
    assert head is not None
    assert head.number == 1
    assert verification.verify(lake).faults == []


def test_a_chain_goes_on_with_the_hash_that_it_began_with(sealed: Lake, key: Path, tmp_path: Path) -> None:
    sealed_rows = Lake(str(tmp_path / "lake"))
    sealed_rows.claim("works")
    sealed_rows.land(batch([("p", 0, "1", None)], 1))
    head = sealing.seal(sealed_rows, keys.opened(key), "sm3")
    assert head is not None
    assert verification.verify(sealed_rows).faults == []
    sealed_rows.land(batch([("p", 1, "1", None)], 2))
    with pytest.raises(LakeError, match="begun with sm3; it cannot go on with sha256"):
        sealing.seal(sealed_rows, keys.opened(key))


def test_a_history_that_was_written_anew_is_found_by_a_head_from_outside(key: Path, tmp_path: Path) -> None:
    kept = []
    for value in ("1", "2"):
        lake = Lake(str(tmp_path / value))
        lake.claim("works")
        lake.land(batch([("p", 0, value, None)], 1))
        sealing.seal(lake, keys.opened(key))
        kept.append(chain.imported(json.dumps(chain.exported(chain.heads(lake)[-1])), "head.json"))
    assert verification.verify(lake, outside=kept[1:]).faults == []
    (fault,) = verification.verify(lake, outside=kept[:1]).faults
    assert "its history was written anew" in fault.said
