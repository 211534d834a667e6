"""Log lines: one shape for programs, one sentence for people, and no secret in either."""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake import logs

PLANTED = "pl4nted-s3cret"
LOG = logging.getLogger("nengtan")


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logging is the process's own: what a test changes is put back."""
    ours, root = logging.getLogger("nengtan"), logging.getLogger()
    before = (ours.level, list(ours.handlers), ours.propagate, list(ours.filters), list(root.handlers))
    hooks = (sys.excepthook, threading.excepthook)
    monkeypatch.setattr(logs, "_known", set())
    yield
    ours.level, ours.handlers, ours.propagate, ours.filters, root.handlers = before
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_for_programs_has_one_shape(capsys) -> None:
    logs.start("run", logs.JSON, level=logging.INFO, has_clock=True)
    with logs.about(run_id="r1"):
        LOG.info("%s: %d rows", "meters", 3, extra={"batch_id": "b1", "source": "meters", "person": "li"})
        logging.getLogger("a_library.part").warning("of a library")
    LOG.info("后来\n两行")
    first, second, third = _lines(capsys)
    assert set(first) == {"at", "level", "process", "logger", "message", "run_id", "batch_id", "source"}
    assert (first["message"], first["run_id"], first["batch_id"]) == ("meters: 3 rows", "r1", "b1")
    assert str(first["at"]).endswith("+00:00")
    assert (second["logger"], second["process"], second["run_id"]) == ("a_library.part", "run", "r1")
    assert (third["message"], "run_id" in third) == ("后来\n两行", False)


def test_an_error_that_nobody_catches_is_a_line_without_secrets(capsys) -> None:
    logs.hide({"DB_PASSWORD": PLANTED})
    logs.start("portal", logs.JSON)

    def fail() -> None:
        raise ValueError(f"no way to mysql://u:other-pw@db with {PLANTED}")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (told,) = _lines(capsys)
    assert told["error"]["type"] == "ValueError"  # type: ignore[index]
    assert "Traceback" in told["error"]["traceback"]  # type: ignore[index]
    assert PLANTED not in json.dumps(told)
    assert "other-pw" not in json.dumps(told)


def test_a_line_for_people_is_the_sentence(capsys) -> None:
    logs.hide({"UPLINK_TOKEN": PLANTED})
    logs.start("run", logs.TEXT, level=logging.INFO, has_clock=True)
    LOG.info("to %s", f"https://u:{PLANTED}@host")
    logging.getLogger("some.library").warning("not for who watches")
    told = capsys.readouterr().err
    assert told.endswith(" s] to https://u:***@host\n")
    logs.start("portal", logs.TEXT)
    LOG.warning("a sentence")
    assert capsys.readouterr().err == "a sentence\n"


def test_who_keeps_lines_elsewhere_gets_them_without_secrets(caplog) -> None:
    """The orchestrator hangs a handler of its own on our lines and stores them."""
    logs.hide({"A_SECRET": PLANTED})
    logs.start("run", logs.JSON)
    with caplog.at_level(logging.INFO, logger="nengtan"):
        LOG.info("it is %s", PLANTED)
    assert [record.getMessage() for record in caplog.records] == ["it is ***"]


def test_secrets_are_what_is_named_like_one_and_what_the_site_uses_as_one(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(
        "sources:\n  a: {kind: mqtt, url: 'mqtt://u:${IN_ADDRESS}@b:${PORT}', password: ${PW_OF_A}}\n"
        "  b:\n    token: Bearer ${OF_B}\n    path: ${FOLDER}\n",
        encoding="utf-8",
    )
    (tmp_path / "suppliers.csv").write_text("supplier_id,client_secret\na,${OF_SUPPLIER}\n", encoding="utf-8")
    names = ("IN_ADDRESS", "PW_OF_A", "OF_B", "OF_SUPPLIER", "NENGTAN_SUPERSET_SECRET_KEY", "X_PASSWORD")
    said = {name: f"value-of-{name}" for name in (*names, "PORT", "FOLDER", "PATH")}
    said |= {"NENGTAN_EXCHANGE_KEY": "/etc/key.pem", "SHORT_PASSWORD": "abc"}
    logs.hide(said, tmp_path)
    assert {name for name in said if logs.mask(said[name]) != said[name]} == set(names)


@given(st.text(min_size=6))
def test_no_secret_survives_in_json(secret: str) -> None:
    logs._known.clear()
    logs.hide({"A_SECRET": secret})
    record = logging.LogRecord("nengtan", logging.INFO, "", 0, "it is %r and %s", (secret, secret), None)
    told = json.loads(logs.AsJson("x").format(record))["message"]
    assert secret not in told.replace("***", "") or secret.strip("*") == ""
