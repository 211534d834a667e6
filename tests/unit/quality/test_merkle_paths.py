"""Audit paths of RFC 6962: every leaf of every small tree leads to its head, and no other leaf or path does."""

import pytest

from lake.errors import LakeError
from quality.evidence import merkle


@pytest.mark.parametrize("algorithm", merkle.HASHES)
def test_every_leaf_of_every_small_tree_leads_to_its_head(algorithm: str) -> None:
    for size in range(1, 34):
        leaves = [merkle.leaf(bytes([number]), algorithm) for number in range(size)]
        head = merkle.root(leaves, algorithm)
        for index, one in enumerate(leaves):
            path = merkle.paths(leaves, [index], algorithm)[index]
            assert merkle.root_of(one, index, size, path, algorithm) == head
            assert merkle.root_of(merkle.leaf(b"other"), index, size, path, algorithm) != head


def test_the_paths_of_the_standard_s_own_example() -> None:
    """Section 2.1.3: of the tree of seven leaves d0 .. d6 the paths of d0, d3, d4 and d6."""
    leaves = [merkle.leaf(bytes([number])) for number in range(7)]
    a, b, c, d, e, f, j = leaves
    g, h, i = merkle.root([a, b]), merkle.root([c, d]), merkle.root([e, f])
    k, top = merkle.root([a, b, c, d]), merkle.root([e, f, j])
    assert merkle.paths(leaves, [0])[0] == [b, h, top]
    assert merkle.paths(leaves, [3])[3] == [c, g, top]
    assert merkle.paths(leaves, [4])[4] == [f, j, k]
    assert merkle.paths(leaves, [6])[6] == [i, k]


def test_a_path_of_another_length_is_refused() -> None:
    leaves = [merkle.leaf(bytes([number])) for number in range(7)]
    path = merkle.paths(leaves, [2])[2]
    with pytest.raises(LakeError, match="too short for leaf 2 of 7"):
        merkle.root_of(leaves[2], 2, 7, path[:-1])
    with pytest.raises(LakeError, match="too long for leaf 2 of 7"):
        merkle.root_of(leaves[2], 2, 7, [*path, path[0]])
