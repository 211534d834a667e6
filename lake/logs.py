"""Log lines: one shape in every process, as text or as JSON, and no secret in any of them.

Nothing but the standard library, so that the dashboards' own environment can use it, too. A line of JSON has `at`
(UTC), `level`, `process`, `logger`, `message`, where there was an error `error` (its type, sentence and traceback), and
the facts of the work at hand: `run_id`, `batch_id`, `source` …
"""

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from lake import secrets

#: Names of what a line may say of the work at hand; anything else that libraries hang on a record stays out.
FACTS = ("run_id", "batch_id", "source", "publication", "organization_id")
TEXT, JSON = "text", "json"
#: A shorter value is in half of all words, and would make every line unreadable.
_SHORTEST = 6
_NAMED = re.compile(r"([\w.-]+)[\"']?[ \t]*[:=][ \t]*[\"']?[^$\n,;}]*?\$\{([A-Za-z_][A-Za-z0-9_]*)")
_known: set[str] = set()
_facts: dict[str, str] = {}


def hide(environment: Mapping[str, str], site: Path | None = None) -> None:
    """Remember the secrets of the environment: what is named like one, and what the site's files use as one."""
    named = {name for name, value in environment.items() if secrets.is_secret(name) or _is_key(name, value)}
    for file in sorted([*site.glob("*.yaml"), *site.glob("*.csv")]) if site and site.is_dir() else ():
        named |= _used(file)
    for name in named:
        value = environment.get(name, "")
        if len(value) >= _SHORTEST:
            _known.update((value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]))


def _is_key(name: str, value: str) -> bool:
    """Whether a variable holds a key itself, not the name of its file."""
    return name.upper().endswith("_KEY") and "/" not in value


def _used(file: Path) -> set[str]:
    """Return the variables that a file of the site uses for a secret."""
    text = file.read_text("utf-8", errors="replace")
    if file.suffix == ".csv":  # there a variable stands for nothing else
        return set(secrets.variables(text))
    found = {match[2] for match in _NAMED.finditer(text) if secrets.is_secret(match[1])}
    return found | {name for secret in secrets.secrets_of_address(text) for name in secrets.variables(secret)}


def mask(text: str) -> str:
    """Return a text without the secrets that are known, and without those that stand in its addresses."""
    return secrets.hidden(secrets.without(text, _known))


@contextmanager
def about(**facts: str) -> Iterator[None]:
    """Say with every line of this process, until it is over, what work it belongs to."""
    _facts.update(facts)
    try:
        yield
    finally:
        for name in facts:
            _facts.pop(name, None)


class AsText(logging.Formatter):
    """A line for a person: the seconds since the start where work is long, else the sentence alone."""

    def __init__(self, *, has_clock: bool = False) -> None:
        """Begin to count."""
        super().__init__()
        self._started = time.monotonic() if has_clock else None

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        clock = "" if self._started is None else f"[{time.monotonic() - self._started:5.1f} s] "
        return mask(clock + super().format(record))


class AsJson(logging.Formatter):
    """A line for a program: one object."""

    def __init__(self, process: str) -> None:
        """Take what this process is called."""
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {
            "at": at,
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": mask(record.getMessage()),
            **_facts,
            **{name: str(getattr(record, name)) for name in FACTS if hasattr(record, name)},
        }
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, trace = record.exc_info
            lines = "".join(traceback.format_exception(kind, error, trace))
            told["error"] = {"type": kind.__name__, "message": mask(str(error)), "traceback": mask(lines)}
        return json.dumps(told, ensure_ascii=False)


class _Stream(logging.Handler):
    """Writes to the error stream as it is now."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        sys.stderr.write(f"{self.format(record)}\n")
        sys.stderr.flush()


def _masked(record: logging.LogRecord) -> bool:
    """Let a line of ours be without secrets for whoever keeps it: the orchestrator stores what a run says."""
    record.msg, record.args = mask(record.getMessage()), ()
    return True


def start(process: str, form: str, *, level: int = logging.WARNING, has_clock: bool = False) -> None:
    """Let this process log to its error stream: our own lines from `level` on, warnings of everybody else.

    `has_clock` is for work that a person watches: there libraries are silent, unless lines are for a program. What
    nobody catches becomes a line, too.
    """
    handler, ours, root = _Stream(), logging.getLogger("nengtan"), logging.getLogger()
    handler.setFormatter(AsJson(process) if form == JSON else AsText(has_clock=has_clock))
    ours.setLevel(level)
    if _masked not in ours.filters:
        ours.addFilter(_masked)
    root.handlers[:] = [one for one in root.handlers if not isinstance(one, _Stream)]
    is_ours_alone = has_clock and form != JSON
    ours.handlers, ours.propagate = ([handler], False) if is_ours_alone else ([], True)
    if not is_ours_alone:
        root.addHandler(handler)
        logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("nengtan").error("not caught: %s", error, exc_info=(kind, error, trace))
