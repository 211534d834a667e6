"""What is not as it should be is one sentence, and nothing hides anything else."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ingestion.health import Board
from lake.backup import parts
from pipelines import health
from pipelines.cli.main import status_of
from pipelines.settings import Settings, read_settings
from tests.unit.lake.backup import made

_NOW = datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    here = made.place(tmp_path)
    site = "examples/reference_park"
    return read_settings(site, str(here.homes[parts.LAKE]), {"NENGTAN_BACKUP": str(tmp_path / "kept"), "HOME": "/"})


def _troubles(settings: Settings, at: datetime = _NOW) -> dict[str, str]:
    return {one.name: f"{one.verdict}: {one.trouble}" for one in health.measures(settings, at) if one.trouble}


def test_a_new_lake_asks_for_a_run_and_a_backup(settings: Settings) -> None:
    told = _troubles(settings)
    assert told.keys() == {"nengtan_publication_number", "nengtan_backup_age_seconds"}
    assert "nothing is published yet" in told["nengtan_publication_number"]
    assert told["nengtan_backup_age_seconds"].startswith("failing: ")
    assert health.verdict(health.measures(settings, _NOW)) == health.FAILING


def test_a_backup_grows_old(settings: Settings, tmp_path: Path) -> None:
    made.Place(
        made.Lake(settings.lake), made.homes(tmp_path / "here"), made.Repository(tmp_path / "kept"), tmp_path
    ).take()
    assert "nengtan_backup_age_seconds" not in _troubles(settings, _NOW + timedelta(hours=25))
    late = _troubles(settings, _NOW + timedelta(hours=30))
    assert late["nengtan_backup_age_seconds"] == "warning: no backup was taken for 30 hours"


def test_a_source_that_is_away_and_a_collector_that_stopped(settings: Settings) -> None:
    board = Board(Path(settings.lake), {"gateway": "modbus", "broker": "mqtt"})
    board.sources["gateway"].say("no answer of 10.0.0.7")
    board.sources["broker"].hold_up("no space left")
    board.write()
    now = datetime.now(UTC)
    found = [one for one in health.measures(settings, now) if one.name == "nengtan_source_up"]
    assert {one.labels["source"]: (one.value, one.verdict, one.trouble) for one in found} == {
        "gateway": (0.0, "warning", "gateway: no answer of 10.0.0.7"),
        "broker": (0.0, "failing", "broker: no space left"),
    }
    later = _troubles(settings, now + timedelta(minutes=90))
    assert later["nengtan_collector_age_seconds"].endswith("nothing for 90 minutes; it does not run")


def test_a_message_that_was_given_up(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.marts / "notices.sqlite")) as connection:
        connection.execute("create table message (state text)")
        connection.executemany("insert into message values (?)", [("waiting",), ("dead",), ("acknowledged",)])
        connection.commit()
    values = {(one.name, one.labels.get("outbox")): one.value for one in health.measures(settings, _NOW)}
    assert values["nengtan_outbox_waiting", "notices"] == 1
    assert values["nengtan_outbox_dead", "notices"] == 1
    assert "notices: 1 messages were given up" in _troubles(settings)["nengtan_outbox_dead"]


def test_a_part_that_cannot_be_read_hides_no_other(settings: Settings) -> None:
    (settings.marts / "exchange.sqlite").write_text("no register", "utf-8")
    told = _troubles(settings)
    assert told["nengtan_unreadable"] == "failing: outboxes: file is not a database"
    assert "nengtan_backup_age_seconds" in told


def test_monitoring_reads_every_measure(settings: Settings) -> None:
    Board(Path(settings.lake), {'odd "name" \\': "modbus"}).write()
    found = health.measures(settings, _NOW)
    families = {family.name: family for family in text_string_to_metric_families(health.prometheus(found))}
    assert families["nengtan_verdict"].samples[0].value == 2
    assert families.keys() == {"nengtan_verdict", *(one.name for one in found)}
    assert sum(len(family.samples) for family in families.values()) == len(found) + 1 >= 8
    assert families["nengtan_source_up"].samples[0].labels["source"] == 'odd "name" \\'


def test_measures_are_written_whole_for_who_collects_text_files(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "nengtan.prom"
    place.write_text("of before", "utf-8")
    asked = ["health", "--lake", settings.lake, "--prometheus", "--output", str(place)]
    assert status_of([*asked, "--site", str(settings.site)]) in (0, 1)
    assert "nengtan_verdict" in {family.name for family in text_string_to_metric_families(place.read_text("utf-8"))}
    assert sorted(path.name for path in tmp_path.glob("*nengtan.prom*")) == ["nengtan.prom"]
