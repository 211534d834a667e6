"""Commands forked from an interpreter that has imported what they need: a proof of many runs pays for imports once.

Each command is a process of its own that runs the real command line; it can be killed like any other.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines.settings import ROOT

#: What the interpreter is asked for: run a command, or import what the commands before have imported.
_RUN, _LEARN = "run", "learn"


@dataclass
class Begun:
    """A command that was begun."""

    pid: int
    out: Path
    err: Path
    answers: IO[str]
    status: int | None = None

    def wait(self, timeout: float | None = None) -> int | None:
        """Return the exit status (negative: the signal), None where it goes on after so many seconds."""
        if self.status is None and select.select([self.answers], [], [], timeout)[0]:
            self.status = int(self.answers.readline())
        return self.status

    def kill(self) -> None:
        """End it as a power switch does."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def done(self) -> subprocess.CompletedProcess[str]:
        """Wait for it and return what it said."""
        status = self.wait()
        assert status is not None
        return subprocess.CompletedProcess([], status, self.out.read_text("utf-8"), self.err.read_text("utf-8"))


class WarmRuns:
    """Begins commands, one at a time."""

    def __init__(self, server: "subprocess.Popen[str]", folder: Path) -> None:
        self._server, self._folder, self._count = server, folder, 0

    def begin(self, *arguments: str) -> Begun:
        """Begin a command of `nengtan`."""
        self._count += 1
        files = [self._folder / f"{self._count}.{end}" for end in ("out", "err")]
        pid = self._asked({"do": _RUN, "arguments": arguments, "files": [str(path) for path in files]})
        assert self._server.stdout is not None
        return Begun(int(pid), files[0], files[1], self._server.stdout)

    def nengtan(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return self.begin(*arguments).done()

    def learn(self) -> int:
        """Import what the last command imported on its way; return how many modules there are now."""
        return int(self._asked({"do": _LEARN}))

    def _asked(self, question: dict[str, object]) -> str:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(question) + "\n")
        self._server.stdin.flush()
        return self._server.stdout.readline()


@contextmanager
def warm(folder: Path) -> Iterator[WarmRuns]:
    """Start the interpreter; what commands print lies in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.integration.warm_runs", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield WarmRuns(server, folder)
        finally:
            server.kill()


def _serve(folder: Path) -> None:
    from pipelines.cli import main as _main  # noqa: F401 -- each fork would import it

    told = os.fdopen(os.dup(1), "w")
    modules = folder / "modules.json"
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == _LEARN:
            told.write(f"{_import(json.loads(modules.read_text('utf-8')))}\n")
        else:
            pid = os.fork()
            if not pid:
                _run(asked["arguments"], asked["files"], modules)
            told.write(f"{pid}\n")
            told.flush()
            told.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        told.flush()


def _import(names: Sequence[str]) -> int:
    for name in names:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except Exception:  # noqa: BLE001 -- a name that a library made up
                continue
    return len(sys.modules)


def _run(arguments: list[str], files: list[str], modules: Path) -> None:
    from pipelines.cli.main import status_of

    for number, path in enumerate(files, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    status = status_of(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    modules.write_text(json.dumps(sorted(sys.modules)), "utf-8")
    os._exit(status)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
