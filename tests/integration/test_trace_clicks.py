"""From a tonne on the dashboard to the raw register reading that carries it: three clicks in a browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.integration import portal_site
from tests.integration.portal_pages import picture
from tests.integration.portal_site import Portal
from tests.integration.reference_park import ROOT, Park
from tests.integration.superset_server import Superset
from tests.integration.test_screens import open_page, signed_in

pytestmark = pytest.mark.integration
OF_DECEMBER = "month = date '2025-12-01'"


@pytest.fixture(scope="module")
def portal(park: Park, superset: Superset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The park's entry portal, at the address that the dashboards know."""
    if superset.marts.parent != park.lake:
        pytest.skip("NENGTAN_TEST_MARTS names marts of another lake")
    home = tmp_path_factory.mktemp("portal")
    site = ROOT / "examples/reference_park"
    with portal_site.opened(site, park.lake, home, {}, superset.portal) as (opened, _):
        yield opened


@contextmanager
def reader(browser: Browser, superset: Superset, portal: Portal, user: str, person: str) -> Iterator[BrowserContext]:
    """Somebody who is signed in to the dashboards and to the portal."""
    portal.signed_in(person)
    context = signed_in(browser, superset, user, "desk")
    page = context.new_page()
    page.goto(f"{portal.address}/login")
    page.fill("input[name=person]", person)
    page.fill("input[name=password]", portal.passwords[person])
    page.click("main button")
    if person in portal.factors:
        page.wait_for_selector("input[name=code]")
        page.fill("input[name=code]", portal.code(person))
        page.click("main button")
    page.wait_for_selector("nav")
    page.close()
    yield context
    context.close()


def first_click(context: BrowserContext, superset: Superset, language: str, *words: str) -> Page:
    """Click the link of the first line of the emissions' table that says these words; return the page it leads to."""
    page = open_page(context, superset, "desk", language, "emissions").page
    table = page.locator("[data-test='chart-grid-component']", has=page.locator("a[href^='/nengtan/trace/']"))
    row = table.locator("tbody tr")
    for word in words:
        row = row.filter(has_text=word)
    row.first.locator("a[href^='/nengtan/trace/']").click()
    page.wait_for_url("**/trace/carbon.emissions_monthly/**")
    page.wait_for_selector("section.tree")
    return page


def test_three_clicks_lead_from_a_tonne_to_the_register_reading(
    browser: Browser, superset: Superset, portal: Portal, park: Park
) -> None:
    with reader(browser, superset, portal, "park_manager", "p01") as context:
        page = first_click(context, superset, "zh", "购入电力", "外购电力")  # the park's line
        assert "这个数从哪里来" in page.inner_text("h1")
        page.click("summary:has-text('示范水泥有限公司')")
        picture(page, "trace-park-zh")
        page.locator("details[open] a:visible:text('原始读数')").nth(1).click()
        page.wait_for_selector("h1:has-text('cem_e_main_ep')")
        picture(page, "trace-readings-zh")
        shown = page.inner_text("main")
    ((activity,),) = park.sql(
        f"select activity from carbon.emissions_monthly where {OF_DECEMBER} and organization_id = 'cement' "
        "and carrier = 'electricity_grid' and basis = 'statutory'"
    )
    readings = {Decimal(text.replace(",", "")) for text in re.findall(r"\t(\d[\d,]+)\t", shown)}
    ends = {max(readings), min(readings)}
    assert len(readings) >= 20
    # between the ends of December lie what was counted, but for the quarter hour that another delivery began with
    assert abs((max(ends) - min(ends)) * Decimal("0.001") - Decimal(str(activity))) < Decimal(str(activity)) / 1000
    assert "未改动" in shown


