"""People sign in with an OpenID provider of others (npm: oidc-provider) and may do what is mapped, and no more."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from ingestion.portal import provider
from ingestion.portal.place import Place
from lake.errors import SiteError
from tests.integration import portal_site
from tests.integration.node_peer import node_peer
from tests.integration.portal_site import Browserless, Portal

pytestmark = pytest.mark.integration
PEOPLE = {
    "u-17": {"preferred_username": "li", "groups": ["mill-energy", "canteen"]},
    "wang": {"preferred_username": "wang", "groups": ["canteen"]},
    "stranger": {"preferred_username": "stranger", "groups": ["mill-energy"]},
    "twin": {"preferred_username": "li", "groups": ["mill-energy"]},
}
SETTINGS = """
    kind: form
    local_sign_in: {passwords}
    certificate: portal.pem
    key: portal_key.pem
    oidc:
      issuer: {issuer}
      client_id: nengtan
      client_secret: ${{NENGTAN_OIDC_SECRET}}
      roles: {{mill-energy: {{organization: mill, roles: [view]}}}}
"""
BACK = "/login/back"
SHEET = "/sheets/production/mill/2025-01"


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    with portal_site.in_thread(tmp_path_factory.mktemp("portal"), {"NENGTAN_OIDC_SECRET": "kept-by-both"}) as (made, _):
        arguments = made.address + BACK, json.dumps(PEOPLE)
        with node_peer("openid_provider.js", "oidc-provider", *arguments) as peer:
            issuer = peer.until("ready")["issuer"]
            made.signed_in("li")  # an account with a password, before the provider is trusted
            trusts(made, issuer)
            yield made


def trusts(portal: Portal, issuer: str, passwords: str = "allowed") -> None:
    forms = SETTINGS.format(issuer=issuer, passwords=passwords)
    told = portal_site.FILES["sources.yaml"].replace("{kind: form}", forms)
    (portal.site / "sources.yaml").write_text(told, encoding="utf-8")


def at_the_provider(client: httpx.Client, person: str) -> str:
    """Go to the provider as a browser does, sign in and agree there; return the address that leads back."""
    page = client.get("/login/begin?next=/upload")
    for _ in range(2):
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text
        prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
        sent = {"prompt": prompt[1] if prompt else "", "login": person, "password": "any"}
        page = client.post(page.url.join(action[1]), data=sent, follow_redirects=False)
        while page.next_request is not None and page.next_request.url.path != BACK:
            page = client.send(page.next_request, follow_redirects=False)
    assert page.next_request is not None
    return str(page.next_request.url)


def back_of(portal: Portal, person: str) -> tuple[httpx.Client, str]:
    client = portal.client()
    return client, at_the_provider(client, person)


def test_what_is_asked_of_the_provider(portal: Portal) -> None:
    address = portal.client().get("/login/begin", follow_redirects=False).headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", "nengtan")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert asked["redirect_uri"] == portal.address + BACK
    assert "kept-by-both" not in address


def test_who_comes_back_may_do_what_is_mapped_and_no_more(portal: Portal) -> None:
    client, back = back_of(portal, "u-17")
    page = client.get(back)
    assert page.status_code == 200
    assert 'content="0; url=/upload"' in page.text
    session = Browserless(client)
    assert session.get(SHEET).status_code == 200
    assert 'button name="step"' not in session.get(SHEET).text, (
        "li may enter by roles.csv, and only view by the provider"
    )
    assert session.step(SHEET, "save", **{"r1.product_id": "clinker"}).status_code == 409
    assert session.get("/password").status_code == 404
    assert session.get("/sheets/production/steel/2025-01").status_code == 404
    lines = portal_site.audit_lines(portal.site.parent / "home")
    assert any(line["act"] == "login" and (line["detail"] or "").endswith(" u-17") for line in lines)


@pytest.mark.parametrize("person", ["wang", "stranger", "twin"])
def test_nobody_else_gets_in(portal: Portal, person: str) -> None:
    """Without a mapped group, without a line of people.csv, as another subject under a name that is taken."""
    known = portal_site.accounts(portal.site.parent / "home")
    client, back = back_of(portal, person)
    assert client.get(back).status_code == 403
    assert client.get("/").url.path == "/login"
    assert portal_site.accounts(portal.site.parent / "home") == known, "no account was made"


def test_an_answer_counts_once_in_the_browser_that_asked(portal: Portal) -> None:
    client, back = back_of(portal, "u-17")
    assert portal.client().get(back).status_code == 403, "another browser"
    assert client.get(back).status_code == 200
    assert client.get(back).status_code == 403, "again"
    client, back = back_of(portal, "u-17")
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert client.get(back.replace(state, state[::-1])).status_code == 403
    assert client.get(f"{BACK}?state={state}&error=access_denied").status_code == 403


def test_a_code_of_another_attempt_is_refused(portal: Portal) -> None:
    """Its verifier (PKCE) is another: who takes a code away from its browser has nothing of it."""
    _, stolen = back_of(portal, "u-17")
    client, own = back_of(portal, "u-17")
    codes = [parse_qs(urlsplit(back).query)["code"][0] for back in (stolen, own)]
    assert client.get(own.replace(codes[1], codes[0])).status_code == 403
    assert client.get("/").url.path == "/login"


def test_passwords_can_be_switched_off(portal: Portal) -> None:
    issuer = str((Place(portal.site, {"NENGTAN_OIDC_SECRET": "x"}).known().form.settings["oidc"])["issuer"])
    before = portal.signed_in("li")
    trusts(portal, issuer, "refused")
    try:
        assert before.get("/").url.path == "/login", "sessions of passwords ended"
        stranger = Browserless(portal.client())
        page = stranger.get("/login").text
        assert 'name="password"' not in page
        assert "/login/begin" in page
        assert stranger.post("/login", person="li", password=portal.passwords["li"]).status_code == 404
        client, back = back_of(portal, "u-17")
        assert client.get(back).status_code == 200
        assert client.get(SHEET).status_code == 200
    finally:
        trusts(portal, issuer)


@pytest.mark.soak
def test_a_browser_goes_there_and_back(portal: Portal, browser: Browser) -> None:
    """The strict cookie of the session reaches the first page, though another site began the way."""
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"{portal.address}{SHEET}")
    page.click("a.first")
    page.fill("input[name=login]", "u-17")
    page.fill("input[name=password]", "any")
    page.click("button[type=submit]")
    page.click("button[type=submit]")
    page.wait_for_selector("nav")
    assert page.url == f"{portal.address}{SHEET}"
    context.close()


@pytest.mark.parametrize(
    ("forms", "wrong"),
    [
        ("{kind: form, local_sign_in: refused}", "nobody could sign in"),
        ("{kind: form, oidc: {issuer: 'http://192.0.2.1', client_id: x}}", "over HTTPS only"),
        (
            "{kind: form, oidc: {issuer: 'https://a.example', client_id: x, "
            "roles: {a: {organization: mill, roles: [king]}}}}",
            "a role that there is not",
        ),
    ],
)
def test_settings_that_cannot_hold_are_one_sentence(tmp_path: Path, forms: str, wrong: str) -> None:
    site, _ = portal_site.new(tmp_path, forms)
    with pytest.raises(SiteError, match=wrong):
        provider.trust(Place(site, {}).known())
