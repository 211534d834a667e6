"""SM2 signatures (GB/T 32918.2-2016) on the curve of GB/T 32918.5-2017, hashed with SM3, as OpenSSL has them.

The signer's identity is the default one of GB/T 35276-2017. A signature is DER: a sequence of r and s.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

if TYPE_CHECKING:
    from gmalg import SM2

IDENTITY = b"1234567812345678"
_WIDTH = 32
_UNCOMPRESSED = 4
_EC, _CURVE = ObjectIdentifier("1.2.840.10045.2.1"), ObjectIdentifier("1.2.156.10197.1.301")
_BEGIN, _END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


@asn1.sequence
class _Algorithm:
    name: ObjectIdentifier
    curve: ObjectIdentifier


@asn1.sequence
class _KeyInfo:
    """RFC 5208, section 5."""

    version: int
    algorithm: _Algorithm
    private_key: bytes


@asn1.sequence
class _EcKey:
    """RFC 5915, section 3."""

    version: int
    private_key: bytes
    curve: Annotated[ObjectIdentifier | None, asn1.Explicit(0)]
    public_key: Annotated[asn1.BitString | None, asn1.Explicit(1)]


@asn1.sequence
class _Signature:
    r: int
    s: int


@dataclass(frozen=True)
class PrivateKey:
    """A private key of 32 bytes and the point that is its public key, uncompressed."""

    secret: bytes
    public: bytes

    def sign(self, content: bytes) -> bytes:
        """Return a signature in DER."""
        r, s = _sm2(self.secret, self.public).sign(content)
        return asn1.encode_der(_Signature(r=int.from_bytes(r), s=int.from_bytes(s)))

    def pem(self) -> bytes:
        """Return the key as PKCS #8 in PEM, without a password."""
        inner = _EcKey(version=1, private_key=self.secret, curve=None, public_key=asn1.BitString(self.public, 0))
        algorithm = _Algorithm(name=_EC, curve=_CURVE)
        der = asn1.encode_der(_KeyInfo(version=0, algorithm=algorithm, private_key=asn1.encode_der(inner)))
        text = b64encode(der).decode()
        lines = [text[at : at + 64] for at in range(0, len(text), 64)]
        return "\n".join([_BEGIN, *lines, _END, ""]).encode()


def made() -> PrivateKey:
    """Return a new key."""
    return PrivateKey(*_sm2().generate_keypair())


def read(pem: str) -> PrivateKey | None:
    """Read a private key in PEM; return None where it is none of SM2."""
    body = pem.partition(_BEGIN)[2].partition(_END)[0]
    try:
        found = asn1.decode_der(_KeyInfo, b64decode(body))
        secret = asn1.decode_der(_EcKey, found.private_key).private_key
    except ValueError:
        return None
    if found.algorithm.curve != _CURVE or len(secret) != _WIDTH:
        return None
    return PrivateKey(secret, _sm2().generate_pk(secret))


def is_signed(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether a signature in DER is that of a public key; raises ValueError where key or signature are none."""
    from gmalg.errors import GMError

    found = asn1.decode_der(_Signature, signature)
    if min(found.r, found.s) < 0 or max(found.r, found.s).bit_length() > _WIDTH * 8:
        return False
    if len(public) != 1 + 2 * _WIDTH or public[0] != _UNCOMPRESSED:
        return False
    r, s = found.r.to_bytes(_WIDTH), found.s.to_bytes(_WIDTH)
    try:
        return bool(_sm2(pk=public).verify(content, r, s))
    except GMError:  # a point beside the curve
        return False


def _sm2(sk: bytes | None = None, pk: bytes | None = None) -> "SM2":
    from gmalg import SM2  # only a chain that is signed with it pays for its tables

    return SM2(sk, IDENTITY, pk)
