"""Every page in a real browser: every chart drawn, no error of ours in the console, every number as in the marts.

The expected numbers are computed here, from the marts, by SQL of this file's own: the oracle shares no code with what
draws. Pictures of every page are left in build/screens.
"""

import hashlib
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, Response

from lake import tablerows
from lake.store import Lake
from pipelines.cli.main import status_of
from scripts.superset import specification
from tests.integration.chromium import PICTURES
from tests.integration.reference_park import Park
from tests.integration.superset_server import Superset

pytestmark = pytest.mark.integration
SIZES = {"desk": (1920, 1080), "wall": (1920, 1080), "phone": (390, 844)}
MODES = {"desk": "", "wall": "?standalone=3", "phone": "?standalone=1"}
WANTED = specification.read()
#: The overview on every device; the English wall and phone, which differ in words alone, wait for the long proofs.
OVERVIEWS = [
    pytest.param(device, language, marks=pytest.mark.soak if language == "en" and device != "desk" else [])
    for device in specification.DEVICES
    for language in specification.LANGUAGES
]
#: The other pages at the desk, each in one of the languages by turns.
OTHERS = [
    (name, specification.LANGUAGES[place % 2])
    for place, name in enumerate(name for name in WANTED.pages if name != "overview")
]
# Superset's own counting pixel, which our policy blocks: a message of the browser, not an error of ours.
NOT_OURS = "scarf.sh"
BLANK = """canvas => { const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set(); for (let at = 0; at < data.length; at += 64) seen.add(data.slice(at, at + 4).join());
  return seen.size; }"""


