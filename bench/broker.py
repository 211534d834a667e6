"""The broker of a plant for the length of a measurement: mosquitto as we ship it, else one in Python.

Called as a program it is the one in Python: `python -m bench.broker PORT`.
"""

import asyncio
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lake.errors import NengtanError

SHIPPED = Path(__file__).resolve().parents[1] / "scripts/mosquitto.conf"
_PATIENCE_S = 30


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """Run a broker with its state in a folder, and give its port on this machine."""
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    with subprocess.Popen(_command(folder, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()


def _command(folder: Path, port: int) -> list[str]:
    program = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
    if program is None:
        return [sys.executable, "-m", "bench.broker", str(port)]
    shipped = SHIPPED.read_text(encoding="utf-8")
    own = re.sub(r"^listener .*$", f"listener {port} 127.0.0.1", shipped, flags=re.MULTILINE)
    (folder / "mosquitto.conf").write_text(f"{own}\npersistence_location {folder}/\nuser root\n", encoding="utf-8")
    return [program, "-c", str(folder / "mosquitto.conf")]


def _wait(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NengtanError(f"bench ingest: the broker does not listen on port {port}")


async def _serve(port: int) -> None:
    from amqtt.broker import Broker

    plugins: dict[str, Any] = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    await Broker({"listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}, "plugins": plugins}).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
