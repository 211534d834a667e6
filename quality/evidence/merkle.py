"""The Merkle tree of RFC 6962, section 2.1 (the same in RFC 9162), with the hash that a chain has chosen.

A leaf is hashed behind a byte 0, a node behind a byte 1. `Hash` is the name of a hash in hashlib: sha256, or sm3
(GB/T 32905-2016, ISO/IEC 10118-3:2018).
"""

import hashlib
from collections.abc import Collection, Sequence

from lake.errors import LakeError

HASHES = ("sha256", "sm3")
_LEAF, _NODE = b"\x00", b"\x01"


def digest(content: bytes, algorithm: str = "sha256") -> bytes:
    """Return the hash of some bytes; raises LakeError where this machine's OpenSSL does not know the hash."""
    try:
        return hashlib.new(algorithm, content).digest()
    except ValueError as cause:
        known = ", ".join(HASHES)
        raise LakeError(f"evidence hash {algorithm!r}: not known on this machine; choose one of {known}") from cause


def leaf(content: bytes, algorithm: str = "sha256") -> bytes:
    """Return the hash of a leaf."""
    return digest(_LEAF + content, algorithm)


def _node(left: bytes, right: bytes, algorithm: str) -> bytes:
    return digest(_NODE + left + right, algorithm)


def root(leaves: Sequence[bytes], algorithm: str = "sha256") -> bytes:
    """Return the head of the tree over hashed leaves: MTH of section 2.1."""
    return Peaks(algorithm).extended(leaves).root()


def root_of(one: bytes, index: int, size: int, path: Sequence[bytes], algorithm: str = "sha256") -> bytes:
    """Return the head that an audit path leads to from a hashed leaf: RFC 9162, section 2.1.3.2.

    Raises LakeError where the path is not as long as the leaf's place in a tree of this size asks for.
    """
    place, last, node, nodes = index, size - 1, one, list(path)
    for other in nodes:
        if last == 0:
            raise LakeError(f"an audit path of {len(nodes)} nodes is too long for leaf {index} of {size}")
        if place & 1 or place == last:
            node = _node(other, node, algorithm)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = _node(node, other, algorithm)
        place, last = place >> 1, last >> 1
    if last:
        raise LakeError(f"an audit path of {len(nodes)} nodes is too short for leaf {index} of {size}")
    return node


class Peaks:
    """The full trees that a growing log consists of, greatest first: all that appending and the head need."""

    def __init__(self, algorithm: str = "sha256", size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Start with an empty log, or where another one ended."""
        if len(peaks) != size.bit_count():
            raise LakeError(f"a log of {size} entries has {size.bit_count()} full trees, not {len(peaks)}")
        self.algorithm, self.size, self.peaks = algorithm, size, list(peaks)

    def extended(self, leaves: Sequence[bytes]) -> "Peaks":
        """Append hashed leaves in place and return the log itself."""
        for one in leaves:
            node, size = one, self.size
            while size & 1:
                node, size = _node(self.peaks.pop(), node, self.algorithm), size >> 1
            self.peaks.append(node)
            self.size += 1
        return self

    def root(self) -> bytes:
        """Return the head of the log; of an empty one the hash of nothing."""
        if not self.peaks:
            return digest(b"", self.algorithm)
        head = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            head = _node(peak, head, self.algorithm)
        return head


def paths(leaves: Sequence[bytes], wanted: Collection[int], algorithm: str = "sha256") -> dict[int, list[bytes]]:
    """Return the audit path of some leaves, by their place from 0: PATH of section 2.1.1, the nearest node first."""
    found: dict[int, list[bytes]] = {index: [] for index in sorted(wanted)}

    def head(start: int, end: int) -> bytes:
        if end - start == 1:
            return leaves[start]
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        left, right = head(start, middle), head(middle, end)
        for index, path in found.items():
            if start <= index < end:
                path.append(right if index < middle else left)
        return _node(left, right, algorithm)

    if leaves:
        head(0, len(leaves))
    return found
