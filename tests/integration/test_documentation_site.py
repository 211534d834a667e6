"""The documentation site as it is built: without a warning, asking nobody, and found through in both languages."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Page

from scripts.docs import build
from tests.integration import chromium

pytestmark = pytest.mark.integration


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class _Asks(HTMLParser):
    """Collects what a page loads by itself, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in ("script", "img", "iframe", "source") and told.get("src"):
            self.loads.append(str(told["src"]))
        if tag == "link" and told.get("rel") in ("stylesheet", "icon", "preload", "preconnect"):
            self.loads.append(str(told["href"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not build.PROGRAM.is_file():
        if os.environ.get("CI"):
            pytest.fail("the environment of the site is missing: make .venv/.stamps/docs")
        pytest.skip("the environment of the site is missing: make .venv/.stamps/docs")
    return build.build(tmp_path_factory.mktemp("documentation"))


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_it_is_built_and_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) >= 190
    foreign = []
    for page in pages:
        asks = _Asks()
        asks.feed(page.read_text("utf-8"))
        assert asks.loads or page.name == "index.html"
        foreign += [
            f"{page.relative_to(site)}: {link}" for link in asks.loads if "://" in link or link.startswith("//")
        ]
    assert foreign == []
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import )['\"]?(?:https?:)?//[^)'\"]+", styles) == []


def test_a_dead_heading_ends_the_build(tmp_path: Path, site: Path) -> None:
    assert site.is_dir()
    settings = build.write("en", tmp_path, tmp_path / "site")
    source = settings.parent / "pages"
    for page in [path for path in source.rglob("*.md") if path.name not in ("index.md", "backup.md")]:
        page.unlink()
    (source / "index.md").write_text("# Start\n\n[there](backup.md#no-such-heading)\n", "utf-8")
    (source / "backup.md").write_text("# Backup\n", "utf-8")
    told = settings.read_text("utf-8")
    settings.write_text(
        re.sub(r'"nav": \[.*\]', '"nav": [{"Start": "index.md"}, {"Backup": "backup.md"}]', told, flags=re.DOTALL),
        "utf-8",
    )
    command = [str(build.PROGRAM), "-W", "ignore", "-m", "mkdocs", "build", "--strict", "-f", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no-such-heading" in done.stderr + done.stdout
    shutil.rmtree(tmp_path / "site", ignore_errors=True)


def found(page: Page, words: str) -> list[str]:
    """Type words into the search and return the titles that it finds."""
    page.focus(".md-search__input")
    page.fill(".md-search__input", "")
    page.keyboard.type(words)
    page.keyboard.press("End")
    page.wait_for_selector(".md-search-result__article", timeout=20_000)
    page.wait_for_timeout(300)
    titles = [title.inner_text() for title in page.query_selector_all(".md-search-result__article h1")]
    return [title.replace("\u200b", "") for title in titles]


def test_both_languages_are_searched_without_a_network(address: str) -> None:
    with chromium.running() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        asked: list[str] = []
        troubles: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda trouble: troubles.append(str(trouble)))
        page.goto(f"{address}/")
        page.wait_for_url("**/zh/index.html")
        assert any("energy" in title for title in found(page, "综合能耗"))
        assert "数据字典：energy" in found(page, "数据字典")
        page.goto(f"{address}/zh/reference/cli.html")
        page.click("a[hreflang=en]")
        page.wait_for_url("**/en/reference/cli.html")
        assert page.inner_text("h1").startswith("Command line")
        assert "Backup and restore" in found(page, "restore backup")
        assert troubles == []
        assert [url for url in asked if not url.startswith(address)] == []
