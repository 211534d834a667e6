from pathlib import Path

import pytest

from lake.errors import NengtanError
from pipelines.settings import ROOT, read_settings


def test_an_empty_environment_means_the_reference_park_and_a_lake_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = read_settings(environ={})
    assert settings.site == ROOT / "examples/reference_park"
    assert settings.lake == str(tmp_path / "lake")
    assert settings.marts_file == tmp_path / "lake/marts.duckdb"
    assert settings.dagster_home == tmp_path / "lake/build/dagster"
    assert not (tmp_path / "lake").exists()


def test_an_argument_wins_over_the_environment():
    env = {"NENGTAN_SITE": "/a", "NENGTAN_LAKE": "/b", "NENGTAN_MARTS": "/m", "DAGSTER_HOME": "/d"}
    assert read_settings(environ=env).site == Path("/a")
    chosen = read_settings("/site", "/lake", env)
    assert (chosen.site, chosen.lake, chosen.marts) == (Path("/site"), "/lake", Path("/m"))
    assert chosen.dagster_home == Path("/d")


def test_an_object_store_is_named_as_it_is_and_the_marts_stay_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = read_settings(lake="s3://bucket/lake", environ={})
    assert settings.lake == "s3://bucket/lake"
    assert settings.marts == tmp_path / "lake"


def test_what_we_start_gets_our_places_and_no_telemetry():
    env = read_settings("/site", "/lake", {"PATH": "/bin", "SECRET": "x"}).for_programs()
    assert env["NENGTAN_SITE"] == "/site"
    assert env["SECRET"] == "x"
    assert env["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert "SECRET" not in repr(read_settings("/site", "/lake", {"SECRET": "x"}))


@pytest.mark.parametrize("text", ["abc", "0", "-1", "1.5"])
def test_a_number_of_threads_that_is_none_is_one_sentence(text):
    with pytest.raises(NengtanError, match=f"NENGTAN_THREADS is '{text}'"):
        read_settings(environ={"NENGTAN_THREADS": text})
    assert read_settings(environ={"NENGTAN_THREADS": "3"}).threads == 3
