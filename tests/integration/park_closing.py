"""November of the park, closed on the entry portal by two persons, who see what they sign and cannot do it alone."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.integration import portal_site

_PROPOSAL = re.compile(r'action="/periods/([0-9a-f]+)"')


def november(site: Path, lake: Path, home: Path, environment: Mapping[str, str]) -> str:
    """Let the park's head of energy propose to close November, and the deputy general manager approve it."""
    asked = {"act": "close", "organization": "park"}
    with portal_site.opened(site, lake, home, environment) as (portal, _):
        head, deputy, manager = (portal.signed_in(person) for person in ("p01", "p10", "p02"))
        assert manager.get("/periods").status_code == 404, "who neither proposes nor decides"
        head.get("/periods")
        assert head.post("/periods", period="2026-01", **asked).status_code == 409, "it has not ended"
        assert head.post("/periods", period="2025-11", act="reopen", organization="park").status_code == 422
        page = head.post("/periods", period="2025-11", **asked)
        assert page.status_code == 200, page.text
        assert _PROPOSAL.search(page.text) is None, "who proposes is offered no decision"
        found = _PROPOSAL.search(deputy.get("/periods").text)
        assert found, "it waits for the other"
        way = f"/periods/{found[1]}"
        assert head.post(way, step="approve").status_code == 409
        assert manager.post(way, step="approve").status_code == 404
        assert "2025-11" in deputy.post(way, step="approve", words="figures seen").text
        assert deputy.post(way, step="refuse", words="too late").status_code == 409
        with_months = head.get("/months").text
        assert with_months.count("已结账") >= len(("park", "cement", "steel", "chemical", "machinery", "energy_centre"))
        acts = [line["act"] for line in portal_site.audit_lines(home)]
        assert [act for act in acts if act.startswith("period_")] == ["period_close", "period_approve"]
    return found[1]
