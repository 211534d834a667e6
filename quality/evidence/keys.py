"""The key that signs heads: Ed25519 (RFC 8032), in a file of its own that no backup of the lake should hold."""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lake.errors import LakeError


def opened(file: Path) -> Ed25519PrivateKey:
    """Read the private key, making one where there is none; raises LakeError where the file holds something else."""
    if not file.exists():
        _make(file)
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError) as cause:
        raise LakeError(f"{file}: is not a private key in PEM without a password; name another file") from cause
    if not isinstance(key, Ed25519PrivateKey):
        raise LakeError(f"{file}: evidence is signed with Ed25519, this is another kind of key; name another file")
    return key


def public(key: Ed25519PrivateKey) -> str:
    """Return the public key in base64, as heads name it."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


def signature(key: Ed25519PrivateKey, content: bytes) -> str:
    """Return the signature in base64."""
    return b64encode(key.sign(content)).decode()


def is_signed(public_key: str, content: bytes, signed: str) -> bool:
    """Whether a signature is that of a key."""
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(public_key)).verify(b64decode(signed), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    incoming = file.with_name(f".{file.name}.incoming")
    with os.fdopen(os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(encoded)
    incoming.replace(file)


def place(environment: Mapping[str, str], root: str) -> Path:
    """Return where the private key lies: NENGTAN_EVIDENCE_KEY, else keys/evidence.pem in the lake's folder."""
    return Path(environment.get("NENGTAN_EVIDENCE_KEY") or Path(root) / "keys" / "evidence.pem").expanduser()