def test_a_declared_tonne_leads_to_the_people_and_the_workbook(
    browser: Browser, superset: Superset, portal: Portal, park: Park
) -> None:
    with reader(browser, superset, portal, "viewer_cement", "p02") as context:
        page = first_click(context, superset, "en", "process", "2025-12")  # the works' own line
        assert "What this number rests on" in page.inner_text("h1")
        assert f"{park.entered.quantity:,}" in page.inner_text("main")
        picture(page, "trace-declared-en")
        page.click("main a[href$='/trace']")
        page.wait_for_url("**/sheets/production/cement/2025-12/trace")
        page.wait_for_selector("main caption")
        assert "SHA-256" in page.inner_text("main")


def test_every_category_leads_on_and_nobody_sees_another_organisation(portal: Portal, park: Park) -> None:
    lines = park.sql(
        "select any_value(lineage_id), source_category, organization_id from carbon.emissions_monthly "
        f"where {OF_DECEMBER} and activity <> 0 and organization_id in ('park', 'cement', 'chemical', 'steel') "
        "group by all order by all"
    )
    assert len({category for _, category, _ in lines}) >= 6
    manager, of_cement = portal.signed_in("p01"), portal.signed_in("p02")
    for lineage_id, category, organization in lines:
        path = f"/trace/{quote(str(lineage_id))}"
        page = manager.get(path).text
        assert "原始读数</a>" in page or "<b>申报</b>" in page, lineage_id
        assert of_cement.get(path).status_code == (200 if organization == "cement" else 404), lineage_id
        found = re.search(r'href="(/trace/[^"]+/readings/[^"]+)"', page)
        if found and category == "purchased_electricity" and organization != "park":
            readings = manager.get(found[1])
            assert "SHA-256" in readings.text, found[1]
            assert of_cement.get(found[1]).status_code == (200 if organization == "cement" else 404)
            assert manager.get(f"{found[1]}/payload").status_code == 200
            assert of_cement.get(f"{found[1]}/payload").status_code == 404
    assert manager.get("/trace/carbon.emissions_monthly/nothing").status_code == 404
    told = manager.get(f"/api/trace/{quote(str(lines[0][0]))}").json()
    assert {node["kind"] for node in told["nodes"]} >= {"number", "clause"}


def test_a_part_of_a_footprint_leads_to_the_flow_and_factor_that_it_rests_on(
    browser: Browser, superset: Superset, portal: Portal, park: Park
) -> None:
    with reader(browser, superset, portal, "park_manager", "p07") as context:
        page = open_page(context, superset, "desk", "zh", "footprints").page
        link = page.locator("a[href^='/nengtan/trace/footprint.contributions/']").first
        line = unquote(str(link.get_attribute("href"))).removeprefix("/nengtan/trace/footprint.contributions/")
        [(kgco2e, exchange)] = park.sql(
            f"select contribution_kgco2e, exchange_id from footprint.contributions where lineage_id = '{line}'"
        )
        link.click()
        page.wait_for_url("**/trace/footprint.contributions/**")
        text = page.inner_text("main")
        assert f"{kgco2e:,f}".rstrip("0").rstrip(".") in text
        assert exchange in text


def test_of_a_neighbour_a_footprint_tells_what_it_supplies_and_not_how(portal: Portal, park: Park) -> None:
    lines = park.sql(
        "select min(lineage_id), organization_id, process_id from footprint.contributions "
        "where is_latest and period_kind = 'year' and product_id in ('cement', 'gear_unit') "
        "group by organization_id, process_id, contributor_kind = 'neighbour' order by all"
    )
    runs = dict(park.sql("select distinct process_id, organization_id from footprint.flows_monthly"))
    assert {runs[process] for _, owner, process in lines if owner == "machinery"} == {"machinery"}
    assert [line for line, _, _ in lines if "/gear_unit/neighbours/" in str(line)], "and bars of steel are in a gear"
    manager, of_cement = portal.signed_in("p01"), portal.signed_in("p02")
    for line, owner, process in lines:
        path = f"/trace/footprint.contributions/{quote(str(line))}"
        assert manager.get(path).status_code == 200, line
        assert of_cement.get(path).status_code == (200 if {owner, runs[process]} == {"cement"} else 404), line
    assert manager.get("/trace/footprint.contributions/nothing").status_code == 404
