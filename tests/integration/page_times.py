"""How long each page takes in a browser and how long its charts take the server, as a table of figures.

    python -m tests.integration.page_times LAKE [page …]

Each page is opened twice, at the desk and on the phone; told is the second time, which is what a reader sees who came
before: from the address to the last chart drawn. The server's time is that of the page's own questions asked again one
after the other, so that none waits for another; they are asked as a browser asks, the cache included, and once more
around it. A busy machine lengthens all of these, but not the CPU time, that of the server for the questions around the
cache.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Response

from scripts.superset import specification
from tests.integration import chromium, superset_server, test_screens
from tests.integration.superset_server import Superset

DEVICES = ("desk", "phone")


@dataclass(frozen=True)
class Times:
    """One page on one device, in seconds."""

    page: str
    device: str
    charts: int
    browser_s: float
    server_s: float
    uncached_s: float
    cpu_s: float
    slowest_s: float


def measured(browser: Browser, superset: Superset, pages: Sequence[str]) -> Iterator[Times]:
    """Yield the times of each page on each device that it has."""
    for page in pages:
        for device in DEVICES:
            if device in test_screens.WANTED.pages[page]["devices"]:
                yield _of_page(browser, superset, page, device)


def _of_page(browser: Browser, superset: Superset, name: str, device: str) -> Times:
    context = test_screens.signed_in(browser, superset, "park_manager", device)
    try:
        wanted = len(specification.placed(test_screens.WANTED.pages[name], device))
        test_screens.open_page(context, superset, device, "zh", name).page.close()
        page, asked = context.new_page(), dict[int, dict[str, Any]]()

        def keep(response: Response) -> None:
            if "/api/v1/chart/data" in response.url:
                sent = json.loads(response.request.post_data or "{}")
                chart = sent.get("form_data", {}).get("slice_id")
                if chart is not None:  # the filters ask for their values, too
                    asked[chart] = sent

        page.on("response", keep)
        slug = "-".join(part for part in (name, "" if device == "desk" else device, "zh") if part)
        begun = time.monotonic()
        page.goto(f"{superset.address}/superset/dashboard/{slug}/{test_screens.MODES[device]}")
        while time.monotonic() - begun < 180:
            page.wait_for_timeout(50)
            drawn = page.locator("[data-test='chart-grid-component']").count()
            waiting = page.locator("[data-test='loading-indicator'], .loading").count()
            if drawn and not waiting and len(asked) >= wanted:
                break
        taken = time.monotonic() - begun
        assert len(asked) >= wanted, f"{name} on the {device}: {len(asked)} of {wanted} charts answered"
        warm = [_asked_again(superset, sent) for sent in asked.values()]
        before = _cpu_of_children()
        cold = [_asked_again(superset, sent | {"force": True}) for sent in asked.values()]
        cpu = _cpu_of_children() - before
        return Times(name, device, len(asked), taken, sum(warm), sum(cold), cpu, max(cold))
    finally:
        context.close()


def _asked_again(superset: Superset, sent: dict[str, Any]) -> float:
    begun = time.monotonic()
    answer = superset.as_("park_manager").post("/api/v1/chart/data", sent)
    assert answer.status_code == 200, answer.text[:300]
    return time.monotonic() - begun


def _cpu_of_children() -> float:
    """Return the CPU seconds of the server and its workers: the Python processes below this one."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = place.read_text("utf-8")
        except OSError:  # it has just ended
            continue
        name, fields = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
        number = int(place.parent.name)
        parents[number] = int(fields[1])
        spent[number] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if "chrom" not in name else 0.0
    return sum(seconds for number, seconds in spent.items() if _is_below(number, parents))


def _is_below(number: int, parents: dict[int, int]) -> bool:
    while number in parents:
        number = parents[number]
        if number == os.getpid():
            return True
    return False


def table(times: Sequence[Times]) -> str:
    """Return the figures as a table to print."""
    heads = ("page", "device", "charts", "browser s", "server s", "uncached s", "CPU-s", "slowest chart s")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [
        f"| {one.page} | {one.device} | {one.charts} | {one.browser_s:.1f} | {one.server_s:.2f} | "
        f"{one.uncached_s:.2f} | {one.cpu_s:.2f} | {one.slowest_s:.2f} |"
        for one in times
    ]
    return "\n".join(lines)


def main(lake: Path, pages: Sequence[str]) -> None:
    """Print the table of a lake's pages."""
    with ExitStack() as held:
        home = Path(held.enter_context(tempfile.TemporaryDirectory()))
        superset = held.enter_context(superset_server.serving((lake / "marts_bi.duckdb").resolve(), home))
        browser = held.enter_context(chromium.running())
        found = []
        for one in measured(browser, superset, pages or list(test_screens.WANTED.pages)):
            found.append(one)
            sys.stderr.write(table([one]).splitlines()[-1] + "\n")
        sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
