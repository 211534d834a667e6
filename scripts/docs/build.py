"""Both editions as mkdocs sees them, built side by side: a page has the same address below zh/ and en/."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from pipelines.documentation import SCRIPTS
from scripts.docs import links, navigation, pages
from scripts.docs.pages import DOCS, LANGUAGES, ROOT

TEMPLATE = Path(__file__).with_name("mkdocs.yml")
PROGRAM = ROOT / ".venv/docs/bin/python"
_START = Path(__file__).with_name("start.html")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_LOOK = ("site.css", "flash.svg")
_WORDS = {
    "zh": {"name": "能碳 Nengtan", "said": "数字化能碳管理中心：文档", "dark": "切换到深色", "light": "切换到浅色"},
    "en": {
        "name": "Nengtan 能碳",
        "said": "Energy and carbon management centre: documentation",
        "dark": "Dark",
        "light": "Light",
    },
}


class NotBuiltError(Exception):
    """The pages were written, and mkdocs made no site of them."""


def write(language: str, folder: Path, site: Path) -> Path:
    """Write the pages of an edition and its settings below a folder; return the settings' file.

    Raises:
        links.DeadLinkError: a link leads to nothing.
        navigation.LeftOutError: a page stands in no section of the navigation.
    """
    edition, source = pages.edition(language), folder / language / "pages"
    shutil.rmtree(source, ignore_errors=True)
    for place, page in edition.items():
        (source / place).parent.mkdir(parents=True, exist_ok=True)
        (source / place).write_text(links.led(place, page, edition), encoding="utf-8")
    for path in (path for path in DOCS.rglob("*") if path.is_file() and path.suffix not in links.NOT_SHOWN):
        kept = source / (links.place_of(path) or path.name)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, kept)
    for name in _LOOK:
        shutil.copyfile(TEMPLATE.with_name(name), source / name)
    settings = folder / language / "mkdocs.yml"
    # JSON is YAML, too
    settings.write_text(json.dumps(_settings(language, source, site, edition), ensure_ascii=False, indent=1), "utf-8")
    return settings


def build(folder: Path) -> Path:
    """Build the site below a folder and return where it lies; whatever mkdocs warns of ends it.

    Raises:
        NotBuiltError: mkdocs found something, whose lines are told.
    """
    site = folder / "site"
    shutil.rmtree(site, ignore_errors=True)
    running = [_started(write(language, folder, site)) for language in LANGUAGES]
    said = [process.communicate()[0].decode() for process in running]
    if any(process.returncode for process in running):
        wrong = [line for text in said for line in text.splitlines() if not line.startswith("INFO")]
        raise NotBuiltError("\n".join(wrong))
    shutil.copyfile(_START, site / "index.html")
    (site / SCRIPTS).write_text("".join(f"{one}\n" for one in sorted(_inline(site))), "utf-8")
    return site


def _started(settings: Path) -> "subprocess.Popen[bytes]":
    # not --quiet: what is not said is not counted, and nothing would end a strict build
    command = [str(PROGRAM), "-W", "ignore", "-m", "mkdocs", "build", "--strict", "-f", str(settings)]
    # the theme's announcement of its successor is for those who keep the pin
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _inline(site: Path) -> set[str]:
    """Return the hash of every script that stands inside a page, as a policy of a server names it."""
    bodies = {body for page in site.rglob("*.html") for body in _SCRIPT.findall(page.read_text(encoding="utf-8"))}
    digests = (hashlib.sha256(body.encode()).digest() for body in bodies)
    return {f"sha256-{base64.b64encode(digest).decode()}" for digest in digests}


def _settings(language: str, source: Path, site: Path, edition: dict[str, pages.Page]) -> dict[str, object]:
    words = _WORDS[language]

    def palette(scheme: str, icon: str, says: str) -> dict[str, object]:
        media = f"(prefers-color-scheme: {'light' if scheme == 'default' else 'dark'})"
        return {"media": media, "scheme": scheme, "toggle": {"icon": f"material/{icon}", "name": says}}

    return {
        "INHERIT": str(TEMPLATE),
        "site_name": words["name"],
        "site_description": words["said"],
        "docs_dir": str(source),
        "site_dir": str(site / language),
        "theme": {
            "language": language,
            "custom_dir": str(TEMPLATE.with_name("theme")),
            "palette": [
                palette("default", "weather-night", words["dark"]),
                palette("slate", "weather-sunny", words["light"]),
            ],
        },
        "nav": navigation.of(language, edition),
    }
