"""The portal speaks TLS 1.2 or newer; without it, it listens on loopback or for a named proxy, and nowhere else."""

import socket
import ssl
from pathlib import Path

import httpx
import pytest

from ingestion.portal import doorway
from ingestion.portal.place import Place
from lake.errors import SiteError
from pipelines import portal as program
from tests.integration import portal_site

pytestmark = pytest.mark.integration


def test_a_handshake_of_today_is_made_and_one_of_yesterday_refused(tmp_path: Path) -> None:
    with portal_site.in_thread(tmp_path) as (portal, _):
        trusted = ssl.create_default_context(cafile=portal.site / "authority.pem")
        assert handshake(portal.address, trusted) in ("TLSv1.2", "TLSv1.3")
        trusted.maximum_version = ssl.TLSVersion.TLSv1_2
        assert handshake(portal.address, trusted) == "TLSv1.2"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            handshake(portal.address, yesterdays())
        ours = doorway.read(Place(portal.site, {}).known(), "127.0.0.1").tls
        assert ours
        if ssl.HAS_TLSv1_1:  # else nobody here can say it
            assert why_refused(ours, yesterdays()) == "UNSUPPORTED_PROTOCOL", "for its age, and for nothing else"
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(portal.address, ssl.create_default_context())
        with pytest.raises(httpx.HTTPError):
            httpx.get(portal.address.replace("https:", "http:") + "/login", timeout=120)

        session = portal.signed_in("admin")
        cookie = next(one for one in session.client.cookies.jar if one.name == "nengtan_portal")
        assert cookie.secure
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert session.get("/").headers["strict-transport-security"] == "max-age=31536000"


def yesterdays() -> ssl.SSLContext:
    """A client that would make a handshake of TLS 1.1 with anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


def handshake(address: str, context: ssl.SSLContext) -> str | None:
    host, port = address.removeprefix("https://").split(":")
    with (
        socket.create_connection((host, int(port)), timeout=120) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return secured.version()


def why_refused(server: ssl.SSLContext, client: ssl.SSLContext) -> str:
    """Hand what a client says first to a server and return the reason with which that ends the handshake."""
    said, answered = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        client.wrap_bio(answered, said).do_handshake()
    with pytest.raises(ssl.SSLError) as refused:
        server.wrap_bio(said, ssl.MemoryBIO(), server_side=True).do_handshake()
    return refused.value.reason


def test_plain_http_stays_on_loopback(tmp_path: Path, monkeypatch, capsys) -> None:
    site, lake = portal_site.new(tmp_path)
    known = Place(site, {}).known()
    for host in ("127.0.0.1", "::1", "localhost", "127.8.0.1"):
        assert not doorway.read(known, host).is_secure
    for host in ("0.0.0.0", "::", "192.0.2.7", "portal.example"):
        with pytest.raises(SiteError, match="passwords would cross the network unencrypted"):
            doorway.read(known, host)
    monkeypatch.setenv("NENGTAN_SITE", str(site))
    monkeypatch.setenv("NENGTAN_LAKE", str(lake))
    assert program.main(["--host", "0.0.0.0", "--port", "0"]) == 1
    told = capsys.readouterr()
    assert told.out == "", "no password was made that nobody could use"
    assert told.err.count("\n") == 1
    assert not lake.exists()


@pytest.mark.parametrize(
    ("forms", "wrong"),
    [
        ("{kind: form, certificate: none.pem, key: none_key.pem}", "no TLS with none.pem and none_key.pem"),
        ("{kind: form, certificate: none.pem}", "belong together"),
    ],
)
def test_a_certificate_that_is_not_there_is_one_sentence(tmp_path: Path, forms: str, wrong: str) -> None:
    site, _ = portal_site.new(tmp_path, forms)
    with pytest.raises(SiteError, match=wrong):
        doorway.read(Place(site, {}).known(), "127.0.0.1")


def test_a_named_proxy_may_speak_tls_and_nobody_gets_around_it(tmp_path: Path, caplog) -> None:
    """What the proxy says of the client is believed; a request that did not come through it by HTTPS is refused."""
    site, lake = portal_site.new(tmp_path, "{kind: form, tls_proxy: 127.0.0.1}")
    with portal_site.opened(site, lake, tmp_path / "home", {}) as (portal, _):
        assert "for the proxy 127.0.0.1" in caplog.text
        with httpx.Client(base_url=portal.address, timeout=120) as around:
            assert around.get("/login").status_code == 403
            through = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}
            answer = around.get("/login", headers=through)
            assert answer.status_code == 200
            assert "strict-transport-security" in answer.headers
            assert around.post("/login", data={"person": "admin", "password": "no"}, headers=through).status_code == 401
    lines = portal_site.audit_lines(tmp_path / "home")
    assert lines[-1]["address"] == "192.0.2.7"
