"""`nengtan footprint` on the reference park's folder and an invented publication: statuses, words, exports."""

import json

import pytest
from click.testing import CliRunner

from lake.errors import NengtanError
from pipelines.cli.main import cli
from pipelines.settings import ROOT
from tests.unit.exchange.footprints import published_marts
from tests.unit.exchange.footprints.published_marts import place

__all__ = ["place"]
SITE = str(ROOT / "examples/reference_park")


@pytest.fixture
def run(place, monkeypatch):
    """Run a command on a lake whose marts tell of the cement of the park."""
    lake = place.lake.root
    lake.mkdir(parents=True)
    place.marts.rename(lake / "marts.duckdb")
    found = published_marts.Place(place.lake, lake / "marts.duckdb", place.site)
    for table in ("products", "contributions"):
        published_marts.publish(found, f"update footprint.{table} set product_id = 'cement'")
    published_marts.publish(found, "update footprint.products set organization_id = 'cement'")
    for name in ("NENGTAN_LAKE", "NENGTAN_MARTS", "NENGTAN_SITE"):
        monkeypatch.delenv(name, raising=False)

    def run_it(*words: str):
        where = ("--lake", str(lake)) if words[0] == "list" else ("--site", SITE, "--lake", str(lake))
        return CliRunner().invoke(cli, ["footprint", *words, *where])

    return run_it


def test_release_list_export_withdraw(run, tmp_path):
    assert run("list").output == "no footprint was released\n"
    told = run("release", "cement", "--period", "2025", "--person", "p01")
    assert told.exit_code == 0, told.output
    assert "cement of cement, 2025, version 1, 613.400000 kgCO2e per 1 t, active, released by p01" in told.output
    listed = run("list", "--json")
    (row,) = json.loads(listed.output)
    assert (row["status"], row["is_current"], row["footprint_kgco2e"]) == ("active", True, "613.400000")
    record = row["record_id"]
    told = run("export", record)
    assert json.loads(told.output)["pcf"]["pcfExcludingBiogenicUptake"] == "0.613400000"
    for profile in ("pact-v2", "catenax"):
        file = tmp_path / f"{profile}.json"
        told = run("export", record, "--as", profile, "--lang", "zh", "--output", str(file))
        assert told.exit_code == 0, told.output
        assert json.loads(file.read_text("utf-8"))["companyName"] == "示范水泥有限公司"
    told = run("withdraw", record, "--person", "p01", "--reason", "wrong allocation")
    assert "withdrawn, released by p01" in told.output
    assert "withdrawn by p01: wrong allocation" in run("list").output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("release", "cement", "--period", "2025", "--person", "p03"), "p03 may not approve in cement; roles.csv says"),
        (("release", "cement", "--period", "2099", "--person", "p01"), "the period has not ended"),
        (
            ("release", "steel", "--period", "2025", "--person", "p01"),
            "no footprint of 'steel' for '2025' is published",
        ),
        (("withdraw", "x", "--person", "p01", "--reason", "y"), "there is no release x"),
        (("export", "x"), "there is no release x"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run, words, sentence):
    told = run(*words)
    assert told.exit_code == 1
    assert isinstance(told.exception, NengtanError)
    assert sentence in str(told.exception)


def test_a_day_that_is_none_is_wrong_usage(run):
    told = run("release", "cement", "--period", "2025", "--person", "p01", "--valid-to", "soon")
    assert told.exit_code == 2
    assert "--valid-to 'soon' is no day: write 2028-01-01." in told.output
