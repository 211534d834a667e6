"""The long proof of the road: both years of the reference park against the simulator's registers."""

import pytest

from tests.integration import reference_park

pytestmark = [pytest.mark.integration, pytest.mark.soak]


def test_both_years_equal_the_registers(tmp_path_factory: pytest.TempPathFactory) -> None:
    park = reference_park.published(tmp_path_factory.mktemp("soak"), start="2024-01-01")
    rows = park.sql(
        f"""
        select abs(c.quantity - t.quantity_metered) <= 0.0001 * abs(t.quantity_metered) + 0.02
        from read_parquet('{park.data / "truth/monthly.parquet"}') t
        left join energy.consumption_monthly c using (month, energy_unit_id, carrier, use_type, role)
        """
    )
    assert len(rows) >= 4_500
    assert all(equal for (equal,) in rows)
