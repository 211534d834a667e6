"""The documentation site as it is built: without a warning, asking nobody, and found through in both languages."""

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from pipelines import documentation
from scripts.docs import build
from tests.integration import chromium

pytestmark = pytest.mark.integration


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


async def portal(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands in for the portal, which answers everywhere else."""
    if scope["type"] == "http":
        await PlainTextResponse("the portal")(scope, receive, send)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    beside = documentation.beside(portal, site)
    server = uvicorn.Server(uvicorn.Config(beside, port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(60)


def test_it_is_served_beside_the_portal_with_a_policy_of_its_own(address: str, site: Path) -> None:
    with httpx.Client(base_url=address) as client:
        assert client.get("/").text == client.get("/docsy").text == "the portal"
        assert client.get("/docs").headers["location"] == "/docs/"
        answers = [
            client.get(f"/docs/{path}")
            for path in ("", "zh/index.html", "nowhere.html", "zh/..%2f..%2fMakefile", "%2e%2e/x")
        ]
        answers.append(client.post("/docs/zh/index.html"))
        assert [answer.status_code for answer in answers] == [200, 200, 404, 404, 404, 405]
        for answer in answers:
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe-inline" not in policy.split("style-src")[0]
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert documentation.beside(portal, site / "zh") is portal, "where nothing is built, nothing is served"
    secure = documentation.beside(portal, site, is_secure=True)
    assert TestClient(secure, base_url="http://plant").get("/docs/zh/index.html").status_code == 403
    assert (
        "strict-transport-security" in TestClient(secure, base_url="https://plant").get("/docs/zh/index.html").headers
    )


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
        page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda trouble: troubles.append(str(trouble)))
        page.goto(f"{address}/docs/")
        page.wait_for_url("**/zh/index.html")
        assert len(found(page, "综合能耗")) >= 3
        assert "数据字典：energy" in found(page, "数据字典")
        page.goto(f"{address}/docs/zh/reference/cli.html")
        page.click("a[hreflang=en]")
        page.wait_for_url("**/en/reference/cli.html")
        assert page.inner_text("h1").startswith("Command line")
        assert "Backup and restore" in found(page, "restore backup")
        assert troubles == []
        assert [url for url in asked if not url.startswith(address)] == []
