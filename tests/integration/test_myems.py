"""An energy management centre with the schema of MyEMS, on a real MariaDB: taken over, then read onwards."""

from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from ingestion.pull import Pulled, pull
from lake.site.load import read_site
from lake.store import Lake
from lake.tablerows import read
from pipelines.cli.main import status_of
from tests.integration import mariadb_server, peers

pytestmark = pytest.mark.integration
#: The tables and columns that are read, as MyEMS declares them (database/install of its repository).
SCHEMA = """
create database myems_system_db character set utf8mb4;
create database myems_historical_db character set utf8mb4;
create table myems_system_db.tbl_spaces (id bigint primary key, name varchar(255), parent_space_id bigint);
create table myems_system_db.tbl_energy_categories (id bigint primary key, name varchar(128),
 unit_of_measure varchar(32));
create table myems_system_db.tbl_meters (id bigint primary key, name varchar(255), energy_category_id bigint,
 is_counted bool not null, hourly_low_limit decimal(21, 6) not null, hourly_high_limit decimal(21, 6) not null);
create table myems_system_db.tbl_spaces_meters (id bigint auto_increment primary key, space_id bigint, meter_id bigint);
create table myems_system_db.tbl_points (id bigint primary key, name varchar(512), object_type varchar(32),
 units varchar(32));
create table myems_system_db.tbl_meters_points (id bigint auto_increment primary key, meter_id bigint, point_id bigint);
create table myems_historical_db.tbl_energy_value (id bigint auto_increment primary key, point_id bigint not null,
 utc_date_time datetime not null, actual_value decimal(21, 6) not null, is_bad bool);
insert into myems_system_db.tbl_spaces values (1, '示例工厂', null), (2, '一车间', 1);
insert into myems_system_db.tbl_energy_categories values (1, '电', 'kWh'), (2, '天然气', 'm3'), (3, '怪能', 'kWh');
insert into myems_system_db.tbl_meters values (1, '总表', 1, true, 0, 2000), (2, '一车间电表', 1, true, 0, 500),
 (3, '燃气总表', 2, true, 0, 300), (4, '怪表', 3, true, 0, 1), (5, '无点表', 1, true, 0, 1);
insert into myems_system_db.tbl_spaces_meters (space_id, meter_id) values (1, 1), (2, 2), (1, 3), (1, 4), (1, 5);
insert into myems_system_db.tbl_points values (11, 'a', 'ENERGY_VALUE', 'kWh'), (12, 'b', 'ENERGY_VALUE', 'kWh'),
 (13, 'c', 'ENERGY_VALUE', 'm3'), (14, 'd', 'ENERGY_VALUE', 'kWh'), (15, 'P', 'ANALOG_VALUE', 'kW');
insert into myems_system_db.tbl_meters_points (meter_id, point_id) values (1, 11), (1, 15), (2, 12), (3, 13), (4, 14),
 (5, 15);
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mariadb_server.server(tmp_path_factory.mktemp("mariadb")) as found:
        with _connection(found) as connection, connection.cursor() as cursor:
            for statement in SCHEMA.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
        yield found


def _connection(port: int) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
    return pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)


def _insert(port: int, *rows: tuple[int, str, str, int | None]) -> None:
    insert = "insert into myems_historical_db.tbl_energy_value (point_id, utc_date_time, actual_value, is_bad)"
    with _connection(port) as connection, connection.cursor() as cursor:
        cursor.executemany(f"{insert} values (%s, %s, %s, %s)", rows)


def test_a_centre_is_taken_over_and_its_history_read_once(
    port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, server = tmp_path / "plant", f"mysql+pymysql://root@127.0.0.1:{port}"
    assert status_of(["migrate", "myems", server, str(folder), "--carrier", "电=electricity_grid"]) == 0
    told = capsys.readouterr()
    assert "which carrier '怪能' is cannot be told" in told.err
    assert "it has 0 points" in told.err
    assert "meter '燃气总表': its volume is taken as m3_20c" in told.err
    assert "2 meters are left out" in told.out
    environment = {"MYEMS_URL": f"{server}/myems_historical_db"}
    site, lake = read_site(folder, environment), Lake(str(tmp_path / "lake"))
    assert site.settings.name_zh == "示例工厂"
    points = {row["point_id"]: row for row in site.tables["points"].to_pylist()}
    assert set(points) == {"point_11", "point_12", "point_13"}
    assert (points["point_13"]["unit"], points["point_13"]["physical_max"]) == ("m3_20c", 300)
    _insert(
        port,
        (11, "2026-01-01 00:00:00", "1000.5", 0),
        (11, "2026-01-01 00:15:00", "1010.25", None),
        (12, "2026-01-01 00:00:00", "77.000001", 1),
        (14, "2026-01-01 00:00:00", "1", 0),
    )
    assert [(one.rows_landed, dict(one.reasons)) for one in _pulled(pull(lake, site))] == [(3, {"unknown_point": 1})]
    assert list(pull(lake, site)) == []
    _insert(port, (11, "2026-01-01 00:30:00", "1020", 0))
    assert [one.rows_landed for one in _pulled(pull(lake, site))] == [1]
    rows = read(Path(lake.path("raw", "myems__reading"))).to_pylist()
    assert sorted(
        (row["point_id"], f"{row['reading_at']:%H:%M}", f"{row['value']:f}", row["status"]) for row in rows
    ) == [
        ("point_11", "00:00", "1000.500000", "good"),
        ("point_11", "00:15", "1010.250000", "good"),
        ("point_11", "00:30", "1020.000000", "good"),
        ("point_12", "00:00", "77.000001", "bad"),
    ]


def _pulled(pulled: Pulled) -> Pulled:
    assert pulled.away == {}
    return pulled


def test_trouble_is_one_sentence_and_nothing_is_written(
    port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "plant")
    away = f"mysql+pymysql://root:hidden@127.0.0.1:{peers.free_port()}"
    assert status_of(["migrate", "myems", away, folder]) == 1
    assert status_of(["migrate", "myems", f"mysql+pymysql://wrong:hidden@127.0.0.1:{port}", folder]) == 1
    assert status_of(["migrate", "myems", "nonsense", folder]) == 1
    told = capsys.readouterr().err
    assert told.count("does not answer") == 2
    assert "the address is none" in told
    assert "hidden" not in told
    assert not Path(folder).exists()
