"""A manifest that cannot be read gives way to the one before; marts that are doubted count as not published."""

from pathlib import Path

import pytest

from lake import manifest
from lake.errors import LakeError
from lake.manifest import Manifest, Mart

_UNSAID = ("run_id", "published_at", "site_id", "code_hash", "as_of", "timezone", "months")
_BEYOND = ("period_from", "period_to", "newest_reading_at")


def _publish(area: Path, number: int) -> None:
    marts = {name: Mart(version=number, files=(), rows=0, columns=()) for name in ("energy.a", "energy.b")}
    said = dict.fromkeys((*_UNSAID, *_BEYOND))
    manifest.write(area, Manifest(number=number, raw={}, quarantine={}, ref={}, marts=marts, **said))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"number": 2}', "\0" * 100])
def test_the_one_before_holds(tmp_path: Path, text: str) -> None:
    for number in (1, 2):
        _publish(tmp_path, number)
    (tmp_path / manifest.FOLDER / "2.json").write_text(text, "utf-8")
    with pytest.raises(LakeError, match=r"2\.json: cannot be read"):
        manifest.last(tmp_path)
    [told] = manifest.set_aside(tmp_path)
    assert "2.json: cannot be read and was set aside" in told
    found = manifest.last(tmp_path)
    assert found is not None
    assert found.number == 1
    assert manifest.next_number(tmp_path) == 3
    assert manifest.set_aside(tmp_path) == []


def test_doubted_marts_count_as_not_published_until_the_next(tmp_path: Path) -> None:
    _publish(tmp_path, 1)
    manifest.doubt(tmp_path, 1, frozenset({"energy.a"}))
    found = manifest.last(tmp_path)
    assert found is not None
    assert set(found.marts) == {"energy.b"}
    _publish(tmp_path, 2)
    found = manifest.last(tmp_path)
    assert found is not None
    assert set(found.marts) == {"energy.a", "energy.b"}
