"""The portal vouches for its people to the dashboards: to them alone, once, for the roles of today."""

import base64
import hashlib
import html
import re
import secrets
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from ingestion.portal.sign_on import BACK, Dashboards
from tests.integration import portal_site
from tests.integration.portal_site import Browserless, Portal

pytestmark = pytest.mark.integration
DASHBOARDS = Dashboards("https://boards.example:8088", "kept-by-both")
VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": "dashboards",
    "redirect_uri": DASHBOARDS.back,
    "response_type": "code",
    "scope": "openid profile",
    "state": "s-1",
    "nonce": "n-1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    with portal_site.in_thread(tmp_path_factory.mktemp("portal"), dashboards=DASHBOARDS) as (running, _):
        yield running


def code_for(session: Browserless, **other: str) -> str:
    page = session.get(f"/sign-on/authorize?{urlencode({**ASKED, **other})}")
    assert page.status_code == 200, page.text
    found = re.search(r'content="0; url=([^"]+)"', page.text)
    assert found, page.text
    back = urlsplit(html.unescape(found[1]))
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"https://boards.example:8088{BACK}"
    told = parse_qs(back.query)
    assert told["state"] == ["s-1"]
    return told["code"][0]


def taken(portal: Portal, code: str, secret: str = "kept-by-both", **other: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": DASHBOARDS.back}
    return portal.client().post(
        "/sign-on/token", data={**form, "code_verifier": VERIFIER, **other}, auth=("dashboards", secret)
    )


def claims_of(portal: Portal, answer: httpx.Response) -> dict[str, object]:
    assert answer.status_code == 200, answer.text
    keys = KeySet.import_key_set(portal.client().get("/sign-on/keys").json())
    return dict(jwt.decode(answer.json()["id_token"], keys, algorithms=["ES256"]).claims)


def test_who_signs_in_comes_back_with_what_he_may_see_today(portal: Portal) -> None:
    """The way goes on after password and code, with the whole of what was asked."""
    portal.signed_in("zhang")
    stranger = Browserless(portal.client())
    page = stranger.get(f"/sign-on/authorize?{urlencode(ASKED)}")
    onward = re.search(r'name="next" value="([^"]+)"', page.text)
    assert onward
    page = stranger.post("/login", person="zhang", password=portal.passwords["zhang"], next=html.unescape(onward[1]))
    onward = re.search(r'name="next" value="([^"]+)"', page.text)
    assert onward
    page = stranger.post("/second-factor", code=portal.code("zhang"), next=html.unescape(onward[1]))
    assert 'content="0; url=https://boards.example:8088' in page.text
    claims = claims_of(portal, taken(portal, code_for(stranger)))
    assert {name: claims[name] for name in ("iss", "aud", "sub", "preferred_username", "nonce", "groups")} == {
        "iss": portal.address,
        "aud": "dashboards",
        "sub": "zhang",
        "preferred_username": "zhang",
        "nonce": "n-1",
        "groups": ["rows:steel"],
    }, "an auditor of the park reads its log, not its figures"
    assert claims["exp"] - claims["iat"] <= 300  # type: ignore[operator]
    roles = portal.site / "roles.csv"
    before = roles.read_text("utf-8")
    roles.write_text(before + "zhang,park,view\nzhang,park,analyse\n", "utf-8")
    said = claims_of(portal, taken(portal, code_for(stranger)))["groups"]
    roles.write_text(before, "utf-8")
    assert said == [f"{kind}:{name}" for kind in ("rows", "analyse") for name in ("park", "mill", "steel")]


def test_who_only_administers_sees_no_rows(portal: Portal) -> None:
    admin = portal.signed_in("admin")
    assert claims_of(portal, taken(portal, code_for(admin)))["groups"] == []


def test_a_code_counts_once_for_the_client_that_asked(portal: Portal) -> None:
    li = portal.signed_in("li")
    code = code_for(li)
    assert taken(portal, code, secret="guessed").json() == {"error": "invalid_client"}
    assert taken(portal, code).status_code == 200
    assert taken(portal, code).json() == {"error": "invalid_grant"}
    for wrong in ({"code_verifier": "another"}, {"redirect_uri": "https://elsewhere"}, {"grant_type": "password"}):
        assert taken(portal, code_for(li), **wrong).json() == {"error": "invalid_grant"}, wrong
    assert taken(portal, "invented").json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "others"},
        {"redirect_uri": "https://boards.example:8088.evil.example/oauth-authorized/nengtan"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"scope": "profile"},
    ],
)
def test_nobody_is_sent_anywhere_else(portal: Portal, other: dict[str, str]) -> None:
    answer = portal.signed_in("li").get(f"/sign-on/authorize?{urlencode({**ASKED, **other})}")
    assert answer.status_code == 403
    assert "code=" not in answer.text
