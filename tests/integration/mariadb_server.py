"""A MariaDB server of the test's own: free port, own folder, gone at the end."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
import pytest

from tests.integration import peers


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """Run a server with an account root without a password; yield its port."""
    installer, program, port = peers.program("mariadb-install-db"), peers.program("mariadbd"), peers.free_port()
    data = folder / "data"
    plain = ["--no-defaults", f"--datadir={data}", *(["--user=root"] if os.geteuid() == 0 else [])]
    install = [installer, *plain, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    # The path of a socket may not be longer than 107 bytes, and a test's folder often is.
    network = [f"--port={port}", "--bind-address=127.0.0.1", "--socket="]
    small = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"]
    process = subprocess.Popen(
        [program, *plain, *network, *small], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(90)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
        except pymysql.err.OperationalError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("MariaDB does not start")
