"""Register maps: what a name of a model and quantity reads, and what a site may not mix up."""

import itertools
import struct
from pathlib import Path

import pytest

from ingestion import registers
from lake.errors import SourceShapeError
from lake.site import meter_maps
from lake.site.check import check_site
from lake.site.declared import vocabulary
from tests.integration import live_site


@pytest.mark.parametrize(
    ("name", "words", "text"),
    [
        ("acrel_adl400:forward_active_energy", struct.pack(">I", 12345678), "123456.78"),
        ("acrel_adl400:active_power_a", struct.pack(">i", -3680), "-3.680"),
        ("acrel_adl400:current_a", struct.pack(">H", 1600), "16.00"),
        ("acrel_adl400_primary:total_active_energy", struct.pack(">I", 4294967295), "429496729.5"),
        ("chint_dtsu666:voltage_a", struct.pack(">f", 2205.0), "220.5"),
        ("eastron_sdm630:forward_active_energy", struct.pack(">f", 1.25), "1.25"),
        ("schneider_pm5000:forward_active_energy", struct.pack(">q", 16777217000), "16777217.000"),
        ("siemens_pac3200:forward_active_energy", struct.pack(">d", 959636710.0), "959636.710"),
        ("schneider_iem3000:active_power", struct.pack(">f", 1.5), "1500"),
    ],
)
def test_counts_become_the_unit_with_every_digit(name: str, words: bytes, text: str) -> None:
    register = registers.parse(f"7:{name}")
    assert register.device == 7
    assert registers.numbers([words, words], register).to_pylist() == [text, text]


def test_every_row_is_a_register_with_a_known_unit() -> None:
    rows = [(model, name, row) for model, quantities in meter_maps.models().items() for name, row in quantities.items()]
    assert len(rows) >= 100
    for model, name, row in rows:
        register = registers.parse(f"1:{model}:{name}")
        spelled = registers.parse(f"1:{row.function}:{row.start}:{row.type}:{row.order}")
        assert (register.function, register.start, register.count) == (spelled.function, spelled.start, spelled.count)
        assert row.unit in vocabulary("unit"), (model, name)
        assert row.ratios in ("", "primary", "secondary")
        assert -4 <= row.power_of_ten <= 3


def test_the_quantities_of_a_model_do_not_lie_on_each_other() -> None:
    for model, quantities in meter_maps.models().items():
        parsed = sorted((registers.parse(f"1:{model}:{name}") for name in quantities), key=lambda one: one.start)
        for before, after in itertools.pairwise(parsed):
            assert before.start + before.count <= after.start, (model, before.address, after.address)


@pytest.mark.parametrize("address", ["1:acrel_adl400:phlogiston", "1:nobody:voltage_a", "300:acrel_adl400:voltage_a"])
def test_what_no_map_holds_is_refused(address: str) -> None:
    with pytest.raises(SourceShapeError, match="modbus address"):
        registers.parse(address)


def test_a_site_may_not_mix_up_units_or_apply_ratios_twice(tmp_path: Path) -> None:
    folder = live_site.write(tmp_path / "site", 1883, 502)
    (folder / "meters.csv").write_text(
        "meter_id,energy_unit_id,carrier,ct_ratio,ratios_applied\nm,all,electricity_grid,40,true\n"
        "n,all,electricity_grid,40,false\n",
        encoding="utf-8",
    )
    with (folder / "points.csv").open("a", encoding="utf-8") as points:
        points.write("a,n,active_energy_import,register,kWh,,meters,9:acrel_adl400:forward_active_energy\n")
        points.write("b,m,active_energy_import,register,kWh,,meters,8:acrel_adl400:forward_active_energy\n")
        points.write("c,n,active_energy_import,register,kWh,,meters,7:acrel_adl400_primary:forward_active_energy\n")
        points.write("d,n,active_energy_import,register,MWh,,meters,6:acrel_adl400:forward_active_energy\n")
        points.write("e,n,active_energy_import,register,kWh,,meters,5:acrel_adl40:forward_active_energy\n")
        points.write("f,n,active_energy_import,register,kWh,,meters,4:acrel_adl400:energy\n")
    faults = [str(fault) for fault in check_site(folder, {})]
    wanted = [
        "a register before CT and PT, but ratios_applied of 'm' is true",
        "a register behind CT and PT, but ratios_applied of 'n' is false",
        "'MWh' is not what this register counts in, allowed: kWh",
        "'acrel_adl40' is no model with a register map",
        "'energy' is not in the register map of acrel_adl400",
    ]
    assert len(faults) == len(wanted), faults
    for text, fault in zip(wanted, faults, strict=True):
        assert any(text in one for one in faults), fault
