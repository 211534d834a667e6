import shutil
from pathlib import Path

import polars as pl
import pytest

from lake.errors import SiteError
from lake.site.check import check_site
from lake.site.load import read_site
from tests.unit.lake.site import broken

STARTER = Path("pipelines/cli/starter")


def test_every_fault_is_told_at_once_with_its_line(tmp_path):
    faults = [str(fault) for fault in check_site(broken.write(tmp_path), {})]
    for place, piece in broken.EXPECTED:
        assert [text for text in faults if text.startswith(f"{place}: ") and piece in text], (place, piece, faults)
    assert len(faults) == len(broken.EXPECTED), [
        text for text in faults if not any(text.startswith(f"{place}: ") for place, _ in broken.EXPECTED)
    ]
    assert len({piece for _, piece in broken.EXPECTED}) >= 25


def test_a_site_with_faults_is_not_read_and_says_how_many(tmp_path):
    with pytest.raises(SiteError, match=r"site\.yaml:1: id: .* and \d+ more faults; `nengtan check"):
        read_site(broken.write(tmp_path), {})


def test_the_starter_has_no_fault():
    assert check_site(STARTER, {}) == []


@pytest.fixture
def site(tmp_path):
    return Path(shutil.copytree(STARTER, tmp_path / "site"))


def test_a_folder_that_is_not_there_says_how_to_make_one(tmp_path):
    with pytest.raises(SiteError, match="nengtan init"):
        check_site(tmp_path / "none", {})


@pytest.mark.parametrize(
    "name",
    [
        "site.yaml",
        "sources.yaml",
        "organizations.csv",
        "energy_units.csv",
        "meters.csv",
        "points.csv",
        "allocations.csv",
    ],
)
def test_a_needed_file_that_is_missing_is_a_fault(site, name):
    (site / name).unlink()
    assert f"{name}:1: file: is missing, a site needs it" in [str(fault) for fault in check_site(site, {})]


@pytest.mark.parametrize("column", ["kind", "unit", "source"])
def test_a_needed_column_that_is_missing_is_one_fault(site, column):
    points = pl.read_csv(site / "points.csv", infer_schema=False).drop(column)
    points.write_csv(site / "points.csv")
    told = [str(fault) for fault in check_site(site, {})]
    assert told == [f"points.csv:1: {column}: the column is missing, the header needs it"]


def test_yaml_that_cannot_be_parsed_names_the_line(site):
    (site / "sources.yaml").write_text("sources:\n  a:\n    kind: files\n   path: x\n")
    assert str(check_site(site, {})[0]).startswith("sources.yaml:4: file:")
    (site / "sources.yaml").write_text("sources:\n  a: {kind: files, path: x}\n  a: {kind: files, path: y}\n")
    assert str(check_site(site, {})[0]).startswith("sources.yaml:3: file: is not YAML: found duplicate key")


@pytest.mark.parametrize(
    "text", ["id: !!python/object/apply:os.system [ls]\n", "a: &a {b: 1}\nc:\n  <<: *a\n", "id: a\0\n"]
)
def test_yaml_with_tags_merged_keys_and_control_characters_is_told_like_any_other(site, text):
    (site / "site.yaml").write_text(text)
    assert all(str(fault).startswith("site.yaml:") for fault in check_site(site, {})[:1])


def test_variables_come_from_the_environment_or_their_default(site):
    (site / "sources.yaml").write_text(
        "sources:\n  export: {kind: files, path: '${FOLDER}/${PART:-a}/*.csv', decimals: '${PLACES:-3}'}\n"
    )
    settings = read_site(site, {"FOLDER": "/data", "PART": "b"}).sources["export"].settings
    assert settings == {"path": "/data/b/*.csv", "decimals": 3}
    assert "FOLDER" in str(check_site(site, {})[0])
    assert "/data" not in repr(read_site(site, {"FOLDER": "/data"}))


