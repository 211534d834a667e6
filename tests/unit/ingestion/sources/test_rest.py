"""REST: pages, tokens, retries, and reading onwards, against a real HTTP server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingestion.pull import Pulled, pull
from ingestion.sources import rest
from lake.store import Lake
from tests.unit.ingestion.made import points_table, site

MAPPING = {"records": "$.items[*]", "device": "$.tag", "time": "$.ts", "values": "$.value"}
PAGING = {"page": "page", "size": "size", "limit": 2, "next": "$.next", "since": "since"}


class Service(ThreadingHTTPServer):
    """Readings in pages behind a token; may be told to fail."""

    items: list[dict[str, Any]]
    failures: list[int]
    asked: list[dict[str, list[str]]]
    body: bytes | None = None


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.server.asked.append(query)
        status = self.server.failures.pop(0) if self.server.failures else 200
        if self.headers.get("Authorization") != "Bearer secret":
            status = 401
        self.send_response(status)
        self.end_headers()
        if status == 200:
            self.wfile.write(self.server.body or self._page(query))

    def _page(self, query: dict[str, list[str]]) -> bytes:
        since = query.get("since", [""])[0]
        chosen = [item for item in self.server.items if item["ts"] >= since]
        page, size = int(query["page"][0]), int(query["size"][0])
        more = f"/api?page={page + 1}&size={size}&since={since}" if page * size < len(chosen) else None
        return json.dumps({"items": chosen[(page - 1) * size : page * size], "next": more}).encode()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(rest.time, "sleep", lambda _: None)
    server = Service(("127.0.0.1", 0), _Handler)
    server.items, server.failures, server.asked = [], [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def _pull(lake: Lake, service: Service, **settings: Any) -> Pulled:
    url = f"http://127.0.0.1:{service.server_port}/api"
    given = {"kind": "rest", "url": url, "token": "secret", "mapping": MAPPING, "paging": PAGING, **settings}
    return pull(lake, site(lake.root, {"meter": given}, points_table({"p": "T1"})))


def _item(hour: int, value: Any = 1, tag: str = "T1") -> dict[str, Any]:
    return {"tag": tag, "ts": f"2026-01-01T{hour:02d}:00:00Z", "value": value}


def test_pages_land_and_the_next_run_reads_onwards(lake: Lake, service: Service) -> None:
    service.items = [_item(hour) for hour in range(5)]
    assert [landed.rows_landed for landed in _pull(lake, service)] == [2, 2, 1]
    assert list(_pull(lake, service)) == []
    assert service.asked[-1]["since"] == ["2026-01-01T03:00:00Z"]
    service.items.append(_item(5))
    assert [(one.rows_landed, one.rows_repeated) for one in _pull(lake, service)] == [(1, 0)]


def test_a_run_cut_short_does_not_move_the_time_to_read_onwards_from(lake: Lake, service: Service) -> None:
    service.items = [_item(9), _item(1), _item(0)]  # not in the order of time
    service.failures = [200, 500, 500, 500, 500]
    cut = _pull(lake, service)
    assert "HTTP 500" in cut.away["meter"]
    assert sum(landed.rows_landed for landed in _pull(lake, service)) + sum(one.rows_landed for one in cut) == 3


def test_a_service_that_stumbles_is_asked_again(lake: Lake, service: Service) -> None:
    service.items = [_item(0)]
    service.failures = [503, 429]
    assert [landed.rows_landed for landed in _pull(lake, service)] == [1]


def test_bad_values_and_bad_pages_are_quarantined(lake: Lake, service: Service) -> None:
    service.items = [_item(0, "--"), _item(0, 1, "T9"), _item(1, 2)]
    landed = _pull(lake, service)
    assert [dict(one.reasons) for one in landed] == [{"bad_value": 1, "unknown_point": 1}, {}]
    service.body = b"<html>login</html>"
    assert [dict(one.reasons) for one in _pull(lake, service)] == [{"bad_payload": 1}]
    assert list(_pull(lake, service)) == []


def test_a_wrong_token_and_a_dead_service_are_one_sentence(lake: Lake, service: Service) -> None:
    assert "HTTP 401" in _pull(lake, service, token="wrong").away["meter"]
    assert "does not answer" in _pull(lake, service, url="http://127.0.0.1:9/api").away["meter"]
    assert "unknown" in _pull(lake, service, paging={"kind": "next"}).away["meter"]
