"""A time-stamp authority that is not ours: OpenSSL's, behind a door of HTTP on a free port."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.integration.peers import program

_CONFIG = """
[tsa]
default_tsa = desk
[desk]
serial = serial
signer_cert = stamper.pem
signer_key = stamper_key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
[usage]
extendedKeyUsage = critical, timeStamping
"""
_MAKING = (
    "req -x509 -newkey rsa:2048 -noenc -subj /CN=root -days 3650 -keyout root_key.pem -out root.pem",
    "req -newkey rsa:2048 -noenc -subj /CN=stamper -keyout stamper_key.pem -out asking.pem",
    "x509 -req -in asking.pem -CA root.pem -CAkey root_key.pem -CAcreateserial -days 3650"
    " -extfile tsa.cnf -extensions usage -out stamper.pem",
)


@dataclass
class Desk:
    """Where it listens, the certificate that its own chain ends in, and whether it answers the question of before."""

    address: str
    root: Path
    is_stale: bool = False


@contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    """Make root and stamper, and answer questions until the end."""
    openssl = program("openssl")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    (folder / "tsa.cnf").write_text(_CONFIG)
    (folder / "serial").write_text("01\n")
    for line in _MAKING:
        run(*line.split())

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if not desk.is_stale:
                (folder / "asked.tsq").write_bytes(asked)
                run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "asked.tsq", "-out", "answer.tsr")
            answer = (folder / "answer.tsr").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        desk = Desk(f"http://127.0.0.1:{server.server_address[1]}/", folder / "root.pem")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield desk
        server.shutdown()
        thread.join()
