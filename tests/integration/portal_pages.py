"""The portal's pages in a browser, and its workbooks, as people use them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from openpyxl import Workbook
from playwright.sync_api import Browser, Page

from ingestion.portal.kinds import kinds
from tests.integration.chromium import PICTURES
from tests.integration.portal_site import Portal

SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@contextmanager
def page_of(
    browser: Browser, portal: Portal, person: str, device: str = "desk", language: str = "zh"
) -> Iterator[Page]:
    """A page of somebody signed in, on a desk or a phone; no complaint of the browser is tolerated."""
    portal.signed_in(person)  # opens the account where there is none
    width, height = SIZES[device]
    context = browser.new_context(viewport={"width": width, "height": height}, is_mobile=device == "phone")
    context.set_default_timeout(120_000)
    page = context.new_page()
    complaints: list[str] = []
    # a page that shows faults answers 422, which the browser notes; everything else it notes is a fault of ours
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and "422" not in said.text else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{portal.address}/login")
    page.fill("input[name=person]", person)
    page.fill("input[name=password]", portal.passwords[person])
    page.click("main button")
    if person in portal.factors:
        page.wait_for_selector("input[name=code]")
        page.fill("input[name=code]", portal.code(person))
        page.click("main button")
    page.wait_for_selector("nav")
    page.goto(f"{portal.address}/language/{language}?next=/")
    yield page
    assert complaints == []
    context.close()


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"portal-{name}.png"), full_page=True)
    width = page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the screen"


def press(page: Page, step: str) -> None:
    page.click(f"button[name=step][value={step}]")
    page.wait_for_load_state()


def stands(page: Page) -> str:
    return page.inner_text(".way .here")


def workbook_of(rows: list[dict[str, object]], kind: str = "production") -> bytes:
    """Fill a template in as a spreadsheet would: numbers as numbers."""
    names = [column.name for column in kinds()[kind].uploaded]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(name) for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