@dataclass
class Shown:
    """One page as the browser got it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    answers: dict[int, list[dict[str, Any]]] = field(default_factory=dict)  # slice -> rows of its last answer

    def listen(self) -> None:
        self.page.on("console", lambda message: self._complain(message.type, message.text))
        self.page.on("pageerror", lambda error: self._complain("error", str(error)))
        self.page.on("response", self._keep)

    def _complain(self, kind: str, text: str) -> None:
        if kind == "error" and NOT_OURS not in text:
            self.complaints.append(text)

    def _keep(self, response: Response) -> None:
        if response.status >= 400 and NOT_OURS not in response.url:
            self.complaints.append(f"{response.status} {response.url}")
        if "/api/v1/chart/data" in response.url and response.status == 200:
            sent = json.loads(response.request.post_data or "{}")
            number = sent.get("form_data", {}).get("slice_id")
            if number is not None:
                self.answers[int(number)] = [row for part in response.json()["result"] for row in part["data"]]


def signed_in(browser: Browser, superset: Superset, user: str, device: str) -> BrowserContext:
    width, height = SIZES[device]
    context = browser.new_context(viewport={"width": width, "height": height}, is_mobile=device == "phone")
    cookies = [
        {"name": cookie.name, "value": str(cookie.value), "url": superset.address}
        for cookie in superset.as_(user).client.cookies.jar
    ]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    context.set_default_timeout(180_000)
    return context


def open_page(context: BrowserContext, superset: Superset, device: str, language: str, name: str = "overview") -> Shown:
    """Open a page and wait until every chart has come to rest."""
    shown = Shown(context.new_page())
    shown.listen()
    slug = "-".join(part for part in (name, "" if device == "desk" else device, language) if part)
    shown.page.goto(f"{superset.address}/superset/dashboard/{slug}/{MODES[device]}")
    shown.page.wait_for_selector("[data-test='chart-grid-component']", timeout=180_000)
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        shown.page.wait_for_timeout(700)
        waiting = shown.page.locator("[data-test='loading-indicator'], .loading").count()
        if not waiting and len(shown.answers) >= len(specification.placed(WANTED.pages[name], device)):
            break
    shown.page.wait_for_timeout(1200)  # the charts' own animation
    return shown


def picture(shown: Shown, name: str, *, whole: bool) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    if whole:
        height = shown.page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(part => part.scrollHeight))")
        shown.page.set_viewport_size({"width": shown.page.viewport_size["width"], "height": min(height + 60, 4000)})  # type: ignore[index]
        shown.page.wait_for_timeout(1500)
    shown.page.screenshot(path=str(PICTURES / f"{name}.png"))


@pytest.mark.parametrize(("device", "language"), OVERVIEWS)
def test_a_page(device: str, language: str, browser: Browser, superset: Superset) -> None:
    context = signed_in(browser, superset, "park_manager", device)
    shown = open_page(context, superset, device, language)
    picture(shown, f"{device}-{language}", whole=False)
    slugs = specification.placed(WANTED.pages["overview"], device)
    oracle = Oracle(superset.marts, language, "park_manager")
    assert len(slugs) == shown.page.locator("[data-test='chart-grid-component']").count()
    for slug in slugs:
        assert_drawn(shown, slug, language)
        assert_numbers(shown, slug, oracle)
    assert shown.complaints == []
    if device == "phone":
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"][0]
    if device == "wall":
        assert shown.page.locator("nav, [data-test='filter-bar']").locator("visible=true").count() == 0
    if device != "wall":
        picture(shown, f"{device}-{language}-whole", whole=True)
    context.close()


@pytest.mark.parametrize(("name", "language"), OTHERS)
def test_another_page(name: str, language: str, browser: Browser, superset: Superset) -> None:
    context = signed_in(browser, superset, "park_manager", "desk")
    shown = open_page(context, superset, "desk", language, name)
    picture(shown, f"{name}-{language}-whole", whole=True)
    oracle = Oracle(superset.marts, language, "park_manager")
    for slug in specification.placed(WANTED.pages[name], "desk"):
        assert_drawn(shown, slug, language)
        assert_numbers(shown, slug, oracle)
    assert shown.complaints == []
    context.close()


@pytest.fixture(scope="module")
def cement(browser: Browser, superset: Superset) -> Iterator[Shown]:
    """The overview as a viewer of the cement works gets it."""
    context = signed_in(browser, superset, "viewer_cement", "desk")
    yield open_page(context, superset, "desk", "zh")
    context.close()


def test_a_viewer_gets_the_same_page_with_his_own_numbers(cement: Shown, superset: Superset) -> None:
    oracle = Oracle(superset.marts, "zh", "cement")
    energy = ("energy_calorific", "energy_equivalent", "energy_cost", "energy_by_carrier", "parts_ranked")
    for slug in (*energy, "emissions"):
        assert_drawn(cement, slug, "zh")
        assert_numbers(cement, slug, oracle)
    assert cement.complaints == []
    picture(cement, "desk-zh-viewer", whole=False)


def test_a_cell_of_a_filled_template_changed_the_number_on_the_page(
    cement: Shown, superset: Superset, park: Park
) -> None:
    """The page shows the emissions with the clinker of the workbook, not with that of the site's file."""
    if superset.marts.parent != park.lake:
        pytest.skip("NENGTAN_TEST_MARTS names marts in which nothing was entered")
    entered, factor = park.entered, Decimal("0.535")  # tCO2 per tonne of clinker, CETS-AG-02.01
    (line,) = park.sql(
        "select activity, emissions_tco2 from carbon.emissions_monthly where organization_id = 'cement' "
        "and basis = 'statutory' and carrier = 'clinker' and month = date '2025-12-01'"
    )
    assert line == (entered.quantity, (entered.quantity * factor).quantize(Decimal("0.000001"), ROUND_HALF_UP))
    ((total,),) = park.sql(
        "select sum(emissions_tco2) from carbon.emissions_monthly where organization_id = 'cement' "
        "and basis = 'statutory' and month between date '2025-01-01' and date '2025-12-01'"
    )
    assert isinstance(total, Decimal)
    text = card(cement, "emissions", "zh").inner_text()
    assert f"{total:,.0f}" in text
    assert f"{total - (entered.quantity - entered.filed) * factor:,.0f}" not in text


