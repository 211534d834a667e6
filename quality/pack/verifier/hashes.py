"""The hashes of an evidence chain, and the Merkle trees of RFC 6962."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress


def digest(content: bytes, algorithm: str) -> bytes:
    """Return the hash of some bytes: sha256 or sm3 (GB/T 32905-2016)."""
    return sm3(content) if algorithm == "sm3" else hashlib.sha256(content).digest()


def _rol(word: int, by: int) -> int:
    by %= 32
    return (word << by | word >> (32 - by)) & 0xFFFFFFFF


def sm3(content: bytes) -> bytes:
    """Return the SM3 hash; by OpenSSL where it has it, which is a thousand times faster."""
    with suppress(ValueError):
        return hashlib.new("sm3", content).digest()
    return plain_sm3(content)


def plain_sm3(content: bytes) -> bytes:
    """Return the SM3 hash, worked out step by step as section 5 of the standard has it."""
    state = bytes.fromhex("7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e")
    filled = content + b"\x80" + bytes((55 - len(content)) % 64) + (8 * len(content)).to_bytes(8, "big")
    for at in range(0, len(filled), 64):
        state = _compressed(state, filled[at : at + 64])
    return state


def _compressed(state: bytes, block: bytes) -> bytes:
    w = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _rol(w[j - 3], 15)
        w.append(x ^ _rol(x, 15) ^ _rol(x, 23) ^ _rol(w[j - 13], 7) ^ w[j - 6])
    before = [int.from_bytes(state[at : at + 4], "big") for at in range(0, 32, 4)]
    a, b, c, d, e, f, g, h = before
    for j in range(64):
        ss1 = _rol((_rol(a, 12) + e + _rol(0x79CC4519 if j < 16 else 0x7A879D8A, j)) & 0xFFFFFFFF, 7)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
        tt1 = (ff + d + (ss1 ^ _rol(a, 12)) + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
        tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
        a, b, c, d, e, f, g, h = tt1, a, _rol(b, 9), c, tt2 ^ _rol(tt2, 9) ^ _rol(tt2, 17), e, _rol(f, 19), g
    return b"".join((one ^ two).to_bytes(4, "big") for one, two in zip(before, (a, b, c, d, e, f, g, h), strict=True))


def leaf(content: bytes, algorithm: str) -> bytes:
    """Return the hash of a leaf of a Merkle tree."""
    return digest(b"\x00" + content, algorithm)


def root(leaves: Sequence[bytes], algorithm: str) -> bytes:
    """Return the head of the tree over hashed leaves (RFC 6962, section 2.1)."""
    if len(leaves) < 2:
        return leaves[0] if leaves else digest(b"", algorithm)
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return digest(b"\x01" + root(leaves[:half], algorithm) + root(leaves[half:], algorithm), algorithm)


def reached(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], algorithm: str) -> bytes | None:
    """Return the head that an audit path leads to (RFC 9162, section 2.1.3.2); None where its length is wrong."""
    at, last, node = index, size - 1, leaf_hash
    for beside in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            node = digest(b"\x01" + beside + node, algorithm)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = digest(b"\x01" + node + beside, algorithm)
        at, last = at >> 1, last >> 1
    return node if last == 0 and index < size else None
