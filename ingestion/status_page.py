"""How the sources of a collector stand, as a page on this machine: read only, in both languages."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lake.errors import NengtanError

Facts = Callable[[], Mapping[str, Any]]
STATES = {
    "well": ("正常", "well"),
    "waiting": ("等待数据", "nothing yet"),
    "away": ("异常", "away"),
    "held_up": ("湖不可写", "lake not writable"),
}
_COLUMNS = (
    ("来源", "Source"),
    ("方式", "Kind"),
    ("状态", "State"),
    ("最近到达（UTC）", "Last arrival (UTC)"),
    ("到达", "Arrivals"),
    ("入库", "Kept"),
    ("重复", "Repeated"),
    ("拒收", "Refused"),
    ("积压", "Backlog"),
    ("重连", "Reconnects"),
    ("时钟偏差（秒）", "Clock ahead (s)"),
    ("说明", "Why"),
)
_OUTAGES_SHOWN = 20
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b2a33}table{border-collapse:collapse;margin:1rem 0}"
    "th,td{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #d5dde2;vertical-align:top}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.well{color:#1b7f4b}.away,.held_up{color:#b3261e}"
)


def html(facts: Mapping[str, Any]) -> str:
    """Return the page."""
    head = "".join(f"<th>{zh}<br>{en}</th>" for zh, en in _COLUMNS)
    rows = "".join(_row(one) for one in facts["sources"])
    outages = sorted(
        ({**outage, "source": one["source"]} for one in facts["sources"] for outage in one["outages"]),
        key=lambda outage: str(outage["from_at"]),
        reverse=True,
    )
    ended = "".join(
        f"<tr>{_cells(outage['source'], _at(outage['from_at']), _at(outage['to_at']), outage['reason'])}</tr>"
        for outage in outages[:_OUTAGES_SHOWN]
    )
    return (
        "<!doctype html><html lang='zh'><head><meta charset='utf-8'><meta http-equiv='refresh' content='5'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>采集状态 Collector</title><style>{_STYLE}</style></head>"
        "<body><h1>采集状态 How the sources stand</h1>"
        f"<p>采集自 since {_at(facts['started_at'])}，更新于 as of {_at(facts['written_at'])}（UTC）</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        "<h2>中断 Outages</h2><table><thead><tr><th>来源<br>Source</th><th>自<br>From</th><th>至<br>To</th>"
        f"<th>原因<br>Why</th></tr></thead><tbody>{ended}</tbody></table></body></html>"
    )


@contextmanager
def served(facts: Facts, port: int) -> Iterator[str]:
    """Serve the page at a port of this machine (0: any that is free) for the length of the block; yield its address."""

    class Answer(BaseHTTPRequestHandler):
        """The page at /, the same as JSON at /status.json; nothing can be changed here."""

        def do_GET(self) -> None:
            """Answer."""
            if self.path == "/":
                self._send(HTTPStatus.OK, "text/html; charset=utf-8", html(facts()))
            elif self.path == "/status.json":
                self._send(HTTPStatus.OK, "application/json", json.dumps(facts(), ensure_ascii=False))
            else:
                self._send(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", "无此页面 no such page")

        def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the library
            """Say nothing."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
    except OSError as cause:
        raise NengtanError(f"the status page cannot have port {port} ({cause.strerror}); name another") from cause
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _row(one: Mapping[str, Any]) -> str:
    zh, en = STATES[one["state"]]
    counts = (one[f"{name}_count"] for name in ("arrival", "landed", "repeated", "refused", "backlog", "reconnect"))
    numbers = "".join(f"<td class='n'>{count:,}</td>" for count in counts)
    offset_s = one["clock_offset_s"]
    clock = "" if offset_s is None else f"{offset_s:+.1f} ({one['clock_device']})"
    return (
        f"<tr>{_cells(one['source'], one['kind'])}<td class='{one['state']}'>{zh}<br>{en}</td>"
        f"{_cells(_at(one['last_arrival_at']))}{numbers}"
        f"<td class='{'away' if one['clock_is_wrong'] else ''}'>{escape(clock)}</td>{_cells(one['reason'] or '')}</tr>"
    )


def _cells(*texts: str) -> str:
    return "".join(f"<td>{escape(text)}</td>" for text in texts)


def _at(text: str | None) -> str:
    return "" if text is None else text[:19].replace("T", " ")
