"""Signatures of Ed25519 (RFC 8032, section 5.1), verified with whole numbers alone."""

import hashlib
from base64 import b64decode

_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _sum(p: _Point, q: _Point) -> _Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    found: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _sum(found, point)
        point, scalar = _sum(point, point), scalar >> 1
    return found


def _point(coded: bytes) -> _Point | None:
    sign, y = coded[31] >> 7, int.from_bytes(coded, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if y >= _P or (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def is_signed(public_key: str, content: bytes, signature: str) -> bool:
    """Whether a signature, in base64 as the key, is that of the key over the content."""
    try:
        key, signed = b64decode(public_key, validate=True), b64decode(signature, validate=True)
    except ValueError:
        return False
    if len(key) != 32 or len(signed) != 64 or _BASE is None:
        return False
    a, r, s = _point(key), _point(signed[:32]), int.from_bytes(signed[32:], "little")
    if a is None or r is None or s >= _Q:
        return False
    h = int.from_bytes(hashlib.sha512(signed[:32] + key + content).digest(), "little") % _Q
    one, other = _times(s, _BASE), _sum(r, _times(h, a))
    return not (one[0] * other[2] - other[0] * one[2]) % _P and not (one[1] * other[2] - other[1] * one[2]) % _P
