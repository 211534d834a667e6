"""Signatures of SM2 (GB/T 32918.2-2016) over SM3, verified with whole numbers alone; keys are told behind `sm2:`."""

from base64 import b64decode

from quality.pack.verifier.hashes import sm3

# The curve of GB/T 32918.5-2017; its a is -3. Identity: the default one of GB/T 35276-2017.
_SM2_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_SM2_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_SM2_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_SM2_IDENTITY = b"1234567812345678"
_Place = tuple[int, int] | None  # None: the point at infinity


def _together(p: _Place, q: _Place) -> _Place:
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % _SM2_P == 0:
            return None
        slope = 3 * (p[0] * p[0] - 1) * pow(2 * p[1], -1, _SM2_P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, _SM2_P)
    x = (slope * slope - p[0] - q[0]) % _SM2_P
    return x, (slope * (p[0] - x) - p[1]) % _SM2_P


def _repeated(scalar: int, place: _Place) -> _Place:
    found: _Place = None
    while scalar:
        if scalar & 1:
            found = _together(found, place)
        place, scalar = _together(place, place), scalar >> 1
    return found


def _coded(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in numbers)


def _pair(der: bytes) -> tuple[int, int] | None:
    """Return the two numbers of a DER sequence, written in the one way that DER allows."""
    if len(der) < 8 or der[0] != 0x30 or der[1] != len(der) - 2:
        return None
    first = der[4 : 4 + der[3]]
    second = der[6 + len(first) :]
    r, s = int.from_bytes(first, "big"), int.from_bytes(second, "big")
    written = b"".join(b"\x02" + bytes([len(one)]) + one for one in map(_integer, (r, s)))
    return (r, s) if der[2:] == written else None


def _integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def is_signed_by_sm2(public_key: str, content: bytes, signature: str) -> bool:
    """Whether a signature, DER in base64, is that of a key told as `sm2:` and its uncompressed point in base64."""
    try:
        key = b64decode(public_key.removeprefix("sm2:"), validate=True)
        numbers = _pair(b64decode(signature, validate=True))
    except ValueError:
        return False
    if len(key) != 65 or key[0] != 4 or numbers is None:
        return False
    (x, y), (r, s) = (int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big")), numbers
    is_on_curve = max(x, y) < _SM2_P and (y * y - x * x * x + 3 * x - _SM2_B) % _SM2_P == 0
    if not is_on_curve or not 0 < r < _SM2_N or not 0 < s < _SM2_N or (r + s) % _SM2_N == 0:
        return False
    who = (8 * len(_SM2_IDENTITY)).to_bytes(2, "big") + _SM2_IDENTITY + _coded(_SM2_P - 3, _SM2_B, *_SM2_G, x, y)
    e = int.from_bytes(sm3(sm3(who) + content), "big")
    found = _together(_repeated(s, _SM2_G), _repeated((r + s) % _SM2_N, (x, y)))
    return found is not None and (e + found[0]) % _SM2_N == r
