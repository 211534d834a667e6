"""A verification pack: it verifies itself with DuckDB alone, and whatever is forged in it is found and named."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assets import evidence
from lake import published
from lake.errors import LakeError
from lake.store import Lake
from pipelines.cli.main import status_of
from quality.evidence import canonical, chain, keys, sealing
from quality.pack import issue, record, zipped
from quality.pack.asked import Asked
from quality.pack.issue import Issued
from quality.pack.verifier.command import verify
from quality.pack.verifier.opened import MANIFEST, Verdict
from tests.integration.small_works import FILES, QUARTER, ROOT, START, register, use, works

pytestmark = pytest.mark.integration

STOLEN = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VOUCHER = "invoice.txt"
ACTIVITY = {
    "certificates.csv": "certificate_id,organization_id,month,quantity,unit,origin,contract,retired_on,voucher\n"
    f"g1,works,2025-01,200,kWh,wind,,2025-02-01,{VOUCHER}\n"
}


@dataclass(frozen=True)
class Small:
    """What a small works declares of January 2025, as a pack, and what is asked for to make it."""

    asked: Asked
    pack: Issued
    key: str


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """Three days with a gap of two hours, a late correction and a bought certificate."""
    base = tmp_path_factory.mktemp("small")
    made = works(base, ROOT / "dbt_project", {**FILES, **ACTIVITY})
    made.lake.claim("small")
    (base / "site/vouchers").mkdir()
    (base / "site/vouchers" / VOUCHER).write_text("200 kWh of wind", encoding="utf-8")
    steps = use(3 * 96)
    rows = [*register("one", steps["one"]), *register("two", steps["two"]), *register("main", steps["main"])]
    away = (START + 130 * QUARTER, START + 140 * QUARTER)
    made.land([row for row in rows if not away[0] < row[1] < away[1]])
    made.land([("two", START + 7 * QUARTER, Decimal(rows[296][2] + 1))], known_at=datetime(2025, 1, 9, tzinfo=UTC))
    made.land([("coal", START + n * QUARTER, Decimal("0.05")) for n in range(1, 289)])
    made.run("first")
    key = keys.opened(base / "evidence.pem")
    sealing.seal(made.lake, key)
    with published.opened(made.lake.root / "marts.duckdb") as marts:
        asked = Asked(
            lake=made.lake,
            marts=marts,
            site=base / "site",
            settings=made.site.settings,
            project=made.project,
            key=key,
            version="test",
            period="2025-01",
        )
        yield Small(asked, issue.issue(asked, base / "pack.zip"), keys.public(key))


Change = Callable[[bytes], bytes]


def forged(pack: Path, target: Path, changes: Mapping[str, Change], key: Ed25519PrivateKey | None = None) -> Path:
    """Write the pack with changed members; with a key the manifest agrees with them and is signed by it."""
    with zipfile.ZipFile(pack) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        before = members[name]
        members[name] = change(before)
        assert members[name] != before
    if key is not None:
        manifest = json.loads(members[MANIFEST])
        manifest["members"] = {
            name: {"sha256": canonical_hash(content), "size": len(content)}
            for name, content in members.items()
            if name != MANIFEST
        }
        manifest["public_key"] = keys.public(key)
        del manifest["signature"]
        manifest["signature"] = keys.signature(key, canonical.row(manifest))
        members[MANIFEST] = json.dumps(manifest).encode()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def canonical_hash(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def cell(column: str, place: int, change: Callable[[object], object]) -> Change:
    """Return what changes one cell of a table."""

    def changed(content: bytes) -> bytes:
        rows = pq.read_table(io.BytesIO(content))
        values = rows.column(column).to_pylist()
        values[place] = change(values[place])
        at = rows.schema.get_field_index(column)
        out = io.BytesIO()
        pq.write_table(rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type)), out)
        return out.getvalue()

    return changed


def said(verdict: Verdict, member: str) -> list[str]:
    return [fault.said for fault in verdict.faults if fault.member == member]


def one_more(value: object) -> object:
    assert isinstance(value, Decimal)
    return value + Decimal("0.000001")


def test_a_pack_of_a_works_holds_and_is_the_same_bytes_again(small: Small, tmp_path: Path) -> None:
    verdict = small.pack.verdict
    assert verdict.faults == []
    assert verdict.counts["readings"] > 1000
    assert verdict.counts["documents"] == 1
    qualities = small.asked.marts.execute("select distinct quality from energy.intervals").fetchall()
    assert {"measured", "estimated"} <= {one for (one,) in qualities}
    again = issue.issue(small.asked, tmp_path / "again.zip")
    assert again.sha256 == small.pack.sha256


def test_a_declared_figure_that_was_changed_is_told_with_what_it_ought_to_be(small: Small, tmp_path: Path) -> None:
    member = "data/declared/carbon.emissions_monthly.parquet"
    pack = forged(small.pack.file, tmp_path / "f.zip", {member: cell("emissions_tco2e", 0, one_more)}, STOLEN)
    verdict = verify(pack)
    (line,) = said(verdict, member)
    assert "lineage_id carbon.emissions_monthly/2025-01-01/works" in line
    assert "emissions_tco2e declared" in line
    assert "recomputed" in line


def test_every_kind_of_forged_table_or_proof_is_named(small: Small, tmp_path: Path) -> None:
    cases: list[tuple[str, Change, str]] = [
        ("data/readings/hand__reading.parquet", cell("value", 700, lambda one: one + 1), "block 1 of delivery"),
        (
            "data/ref/factor_grid.parquet",
            cell("factor", 0, lambda value: value * 2),
            "row 1 is not one that was sealed",
        ),
        ("data/ref/points.parquet", cell("multiplier", 0, lambda _: Decimal(2)), "row 1 is not one that was sealed"),
        ("data/ref/allocations.parquet", _without_last, "has 3 rows where 4 were known"),
        ("proofs/entries.json", lambda text: _swapped(text, "root_hash"), "its root is not that of its leaves"),
        ("proofs/heads.json", lambda text: _swapped(text, "signature"), "is not the head that the manifest names"),
    ]
    changes = {member: change for member, change, _ in cases}
    verdict = verify(forged(small.pack.file, tmp_path / "f.zip", changes, STOLEN))
    for member, _, told in cases:
        assert any(told in line for line in said(verdict, member)), (member, verdict.faults)


def _without_last(content: bytes) -> bytes:
    rows = pq.read_table(io.BytesIO(content))
    pq.write_table(rows.slice(0, rows.num_rows - 1), out := io.BytesIO())
    return out.getvalue()


def _swapped(text: bytes, name: str) -> bytes:
    """Change one digit or letter of the first value of a name."""
    at = text.index(f'"{name}": "'.encode()) + len(name) + 5
    return text[:at] + (b"A" if text[at : at + 1] != b"A" else b"B") + text[at + 1 :]


def test_a_statement_that_was_changed_gives_other_figures_and_is_not_ours(
    small: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(small.pack.file) as archive:
        member = next(name for name in archive.namelist() if name.endswith("carbon.emissions_monthly.sql"))
    change: Change = lambda text: text.replace(b"valued.emissions_tco2e as", b"valued.emissions_tco2e * 2 as")  # noqa: E731
    pack = forged(small.pack.file, tmp_path / "f.zip", {member: change}, STOLEN)
    assert status_of(["verify", str(pack), "--json"]) == 1
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert [one["said"] for one in faults if one["member"] == member] == [
        "is not the statement that this version of the methods has"
    ]
    changed = {one["member"] for one in faults}
    assert {"data/declared/carbon.emissions_monthly.parquet", "data/declared/carbon.totals.parquet"} <= changed


def test_one_byte_of_any_member_is_found(small: Small, tmp_path: Path) -> None:
    members = [f"vouchers/{VOUCHER}", "index.html", "verify.py", "sql/check_registers.sql"]
    changes: dict[str, Change] = {member: lambda text: text + b" " for member in members}
    changes[MANIFEST] = lambda text: text.replace(b"2025", b"2026", 1)
    verdict = verify(forged(small.pack.file, tmp_path / "f.zip", changes))
    assert all(said(verdict, member) for member in changes)


def test_whose_pack_it_is_shows_by_a_key_and_a_head_from_elsewhere(small: Small, tmp_path: Path) -> None:
    (own := tmp_path / "own.json").write_text(json.dumps(chain.exported(small.asked.heads[-1])), encoding="utf-8")
    assert status_of(["verify", str(small.pack.file), "--public-key", small.key, "--head", str(own)]) == 0
    other = replace(small.asked.heads[-1], root_hash="0" * 64)
    (foreign := tmp_path / "foreign.json").write_text(json.dumps(chain.exported(other)), encoding="utf-8")
    resigned = forged(small.pack.file, tmp_path / "f.zip", {"index.html": lambda text: text + b" "}, STOLEN)
    verdict = verify(resigned, small.key, [foreign])
    assert f"not with {small.key}" in " ".join(said(verdict, MANIFEST))
    (another, unknown) = said(verdict, "proofs/heads.json")
    assert "its public_key is not that of the manifest" in another
    assert "is not one of this chain" in unknown


def test_a_file_that_is_no_pack_is_one_sentence(tmp_path: Path) -> None:
    (none := tmp_path / "none.zip").write_bytes(b"no zip")
    (fault,) = verify(none).faults
    assert "is not a verification pack" in fault.said


def test_what_cannot_be_proven_is_not_packed(small: Small, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no emissions are published for it"):
        issue.issue(replace(small.asked, period="2024-06"), tmp_path / "none.zip")
    with pytest.raises(LakeError, match="choose one of works"):
        issue.issue(replace(small.asked, organization="nobody"), tmp_path / "none.zip")
    with pytest.raises(LakeError, match="signed with another key"):
        issue.issue(replace(small.asked, key=STOLEN), tmp_path / "none.zip")
    assert list(tmp_path.iterdir()) == []


def test_packs_are_recorded_one_after_the_other(small: Small, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    for day in (1, 2):
        record.append(lake, small.pack, datetime(2026, 1, day, tzinfo=UTC))
    rows = record.rows(lake)
    assert [row["issued_at"].day for row in rows] == [1, 2]
    assert {row["pack_sha256"] for row in rows} == {zipped.digest_of(small.pack.file)}
    assert rows[0]["head_root_hash"] == small.asked.heads[-1].root_hash
    work = SimpleNamespace(
        lake=lake,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        site=SimpleNamespace(tables={"organizations": small.asked.thing("organizations")}),
        build=SimpleNamespace(),
    )
    assert evidence._packs(work).column("period").to_pylist() == ["2025-01"]


def test_the_command_tells_faults_as_json(small: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = forged(small.pack.file, tmp_path / "f.zip", {"index.html": lambda text: text + b" "})
    assert status_of(["verify", str(other), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["faults"][0]["member"] == "index.html"
