"""The commands that the documents tell are given, as a reader would, on a copy of the published park."""

import http.server
import os
import re
import shlex
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.cli.main import status_of
from tests.docs import listed
from tests.integration.reference_park import ROOT, Park

pytestmark = pytest.mark.integration
#: What a site needs for these commands and the starter does not have.
UPLINKS = """uplinks:
  province:
    url: "${PROVINCE_URL}"
    messages:
      month:
        query: >
          select month, organization_id, comprehensive_energy_tce_calorific as tce from energy.comprehensive_monthly
        key: [organization_id, month]
        template: {unit: "{organization_id}", period: "{month:%Y%m}", comprehensiveEnergy: "{tce}"}
"""
NOTICES = 'channels:\n  dispatch: {url: "json://127.0.0.1:PORT/alerts", language: en}\n'


class _Taking(http.server.BaseHTTPRequestHandler):
    """Takes whatever it is told."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def other_side() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join(60)


def _kept(source: str, copy: str) -> None:
    """Copy a file of the lake; what is never written again is linked."""
    (os.link if source.endswith(".parquet") else shutil.copy2)(source, copy)


def test_every_listed_command_ends_as_the_pages_say(
    park: Park,
    tmp_path: Path,
    other_side: int,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    shutil.copytree(park.lake, tmp_path / "lake", copy_function=_kept)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NENGTAN_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("PROVINCE_URL", f"http://127.0.0.1:{other_side}/energy")
    monkeypatch.setenv("NENGTAN_EXCHANGE_ADDRESS", "https://nengtan.example")
    site = str(ROOT / "examples/reference_park")
    monkeypatch.setenv("NENGTAN_SITE", site)
    taken = {"SITE": site, "examples/reference_park": site}
    given = listed.runs()
    assert len(given) >= 35
    for one in given:
        words = [taken.get(word, word) for word in shlex.split(one.command)]
        words = [f"{tmp_path}{word}" if word.startswith(("/mnt/", "/media/", "/srv/")) else word for word in words]
        capfdbinary.readouterr()
        status = status_of(words[1:])
        out, err = (told.decode() for told in capfdbinary.readouterr())
        assert status == one.status, f"{one.command}\n{err[-2000:]}{out[-2000:]}"
        assert one.says in out + err, f"{one.command}\n{err[-2000:]}{out[-2000:]}"
        for name, pattern in one.takes.items():
            found = re.search(pattern, out)
            assert found, f"{one.command}\n{out}"
            taken[name] = found[1]
        if one.command == "nengtan init my_plant":
            (tmp_path / "my_plant/uplinks.yaml").write_text(UPLINKS, "utf-8")
            (tmp_path / "my_plant/notices.yaml").write_text(NOTICES.replace("PORT", str(other_side)), "utf-8")
    assert all((tmp_path / name).is_file() for name in ("statement.xlsx", "cement.docx", "cement.json"))
    assert all(one.says for one in given if one.status), "an end other than 0 says why"
