"""The key that signs heads, in a file of its own that no backup of the lake should hold: Ed25519 (RFC 8032) or SM2.

A public key is told in base64; one of SM2 behind the word `sm2:`.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lake.errors import LakeError
from quality.evidence import sm2

PrivateKey = Ed25519PrivateKey | sm2.PrivateKey
KINDS = ("ed25519", "sm2")
_SM2 = "sm2:"


def opened(file: Path, kind: str = "ed25519") -> PrivateKey:
    """Read the private key, making one of that kind where there is none; raises LakeError for another kind of key."""
    if not file.exists():
        _make(file, kind)
    key: object
    try:
        content = file.read_bytes()
        key = sm2.read(content.decode()) or serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise LakeError(f"{file}: is not a private key in PEM without a password; name another file") from cause
    if not isinstance(key, PrivateKey):
        raise LakeError(
            f"{file}: evidence is signed with Ed25519 or SM2, this is another kind of key; name another file"
        )
    return key


def public(key: PrivateKey) -> str:
    """Return the public key as heads name it."""
    if isinstance(key, sm2.PrivateKey):
        return _SM2 + b64encode(key.public).decode()
    return b64encode(key.public_key().public_bytes_raw()).decode()


def signature(key: PrivateKey, content: bytes) -> str:
    """Return the signature in base64."""
    return b64encode(key.sign(content)).decode()


def is_signed(public_key: str, content: bytes, signed: str) -> bool:
    """Whether a signature is that of a key."""
    try:
        raw, found = b64decode(public_key.removeprefix(_SM2)), b64decode(signed)
        if public_key.startswith(_SM2):
            return sm2.is_signed(raw, content, found)
        Ed25519PublicKey.from_public_bytes(raw).verify(found, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(file: Path, kind: str) -> None:
    if kind not in KINDS:
        raise LakeError(f"evidence signature {kind!r}: not known; choose one of {', '.join(KINDS)}")
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    encoded = (
        sm2.made().pem()
        if kind == "sm2"
        else Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    incoming = file.with_name(f".{file.name}.incoming")
    with os.fdopen(os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(encoded)
    incoming.replace(file)


def place(environment: Mapping[str, str], root: str) -> Path:
    """Return where the private key lies: NENGTAN_EVIDENCE_KEY, else keys/evidence.pem in the lake's folder."""
    return Path(environment.get("NENGTAN_EVIDENCE_KEY") or Path(root) / "keys" / "evidence.pem").expanduser()


def kind(environment: Mapping[str, str]) -> str:
    """Return the kind of key that is made where there is none: NENGTAN_EVIDENCE_SIGNATURE, else Ed25519."""
    return environment.get("NENGTAN_EVIDENCE_SIGNATURE") or "ed25519"
