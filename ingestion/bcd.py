"""Digits in half bytes, lowest byte first, as Chinese meters send them."""


def digits(raw: bytes) -> str | None:
    """Return the digits, highest first; None where a half byte is no digit."""
    text = raw[::-1].hex()
    return text if text.isdecimal() else None


def encoded(text: str) -> bytes:
    """Return digits (an even number, highest first) as bytes, lowest first."""
    return bytes.fromhex(text)[::-1]


def number(raw: bytes, decimals: int, *, is_signed: bool = False) -> str | None:
    """Return a number as text with every digit that was sent; the top bit is the sign where it is signed."""
    is_negative = is_signed and bool(raw[-1] & 0x80)
    if is_negative:
        raw = raw[:-1] + bytes([raw[-1] & 0x7F])
    found = digits(raw)
    if found is None:
        return None
    whole, places = (found[:-decimals], found[-decimals:]) if decimals else (found, "")
    text = (whole.lstrip("0") or "0") + (f".{places}" if places else "")
    return f"-{text}" if is_negative else text
