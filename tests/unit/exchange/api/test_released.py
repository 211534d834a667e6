"""What was released is handed out until it is withdrawn, in each version that can tell it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from exchange.api.released import Releases
from exchange.footprints import codec
from exchange.footprints.record import Footprint
from lake import footprint_releases
from lake.footprint_releases import RELEASED, WITHDRAWN
from lake.store import Lake
from tests.unit.exchange.footprints.records import CEMENT, END

RATED = replace(CEMENT, quality=replace(CEMENT.quality, coverage_ratio=Decimal("0.96")))


def step(lake: Lake, record: Footprint, kind: str, days: int) -> None:
    told: dict[str, Any] = {
        **{"record_id": record.record_id, "step": kind, "organization_id": "cement", "version": record.version},
        **{"product_id": record.product.product_id, "period": "2025", "at": END + timedelta(days=days)},
        **{"person_id": "li", "way": "command", "reason": "because", "content_hash": codec.content_hash(record)},
        "record": codec.text(record) if kind == RELEASED else None,
    }
    with lake.writing(footprint_releases.SOURCE):
        footprint_releases.append(lake, told)


def test_a_release_is_there_until_it_is_withdrawn_and_says_when_another_follows(tmp_path: Path) -> None:
    root = str(tmp_path / "lake")
    lake, host = Lake(root), Releases(root, "https://host.example")
    lake.claim("works")
    second = replace(RATED, record_id=RATED.record_id.replace("0b7c", "0b7d"), version=2)
    assert host.released() == []
    step(lake, RATED, RELEASED, 1)
    (one,) = host.released()
    assert (one.record_id, one.organization_id, one.product_id) == (RATED.record_id, "cement", "po425")
    assert host.released()[0] is one, "nothing new, nothing written anew"
    assert [one.body(version, with_process=False)["status"] for version in (3, 2)] == ["Active", "Active"]
    step(lake, second, RELEASED, 2)
    assert [one.body(3, with_process=False)["status"] for one in host.released()] == ["Deprecated", "Active"]
    assert [one.released_at for one in host.released()] == sorted(one.released_at for one in host.released())
    step(lake, second, WITHDRAWN, 3)
    assert [one.record_id for one in host.released()] == [RATED.record_id]


def test_a_version_that_cannot_tell_it_leaves_it_out(tmp_path: Path, caplog) -> None:
    root = str(tmp_path / "lake")
    lake = Lake(root)
    lake.claim("works")
    step(lake, replace(CEMENT, record_id=CEMENT.record_id.replace("0b7c", "0b7e")), RELEASED, 1)
    (one,) = Releases(root).released()
    assert one.is_told(3)
    assert not one.is_told(2), "PACT 2.3 wants ratings with their coverage from 2025 on"
    assert "is not handed out as PACT 2" in caplog.text


def test_process_detail_is_what_was_asked_for_and_never_kept_in_the_other(tmp_path: Path) -> None:
    root = str(tmp_path / "lake")
    lake = Lake(root)
    lake.claim("works")
    step(lake, RATED, RELEASED, 1)
    (one,) = Releases(root, "https://host.example").released()
    for version in (3, 2):
        told = one.body(version, with_process=True)
        assert told["extensions"][0]["dataSchema"].startswith("https://host.example/extensions/")
        told["extensions"].clear()
        assert "extensions" not in one.body(version, with_process=False)
        assert one.body(version, with_process=True)["extensions"]
