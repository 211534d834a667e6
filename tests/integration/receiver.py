"""A platform above that is badly run: it fails, delays, hangs up and loses its answers, by a fixed plan."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: What it does with one request after the other, again and again.
PLAN = ("take", "fail", "lose", "busy", "take", "hang_up", "mumble", "take", "slow", "lose")


class Platform:
    """What it was told; `kept` is by idempotency key, as a platform that knows repetitions keeps it."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, object]] = {}
        self.repetitions = 0
        self.differing = 0
        self.requests = 0
        self.faults = 0
        self.authorizations: set[str | None] = set()
        self.port = 0
        self._guard = threading.Lock()

    def heard(self, key: str, body: bytes) -> str:
        """Take part in the plan; keep what is not lost before it was read."""
        with self._guard:
            step = PLAN[self.requests % len(PLAN)]
            self.requests += 1
            self.faults += step != "take"
            if step in ("take", "lose", "slow"):
                told = json.loads(body)
                if key in self.kept:
                    self.repetitions += 1
                    self.differing += self.kept[key] != told
                self.kept[key] = told
            return step


@contextmanager
def receiving() -> Iterator[Platform]:
    """Run the platform on a free port."""
    platform = Platform()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            platform.authorizations.add(self.headers["Authorization"])
            step = platform.heard(self.headers["Idempotency-Key"], body)
            if step in ("lose", "hang_up"):  # kept or not: the answer never arrives
                self.close_connection = True
                return
            if step == "slow":
                time.sleep(0.3)
            status = {"fail": 500, "busy": 503}.get(step, 200)
            answer = json.dumps({"code": 7 if step == "mumble" else 0}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    platform.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)