def test_a_number_of_a_mart_is_walked_back_to_the_cell_that_it_came_from(park: Park, capsys) -> None:
    """Mart, row in ref, row in raw, people, workbook: read from the lake, without the portal's own file."""
    current = lake_rows(park, "ref/production")
    (entry,) = {
        row["entry"]
        for row in current
        if (row["product_id"], row["quantity"], str(row["month"])) == ("clinker", park.entered.quantity, "2025-12-01")
    }
    landed = [row for row in lake_rows(park, "raw/entry_forms__production") if row["product_id"] == "clinker"]
    assert [f"{row['entry_id']}/{row['version']}" for row in landed] == [entry]
    (line,) = [row for row in lake_rows(park, "raw/entry_forms__entry") if row["entry_id"] == landed[0]["entry_id"]]
    assert [line[name] for name in ("entered_by", "reviewed_by", "approved_by")] == ["p02", "p07", "p07"]
    assert line["batch_id"] == landed[0]["batch_id"]
    assert line["workbook_hash"] == landed[0]["workbook_hash"] == hashlib.sha256(park.entered.workbook).hexdigest()
    kept = Lake(str(park.lake)).payload(landed[0]["workbook_hash"]).read_bytes()
    assert kept == park.entered.workbook
    sheet = load_workbook(io.BytesIO(kept))["production"]
    cell = sheet.cell(landed[0]["workbook_line"], park.entered.column).value
    assert Decimal(str(cell)) == landed[0]["quantity"] == park.entered.quantity

    assert status_of(["trace", "production", "cement", "2025-12", "--lake", str(park.lake)]) == 0
    told = capsys.readouterr().out
    for said in (entry, "in force", "p02", "p07", line["workbook_hash"], "line 4 of the workbook", "149000.25"):
        assert said in told, said


def lake_rows(park: Park, table: str) -> list[dict[str, Any]]:
    return tablerows.read(park.lake / table).to_pylist()


def test_the_first_page_is_the_overview(browser: Browser, superset: Superset) -> None:
    context = signed_in(browser, superset, "park_manager", "desk")
    page = context.new_page()
    page.goto(f"{superset.address}/")
    assert "/superset/dashboard/overview-" in page.url
    context.close()


def test_the_sign_in_page_is_chinese(browser: Browser, superset: Superset) -> None:
    page = browser.new_page()
    page.goto(f"{superset.address}/login/")
    page.wait_for_selector("button[type=submit]")
    page.wait_for_timeout(800)
    text = page.inner_text("body")
    picture(Shown(page), "sign-in", whole=False)
    assert "登录" in text
    assert "用户名" in text
    page.close()


def card(shown: Shown, slug: str, language: str) -> Any:
    name = specification.say(WANTED.charts[slug]["title"], language)
    return shown.page.locator(f"[data-test='chart-grid-component'][data-test-chart-name=\"{name}\"]")


