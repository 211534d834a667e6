"""Keys of evidence: Ed25519 and SM2, by the example of the standard and by OpenSSL in both directions."""

import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lake.errors import LakeError
from lake.store import Lake
from quality.evidence import chain, keys, sealing, sm2, verification
from quality.pack.verifier.sm2 import is_signed_by_sm2
from tests.integration.peers import program
from tests.unit.lake.made import batch

# GM/T 0003.5-2012, appendix A: the public key, the message "message digest" and its signature, here in DER.
PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SIGNED = bytes.fromhex(
    "3046"
    "022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def test_the_signature_of_the_standard_holds_and_no_other() -> None:
    named = "sm2:" + b64encode(PUBLIC).decode()
    signed, nobody = b64encode(SIGNED).decode(), "sm2:" + b64encode(b"no key").decode()
    aside = "sm2:" + b64encode(PUBLIC[:-1] + b"\x14").decode()  # a point beside the curve
    for is_signed in (keys.is_signed, is_signed_by_sm2):  # the product's, and that of the verifier in a pack
        assert is_signed(named, b"message digest", signed)
        assert not is_signed(named, b"message digesT", signed)
        assert not is_signed(named, b"message digest", b64encode(SIGNED[:-1] + b"\xab").decode())
        assert not is_signed(named, b"message digest", b64encode(b"no signature").decode())
        assert not is_signed(nobody, b"message digest", signed)
        assert not is_signed(aside, b"message digest", signed)


def _openssl(*arguments: str | Path) -> str:
    command = [program("openssl"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_openssl_holds_our_signature_true_and_we_its(tmp_path: Path) -> None:
    pem, message, signed = tmp_path / "key.pem", tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"a head of the log")
    ours = keys.opened(pem, "sm2")
    assert isinstance(ours, sm2.PrivateKey)
    assert pem.stat().st_mode & 0o777 == 0o600
    signed.write_bytes(ours.sign(message.read_bytes()))
    with_sm3 = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{sm2.IDENTITY.decode()}", "-inkey"]
    checked = _openssl("pkeyutl", "-verify", *with_sm3, pem, "-in", message, "-sigfile", signed)
    assert "Signature Verified Successfully" in checked
    theirs = tmp_path / "theirs.pem"
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", theirs)
    _openssl("pkeyutl", "-sign", *with_sm3, theirs, "-in", message, "-out", signed)
    read = keys.opened(theirs)
    assert isinstance(read, sm2.PrivateKey)
    assert sm2.is_signed(read.public, message.read_bytes(), signed.read_bytes())
    coded = b64encode(signed.read_bytes()).decode()
    assert is_signed_by_sm2(keys.public(read), message.read_bytes(), coded)
    assert not is_signed_by_sm2(keys.public(read), message.read_bytes() + b"!", coded)


def test_a_chain_signed_with_sm2_and_hashed_with_sm3_holds(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.claim("works")
    lake.land(batch([("p", 0, "1", None)], 1))
    key = keys.opened(tmp_path / "key.pem", "sm2")
    sealing.seal(lake, key, "sm3")
    assert verification.verify(lake, keys.public(key), chain.heads(lake)).faults == []
    (fault,) = verification.verify(lake, keys.public(sm2.made())).faults
    assert "signed with key sm2:" in fault.said


def test_a_key_is_made_once_and_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(LakeError, match="is not a private key in PEM"):
        keys.opened(tmp_path / "key.pem")
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    p256 = ec.generate_private_key(ec.SECP256R1()).private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (tmp_path / "key.pem").write_bytes(p256)
    with pytest.raises(LakeError, match="signed with Ed25519 or SM2, this is another kind"):
        keys.opened(tmp_path / "key.pem")
    with pytest.raises(LakeError, match="'rsa': not known; choose one of ed25519, sm2"):
        keys.opened(tmp_path / "rsa.pem", "rsa")
    made = tmp_path / "made.pem"
    assert keys.public(keys.opened(made)) == keys.public(keys.opened(made))
    assert made.stat().st_mode & 0o777 == 0o600
