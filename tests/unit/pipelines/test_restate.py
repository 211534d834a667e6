"""From when on a closed period is bridged, and what is said where nothing tells."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lake import closings
from lake.errors import LakeError
from lake.store import Lake
from methods.restatement.figures import Asked
from pipelines import restate

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
FIRST, LATER = datetime(2025, 8, 2, tzinfo=UTC), datetime(2025, 9, 2, tzinfo=UTC)


def act(lake: Lake, name: str, kind: str, month: date, published_at: datetime) -> None:
    """Let two persons close, restate or reopen a month of the mill from a publication."""
    for step, person in (("proposed", "li"), ("approved", "shen")):
        row = {
            "closing_id": name,
            "step": step,
            "act": kind,
            "organization_id": "mill",
            "period": f"{month:%Y-%m}",
            "person_id": person,
            "at": published_at,
            "way": "command",
            "publication_number": 1,
            "published_at": published_at,
            "code_hash": "code",
            "figures_hash": "hash",
            "figures": closings.Figures(frozenset({("mill", month)}), {}).text(),
        }
        closings.append(lake, row)


def test_a_closed_period_is_bridged_from_what_was_declared_last(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    with pytest.raises(LakeError, match="give --known-from"):
        restate.declared_at(lake, Asked())
    act(lake, "a", "close", JUNE, FIRST)
    assert restate.declared_at(lake, Asked("mill", (JUNE, JULY))) == FIRST
    with pytest.raises(LakeError, match="no month"):
        restate.declared_at(lake, Asked("steel"))
    act(lake, "b", "close", JULY, LATER)
    with pytest.raises(LakeError, match="several publications"):
        restate.declared_at(lake, Asked("mill"))
    assert restate.declared_at(lake, Asked("mill", (JULY, JULY))) == LATER
    act(lake, "c", "restate", JUNE, LATER)
    assert restate.declared_at(lake, Asked("mill")) == LATER
    act(lake, "d", "reopen", JUNE, LATER)
    with pytest.raises(LakeError, match="no month"):
        restate.declared_at(lake, Asked("mill", (JUNE, JUNE)))
