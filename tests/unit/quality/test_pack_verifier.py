"""What a pack's verifier knows by itself, against standards' own examples and against the libraries that seal."""

import ast
import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quality.evidence import canonical, keys, merkle
from quality.pack import bundle
from quality.pack.verifier import blocks, ed25519, hashes

#: RFC 8032, section 7.1: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465"
        "5141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0"
        "0d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc0"
        "27beceea1ec40a",
    ),
]


def base64(hexadecimal: str) -> str:
    from base64 import b64encode

    return b64encode(bytes.fromhex(hexadecimal)).decode()


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_signatures_of_rfc_8032_hold_and_no_other(key: str, message: str, signature: str) -> None:
    content = bytes.fromhex(message)
    assert ed25519.is_signed(base64(key), content, base64(signature))
    assert not ed25519.is_signed(base64(key), content + b"\0", base64(signature))
    flipped = f"{int(signature[:2], 16) ^ 1:02x}{signature[2:]}"
    assert not ed25519.is_signed(base64(key), content, base64(flipped))


def test_signatures_are_judged_as_the_library_that_signs_judges_them() -> None:
    for number in range(12):
        secret = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(bytes([number])).digest())
        public, content = keys.public(secret), bytes(range(number))
        signed = keys.signature(secret, content)
        assert ed25519.is_signed(public, content, signed)
        other = keys.public(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))
        assert not ed25519.is_signed(other, content, signed)
    s_beyond_the_group = base64(RFC_8032[0][2][:64]) and bytes.fromhex(RFC_8032[0][2])
    late = int.from_bytes(s_beyond_the_group[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    malleable = (s_beyond_the_group[:32] + late.to_bytes(32, "little")).hex()
    assert not ed25519.is_signed(base64(RFC_8032[0][0]), b"", base64(malleable))
    assert not ed25519.is_signed("no key", b"", base64(RFC_8032[0][2]))


def test_sm3_gives_the_examples_of_its_standard() -> None:
    abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    long = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    assert hashes.plain_sm3(b"abc").hex() == abc
    assert hashes.plain_sm3(b"abcd" * 16).hex() == long
    for size in (0, 1, 55, 56, 63, 64, 200):
        content = bytes(range(size))
        assert hashes.plain_sm3(content) == hashlib.new("sm3", content).digest()
        assert hashes.digest(content, "sm3") == hashes.plain_sm3(content)


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_audit_paths_lead_to_the_head_that_sealing_signs(size: int, algorithm: str) -> None:
    leaves = [merkle.leaf(bytes([number]), algorithm) for number in range(size)]
    head = merkle.root(leaves, algorithm)
    assert hashes.root(leaves, algorithm) == head
    for index, path in merkle.paths(leaves, range(size), algorithm).items():
        assert hashes.reached(leaves[index], index, size, path, algorithm) == head
        wrong = merkle.leaf(b"another", algorithm)
        assert hashes.reached(wrong, index, size, path, algorithm) != head
        assert hashes.reached(leaves[index], index, size, [*path, wrong], algorithm) != head
        if path:
            assert hashes.reached(leaves[index], index, size, [wrong, *path[1:]], algorithm) != head
            assert hashes.reached(leaves[index], index, size, path[1:], algorithm) != head


def readings(rows: int) -> pl.DataFrame:
    """Some rows of every kind: several points, words that change within one, none at all, negative values."""
    at = datetime(2025, 12, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "point_id": [f"point_{number // 700}" for number in range(rows)],
            "reading_at": [at + timedelta(minutes=15 * number) for number in range(rows)],
            "value": [Decimal(number - 900) / 1000 for number in range(rows)],
            "unit": [None if number // 900 == 1 else "kWh" for number in range(rows)],
            "status": ["bad" if number % 500 == 7 else "良好" for number in range(rows)],
            "known_at": [at + timedelta(days=number % 3) for number in range(rows)],
            "position": list(range(rows))[::-1],
        },
        schema_overrides={
            "value": pl.Decimal(18, 3),
            "reading_at": pl.Datetime("us", "UTC"),
            "known_at": pl.Datetime("us", "UTC"),
        },
    )


def test_blocks_read_back_from_parquet_are_the_bytes_that_were_sealed(tmp_path: Path) -> None:
    rows = canonical.ordered(readings(2500))
    numbered = rows.with_columns(
        chain_position=pl.lit(4, pl.Int64),
        block=(pl.int_range(pl.len()) // canonical.BLOCK_ROWS + 1).cast(pl.Int32),
    )
    numbered.write_parquet(file := tmp_path / "readings.parquet")
    sealed = list(canonical.blocks(rows, 3))
    with duckdb.connect() as con:
        found = {block: content for _, block, _, content in blocks.blocks(con, str(file), 3)}
    assert [found[number] for number in sorted(found)] == sealed


def test_rows_are_spelt_as_sealing_spells_them() -> None:
    at = datetime(2025, 12, 1, 8, tzinfo=UTC)
    values = {"b": Decimal("1.500"), "a": "水泥", "d": at.date(), "c": at, "e": None, "f": True, "g": 3}
    assert blocks.row(values) == canonical.row(values)
    assert json.loads(blocks.row(values))["b"] == "1.5"


def test_the_verifier_in_one_file_is_the_rooms_modules_and_needs_duckdb_only() -> None:
    tree = ast.parse(bundle.text())
    named = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [name for name, count in Counter(named).items() if count > 1] == []
    told = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {
        name.partition(".")[0]
        for node in told
        for name in ([one.name for one in node.names] if isinstance(node, ast.Import) else [str(node.module)])
    }
    import sys

    assert imported - sys.stdlib_module_names == {"duckdb"}
