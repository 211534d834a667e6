"""Every page is timed in a browser, at the desk and on the phone; the figures are printed, none is asserted."""

import sys

import pytest
from playwright.sync_api import Browser

from tests.integration import page_times, test_screens
from tests.integration.superset_server import Superset

pytestmark = [pytest.mark.integration, pytest.mark.soak]


def test_every_page_comes_to_rest(browser: Browser, superset: Superset, capsys: pytest.CaptureFixture[str]) -> None:
    found = list(page_times.measured(browser, superset, list(test_screens.WANTED.pages)))
    with capsys.disabled():
        sys.stdout.write(f"\n{page_times.table(found)}\n")
    assert {one.page for one in found} == set(test_screens.WANTED.pages)
    assert all(one.charts <= 8 for one in found)