def test_a_spreadsheet_may_save_as_gb18030_with_blank_lines_and_quotes(site):
    text = (site / "energy_units.csv").read_text("utf-8").replace("Paint shop", '"Paint,\nshop"')
    (site / "energy_units.csv").write_bytes((text + "\n,,,,,\nbad,plant,nowhere,line,坏,\n").encode("gb18030"))
    assert [str(fault)[:34] for fault in check_site(site, {})] == ["energy_units.csv:9: parent_id: 'no"]
    assert "涂装车间" in (site / "energy_units.csv").read_text("gb18030")


def test_a_gas_is_not_counted_in_kilowatt_hours(site):
    text = (site / "points.csv").read_text("utf-8").replace("volume,register,m3_20c", "volume,register,kWh", 1)
    (site / "points.csv").write_text(text, "utf-8")
    assert [str(fault)[:45] for fault in check_site(site, {})] == [
        "points.csv:4: unit: 'kWh' is no unit of volume"[:45]
    ]


def test_a_file_that_is_no_text_is_one_fault(site):
    text = (site / "tariffs.csv").read_text("utf-8")
    (site / "tariffs.csv").write_bytes(text.encode("utf-16"))
    assert [str(fault)[:34] for fault in check_site(site, {})] == ["tariffs.csv:1: file: is no CSV tex"]
    (site / "tariffs.csv").write_bytes(
        text.encode() + b"plant,electricity_grid,flat,00:00,24:00,1-12,1,2030-01-01,\xff\xff"
    )
    assert "tariffs.csv:8: row: holds bytes that are no text" in str(check_site(site, {})[0])


def test_a_byte_order_mark_is_not_part_of_a_heading(site):
    (site / "points.csv").write_bytes(b"\xef\xbb\xbf" + (site / "points.csv").read_bytes())
    assert check_site(site, {}) == []


def test_a_site_needs_only_its_seven_files(site):
    (site / "tariffs.csv").unlink()
    read = read_site(site, {})
    assert read.tables["tariffs"].num_rows == 0
    assert "price_cny_per_unit" in read.tables["tariffs"].column_names
    assert len(read.tables) >= 30


def test_empty_cells_become_their_defaults_and_roles(site):
    rows = pl.read_csv(site / "allocations.csv", infer_schema=False).drop("role", "share", "sign")
    rows.filter(pl.col("point_id").is_in(["grid_import", "pv_output", "machining_import"])).filter(
        pl.col("energy_unit_id") != "utilities"
    ).write_csv(site / "allocations.csv")
    read = pl.from_arrow(read_site(site, {}).tables["allocations"])
    assert dict(read.select("point_id", "role").iter_rows()) == {
        "grid_import": "purchase",
        "pv_output": "own_generation",
        "machining_import": "end_use",
    }
    assert read["sign"].to_list() == [1, 1, 1]
    assert read["share"].sum() == 3


def test_more_columns_are_welcome_and_kept(site):
    points = pl.read_csv(site / "points.csv", infer_schema=False).with_columns(cabinet=pl.lit("A1"))
    points.write_csv(site / "points.csv")
    assert read_site(site, {}).tables["points"]["cabinet"].to_pylist()[0] == "A1"


def test_many_points_are_checked_in_a_few_seconds(site):
    point = "p{0},m_grid,active_energy_import,register,kWh,1,,,export,"
    header = (site / "points.csv").read_text("utf-8").splitlines()[0]
    rows = [point.format(number) for number in range(100_000)]
    rows[70_000] = rows[70_000].replace("kWh", "kWhh")
    (site / "points.csv").write_text("\n".join([header, *rows]))
    (site / "allocations.csv").write_text("energy_unit_id,carrier,point_id\nplant,electricity_grid,p1\n")
    (site / "tariffs.csv").unlink()
    assert [str(fault).partition(" is")[0] for fault in check_site(site, {})] == ["points.csv:70002: unit: 'kWhh'"]
