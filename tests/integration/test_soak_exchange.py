"""The whole way of a footprint between two Nengtan: run, release, ask, review, run again, trace, correct."""

import contextlib
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration import exchange_pair, portal_site
from tests.integration.exchange_pair import Instance
from tests.integration.portal_site import Portal
from tests.integration.test_exchange_pair import RATINGS, standing, until

pytestmark = [pytest.mark.integration, pytest.mark.soak]
#: Tonnes of lime a tonne of steel, and what its secondary value with its penalty carries per tonne (kgCO2e).
LIME, SECONDARY = Decimal("0.05"), Decimal("1200") * Decimal("1.1")
REST = Decimal("1.05") * 1500


def footprint(instance: Instance, product: str) -> Decimal:
    query = f"select footprint_kgco2e from footprint.products where product_id = '{product}' and period = '2025-01'"
    (row,) = json.loads(instance.nengtan("sql", query, "--format", "json"))
    return Decimal(str(row["footprint_kgco2e"]))


def released(lime: Instance, *reason: str) -> str:
    lime.nengtan("run", str(lime.site))
    told = lime.told("footprint", "release", "lime", "--period", "2025-01", "--person", "shen", *reason)
    return str(told["record_id"])


def approve(portal: Portal, steel: Instance, record_id: str) -> None:
    """Two people of the steel works look at an answer."""
    (row,) = steel.rows(
        f"select entry_id from supplier_answer where record_id = '{record_id}' and state = 'for_review'"
    )
    where = f"/suppliers/answers/{row['entry_id']}"
    for person, step, ratings in (("shen", "review", RATINGS), ("song", "approve", {})):
        assert portal.signed_in(person).step(where, step, **ratings).status_code == 200


def test_a_supplier_s_footprint_changes_that_of_its_customer_and_is_found_again(tmp_path: Path) -> None:
    pair = exchange_pair.pair(tmp_path, lime_factor="1100")
    lime, steel = pair.lime, pair.steel
    first = released(lime)
    steel.nengtan("run", str(steel.site))
    before = footprint(steel, "steel")
    assert before == REST + LIME * SECONDARY

    with contextlib.ExitStack() as hosts:
        hosts.enter_context(lime.serving())
        hosts.enter_context(steel.serving())
        portal, _ = hosts.enter_context(portal_site.opened(steel.site, steel.lake, steel.lake / "portal", {}))
        told = steel.told("exchange", "ask")["suppliers"]["lime_works"]
        assert (told["judged"] + told["repeated"], told["faults"]) == (1, [])
        until(lambda: standing(steel), {first: "for_review"})
        approve(portal, steel, first)
        steel.nengtan("run", str(steel.site))
        after = footprint(steel, "steel")
        assert after - before == LIME * (Decimal(1100) - SECONDARY), "the amount times the change of the factor"

        query = (
            "select lineage_id, supplier_id, provider_kind from footprint.contributions"
            " where product_id = 'steel' and period = '2025-01' and supplier_id = 'lime_works'"
        )
        (line,) = json.loads(steel.nengtan("sql", query, "--format", "json"))
        trace = steel.nengtan("trace", "footprint.contributions", f"lineage_id={line['lineage_id']}")
        (kept,) = steel.rows(f"select payload_hash from supplier_answer where record_id = '{first}'")
        assert first in trace
        assert kept["payload_hash"] in trace

        factors = (lime.site / "factors.csv").read_text("utf-8")
        lime.rewrite("factors.csv", factors.replace(",1100,", ",1050,"))
        second = released(lime, "--reason", "a belt scale was corrected")
        until(lambda: standing(steel), {first: "withdrawn", second: "for_review"})
        assert footprint(steel, "steel") == after, "nothing is used before somebody approved it"
        approve(portal, steel, second)
        steel.nengtan("run", str(steel.site))
        assert footprint(steel, "steel") - after == LIME * (Decimal(1050) - Decimal(1100))
