"""Secrets: refused where they are written out, taken from the environment, and repeated in no error and no log."""

import logging
import shutil
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from exchange import uplink
from exchange.outbox import Outbox
from ingestion import collector, pull
from ingestion.source import Memory
from lake import secrets
from lake.errors import NengtanError, SiteError
from lake.site.check import check_site
from lake.site.load import UplinkSpec, read_site
from tests.unit.ingestion import made

STARTER = Path("pipelines/cli/starter")
PLANTED = "pl4nted-s3cret"
#: Every place of sources.yaml and uplinks.yaml that can hold a secret: file, settings with the place to fill.
PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "password": ("sources", {"kind": "mqtt", "url": "mqtt://b", "password": "{}"}),
    "sparkplug": ("sources", {"kind": "sparkplug", "url": "mqtt://b", "password": "{}"}),
    "opcua": ("sources", {"kind": "opcua", "url": "opc.tcp://s:4840", "security": "none", "password": "{}"}),
    "opcua_address": ("sources", {"kind": "opcua", "url": "opc.tcp://u:{}@s:4840", "security": "none"}),
    "mqtt_address": ("sources", {"kind": "mqtt", "url": "mqtt://gateway:{}@b"}),
    "modbus_address": ("sources", {"kind": "modbus", "url": "tcp://u:{}@m:502"}),
    "token": ("sources", {"kind": "rest", "url": "https://s/api", "token": "{}"}),
    "rest_address": ("sources", {"kind": "rest", "url": "https://u:{}@s/api"}),
    "parameter": ("sources", {"kind": "rest", "url": "https://s/api?unit=1&access_token={}"}),
    "database": ("sources", {"kind": "sql", "url": "mysql+pymysql://reader:{}@db/mes"}),
    "driver": ("sources", {"kind": "sql", "url": "mssql+pyodbc:///?odbc_connect=UID%3Du;PWD%3D{};"}),
    "station": ("sources", {"kind": "hj212", "stations": {"81733553216103": {"password": "{}"}}}),
    "sign_in": ("sources", {"kind": "form", "oidc": {"issuer": "https://i", "client_id": "c", "client_secret": "{}"}}),
    "uplink": ("uplinks", {"url": "https://p", "token": "{}"}),
    "uplink_address": ("uplinks", {"url": "https://u:{}@p/in"}),
    "header": ("uplinks", {"url": "https://p", "headers": {"Authorization": "Bearer {}"}}),
    "header_key": ("uplinks", {"url": "https://p", "headers": {"X-Api-Key": "{}"}}),
    "body": ("uplinks", {"url": "https://p", "messages": {"m": {"template": {"appSecret": "{}"}}}}),
}


def _filled(settings: Any, text: str) -> Any:
    if isinstance(settings, dict):
        return {key: _filled(value, text) for key, value in settings.items()}
    return settings.replace("{}", text) if isinstance(settings, str) else settings


def _site(folder: Path, text: str, *places: str) -> Path:
    """The starter's site with a connection more for each place, its secret as `text`."""
    site = Path(shutil.copytree(STARTER, folder / "site", dirs_exist_ok=True))
    yaml = YAML(typ="safe")
    known = {"sources": yaml.load(site / "sources.yaml")["sources"], "uplinks": {}}
    for place in places or PLACES:
        file, settings = PLACES[place]
        known[file][place] = _filled(settings, text)
    for file, connections in known.items():
        yaml.dump({file: connections}, site / f"{file}.yaml")
    return site


@pytest.mark.parametrize("text", [PLANTED, "${PLANTED:-" + PLANTED + "}"])
def test_a_secret_that_is_written_out_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    site = _site(tmp_path, text)
    faults = [str(fault) for fault in check_site(site, {})]
    told = [fault for fault in faults if "a secret is written out, allowed: ${" in fault]
    assert len(told) == len(PLACES)
    for place, (file, _) in PLACES.items():
        assert len([fault for fault in told if f": {file}.{place}." in fault and f"${{{place.upper()}_" in fault]) == 1
    assert PLANTED not in "".join(faults)
    with pytest.raises(SiteError, match="a secret is written out") as refused:
        read_site(_site(tmp_path, text, "modbus_address"), {})
    assert PLANTED not in str(refused.value)


@pytest.mark.parametrize("text", ["${PLANTED}", "${PLANTED:-}"])
def test_a_secret_of_the_environment_is_taken_and_not_repeated(tmp_path: Path, text: str) -> None:
    faults = [str(fault) for fault in check_site(_site(tmp_path, text), {"PLANTED": PLANTED})]
    assert not [fault for fault in faults if "written out" in fault]
    assert PLANTED not in "".join(faults)


