"""Which backups may go."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lake.backup.keeping import Rule, may_go
from tests.unit.lake.backup import made
from tests.unit.lake.made import facts

_INSTANTS = st.lists(
    st.integers(0, 26_000).map(lambda hours: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    max_size=40,
    unique=True,
)
_COUNTS = st.integers(0, 5)


def test_by_hand() -> None:
    every_day = [datetime(2025, 1, 1, 3, tzinfo=UTC) + timedelta(days=number) for number in range(90)]  # to 31 March
    kept = set(every_day) - set(may_go(every_day, Rule(3, 2, 2)))
    assert {f"{at:%Y-%m-%d}" for at in kept} == {"2025-02-28", "2025-03-29", "2025-03-30", "2025-03-31"}


@given(_INSTANTS, _COUNTS, _COUNTS, _COUNTS)
def test_the_newest_stays_and_a_second_look_removes_nothing(
    instants: list[datetime], days: int, weeks: int, months: int
) -> None:
    rule = Rule(days, weeks, months)
    gone = set(may_go(instants, rule))
    kept = [at for at in instants if at not in gone]
    assert not instants or max(instants) in kept
    assert len(kept) <= max(1, days + weeks + months)
    assert may_go(kept, rule) == []
    last_days = sorted({at.date() for at in instants})[-days:] if days else []
    assert {at.date() for at in kept} >= set(last_days)


def test_what_another_backup_needs_is_not_removed(tmp_path: Path) -> None:
    here = made.place(tmp_path)
    here.take()
    made.land(here.lake, 9)
    made.write(here.homes["portal"] / "portal.sqlite", 5)
    here.take()
    first, second = here.repository.instants()
    assert here.repository.forget([first]) > 0  # the register as it was
    assert here.repository.instants() == [second]
    there, _ = here.restore(tmp_path / "there")
    assert len(facts(there)) == 8