def assert_drawn(shown: Shown, slug: str, language: str) -> None:
    """A chart is drawn when no alert stands in it, and ink or words or rows do; a busy machine paints late."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return _is_drawn(shown, slug, language)
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            shown.page.wait_for_timeout(500)


def _is_drawn(shown: Shown, slug: str, language: str) -> None:
    box, chart = card(shown, slug, language), WANTED.charts[slug]
    assert box.count() == 1, slug
    assert box.locator(".ant-alert, [data-test='alert-text']").count() == 0, f"{slug}: {box.inner_text()}"
    told = any(words in box.inner_text() for words in ("没有数据", "No data"))
    empty = told or box.locator(".ant-empty, [data-test='empty-state']").count()
    if empty and chart.get("may_be_empty"):
        return
    assert not empty, f"{slug} is empty"
    if chart["draw"] in ("stacked_bars", "lines", "ranking", "share", "heat_map", "sankey", "tree", "waterfall"):
        assert box.locator("canvas").first.evaluate(BLANK) >= 4, f"{slug} is a blank canvas"
    elif chart["draw"] == "table":
        assert box.locator("tbody tr").count() >= 1, slug
    else:
        assert any(letter.isdigit() for letter in box.inner_text()), slug


def assert_numbers(shown: Shown, slug: str, oracle: "Oracle") -> None:
    """The numbers written on the card, or sent to be drawn, are those of the mart."""
    chart, box = WANTED.charts[slug], card(shown, slug, oracle.language)
    if chart["draw"] == "table":
        return
    expected = oracle.totals(chart)
    if chart.get("may_be_empty") and not any(expected):
        return
    if "value" in chart:
        value = chart["value"]
        divisor = value.get("divide", {}).get(oracle.language, 1)
        text = format(float(expected[0] or 0) / divisor, value.get("format", ",.0f"))
        assert text in box.inner_text().replace("\u2212", "-"), f"{slug}: {text} is not on {box.inner_text()!r}"
        return
    rows = shown.answers[int(box.get_attribute("data-test-chart-id"))]
    for value, total in zip(specification.measures(chart), expected, strict=True):
        if value.get("aggregate", "SUM") != "SUM":
            continue
        label = specification.say(value["label"], oracle.language)
        axis = specification.say(chart["x"]["column"], oracle.language) if "x" in chart else ""
        grouped = "series" in chart and chart["draw"] == "stacked_bars"
        drawn = sum(
            float(number)
            for row in rows
            for column, number in row.items()
            if number is not None and (column != axis if grouped else column == label)
        )
        divisor = value.get("divide", {}).get(oracle.language, 1)
        assert drawn == pytest.approx(float(total or 0) / divisor, rel=1e-9), f"{slug}: {label}"


class Oracle:
    """Computes from the marts what a page must show to one reader."""

    def __init__(self, marts: Path, language: str, reader: str) -> None:
        self.connection = duckdb.connect(str(marts), read_only=True)
        self.language = language
        self.rule = "true" if reader == "park_manager" else f"organization_id = '{reader}'"
        self.top = self._one(
            f"select organization_id from energy.comprehensive_monthly where {self.rule} "
            "order by organization_level, organization_id limit 1"
        )
        self.last: date = self._one("select max(local_date) from energy.consumption_daily")

    def _one(self, query: str) -> Any:
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return row[0]

    def span(self, name: str) -> tuple[date, date]:
        after = self.last + timedelta(days=1)
        if name == "everything":
            return date.min, date.max
        if name == "latest_day":
            return self.last, after
        if name == "latest_30_days":
            return after - timedelta(days=30), after
        end = after.replace(day=1)
        if name == "latest_month":
            return (end - timedelta(days=1)).replace(day=1), end
        return end.replace(year=end.year - 1), end

    def totals(self, chart: dict[str, Any]) -> tuple[Any, ...]:
        """Add up each value of a chart over its span, its conditions and the first organisation of the filter."""
        settings = WANTED.datasets[chart["dataset"]]
        conditions = [_condition(part) for part in chart.get("where", [])]
        if "time" in settings:
            start, end = self.span(chart.get("span", "latest_year"))
            conditions += [f"{settings['time']} >= date '{start}'", f"{settings['time']} < date '{end}'"]
        if settings["rows"] == "organization":
            conditions.append(self.rule)
            if "organization" not in chart.get("ignores", []):
                conditions.append(f"organization_id = '{self.top}'")
        if chart["dataset"].startswith("footprint.") and "product" not in chart.get("ignores", []):
            conditions += self.first_product(chart["dataset"])
        sums = [
            f"{value.get('aggregate', 'SUM')}({specification.say(value['column'], self.language)})"
            for value in specification.measures(chart)
        ]
        rows = f"from {chart['dataset']} where {' and '.join(conditions) or 'true'}"
        query = f"select {', '.join(sums)} {rows}"
        if chart["draw"] == "ranking":  # of the first ones alone
            named = [f"{part} as part_{place}" for place, part in enumerate(sums)]
            axis, limit = specification.say(chart["x"]["column"], self.language), chart.get("rows", 10)
            first = f"select {', '.join(named)} {rows} group by {axis} order by part_0 desc nulls last limit {limit}"
            query = f"select {', '.join(f'sum(part_{place})' for place in range(len(sums)))} from ({first})"
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return row

    def first_product(self, mart: str) -> list[str]:
        """Keep a mart of products to the one that the filter names first: of those that are sold, by its code."""
        columns = self.connection.execute(f"select * from {mart} limit 0").description
        if "product_id" not in {column[0] for column in columns}:
            return []
        first = f"select product_id from footprint.products where {self.rule} order by not is_sold, product_id limit 1"
        return [f"product_id = ({first})"]


def _condition(part: dict[str, Any]) -> str:
    if "same" in part:
        return " = ".join(part["same"])
    if "known" in part:
        return f"{part['column']} is not null"
    if "one_of" in part:
        return f"{part['column']} in ({', '.join(map(_literal, part['one_of']))})"
    return f"{part['column']} is not distinct from {_literal(part['is'])}"


def _literal(value: Any) -> str:
    return "null" if value is None else f"'{value}'" if isinstance(value, str) else str(value)