def test_a_fault_beside_a_secret_does_not_repeat_it(tmp_path: Path) -> None:
    site = _site(tmp_path, "${PLANTED}", "mqtt_address")
    broken = (site / "sources.yaml").read_text("utf-8").replace("mqtt://", "mqt://")
    (site / "sources.yaml").write_text(broken, encoding="utf-8")
    (told,) = [str(fault) for fault in check_site(site, {"PLANTED": PLANTED}) if "wrong form" in str(fault)]
    assert "mqt://gateway:***@b" in told
    whole = broken.replace("mqt://gateway:${PLANTED}@b", "${BROKER}")
    (site / "sources.yaml").write_text(whole, encoding="utf-8")
    faults = [str(fault) for fault in check_site(site, {"BROKER": f"mqt://gateway:{PLANTED}@b"})]
    assert [fault for fault in faults if "wrong form" in fault]
    assert PLANTED not in "".join(faults)


def test_what_is_no_secret_is_left_alone() -> None:
    assert not secrets.is_written_out("url", "https://host:8080/a@b?unit=1")
    assert not secrets.is_written_out("url", "http://host:${PORT}/a@b")
    assert secrets.secrets_of_address("mysql://u:p/a?s@s#1@host:3306/db") == ["p/a?s@s#1"]
    assert not secrets.is_written_out("password_days", "90")
    assert not secrets.is_written_out("key_file", "certificates/key.pem")
    assert not secrets.is_written_out("token", "{token}")
    assert secrets.hidden("https://u:x@h/a?token=y&n=1") == "https://u:***@h/a?token=***&n=1"


@pytest.fixture
def closed() -> Iterator[int]:
    """A port of this machine that nobody listens on, and nobody else can take meanwhile."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("rest", {"url": "http://u:{}@127.0.0.1:{port}/api?access_token={}", "token": "{}", "mapping": {}}),
        ("sql", {"url": "mysql+pymysql://u:{}@127.0.0.1:{port}/d", "query": "select 1", "cursor": "id"}),
        ("sql", {"url": "postgresql+psycopg://u:{}@127.0.0.1:{port}/d", "query": "select 1", "cursor": "id"}),
    ],
)
def test_a_source_that_is_asked_says_what_is_wrong_without_its_secret(
    tmp_path: Path, closed: int, caplog: pytest.LogCaptureFixture, kind: str, settings: dict[str, Any]
) -> None:
    given = _filled(settings, PLANTED)
    given["url"] = given["url"].replace("{port}", str(closed))
    caplog.set_level(logging.DEBUG)
    with pytest.raises(NengtanError) as away:
        list(pull.CONNECTORS[kind](made.context(tmp_path, given, {"p": "a"}), Memory(), lambda *_: None))  # type: ignore[arg-type]
    assert "meter" in str(away.value)
    assert PLANTED not in caplog.text + "".join(traceback.format_exception(away.value))


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("mqtt", {"url": "mqtt://u:{}@127.0.0.1:{port}", "topics": ["t"], "mapping": {"device": "$.d"}}),
        ("sparkplug", {"url": "mqtt://127.0.0.1:{port}"}),
        ("opcua", {"url": "opc.tcp://u:{}@127.0.0.1:{port}", "security": "none"}),
    ],
)
def test_a_source_that_is_listened_to_says_what_is_wrong_without_its_secret(
    tmp_path: Path, closed: int, caplog: pytest.LogCaptureFixture, kind: str, settings: dict[str, Any]
) -> None:
    given = _filled({**settings, "username": "u", "password": "{}"}, PLANTED)
    given["url"] = given["url"].replace("{port}", str(closed))
    caplog.set_level(logging.DEBUG)
    address = {"mqtt": "d/k", "sparkplug": "g/n:m", "opcua": "ns=2;s=a"}[kind]
    context = made.context(tmp_path, given, {"p": address})
    source, stop, said = collector.CONNECTORS[kind](context), threading.Event(), list[str]()

    def say(away: str | None) -> None:
        if away:
            said.append(away)
            stop.set()

    listening = threading.Thread(target=source.listen, args=(lambda _: None, say, stop), daemon=True)
    listening.start()
    assert stop.wait(90)
    listening.join(90)
    source.close()
    assert "source meter" in said[0]
    assert PLANTED not in "".join([*said, caplog.text, repr(context)])


def test_an_uplink_keeps_its_secret_out_of_its_outbox_and_logs(
    tmp_path: Path, closed: int, caplog: pytest.LogCaptureFixture
) -> None:
    message = {"query": "q", "key": ["a"], "template": {"a": "{a}"}}
    address = f"http://u:{PLANTED}@127.0.0.1:{closed}/in?token={PLANTED}"
    spec = UplinkSpec("p", {"url": address, "token": PLANTED, "first_retry_seconds": 0, "messages": {"m": message}})
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "outbox.sqlite"
    taken = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    with closing(Outbox(file)) as outbox, uplink.client_of(spec) as away, taken:
        assert uplink.queue(outbox, spec, lambda _: [{"a": 1}]) == 1
        assert uplink.send(outbox, spec, away).waiting == 1
        assert uplink.send(outbox, spec, taken).acknowledged == 1
    assert PLANTED not in caplog.text + repr(spec)
    assert PLANTED.encode() not in file.read_bytes()
