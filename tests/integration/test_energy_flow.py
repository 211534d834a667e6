"""The energy flow of the reference park: its links, its balance and its consumption are one energy, node by node."""

from decimal import Decimal

import pytest

from tests.integration.reference_park import Park

pytestmark = pytest.mark.integration


def test_the_flow_the_balance_and_the_consumption_are_one_energy(park: Park) -> None:
    """Bought less sold by the links is the comprehensive energy; what the park's own lines lose is nobody's."""
    rows = park.sql(
        """
        with links as (
            select month, organization_id,
                sum(if(stage = 'sale', -1, 1) * energy_tce_calorific) as c,
                sum(if(stage = 'sale', -1, 1) * energy_tce_equivalent) as e
            from energy.flow_links_monthly where stage in ('purchase', 'sale') group by all
        ),

        lost as (
            select month, organization_id, sum(loss_tce_calorific + imbalance_tce_calorific) as c,
                sum(loss_tce_equivalent + imbalance_tce_equivalent) as e
            from energy.balance_monthly where organization_id = 'park' and stage = 'distribution' group by all
        )

        select month, organization_id,
            links.c - coalesce(lost.c, 0) - comprehensive_energy_tce_calorific,
            links.e - coalesce(lost.e, 0) - comprehensive_energy_tce_equivalent
        from energy.comprehensive_monthly
        left join links using (month, organization_id)
        left join lost using (month, organization_id)
        """
    )
    assert len(rows) == 18
    for month, organization, calorific, equivalent in rows:  # a kilogram: the marts round each hour
        assert abs(calorific) < Decimal("0.001"), (month, organization)
        assert abs(equivalent) < Decimal("0.001"), (month, organization)


def test_every_node_closes_and_is_called_by_a_name(park: Park) -> None:
    (counts,) = park.sql(
        """
        select count(*), count(*) filter (where stage = 'distribution'),
            count(*) filter (where input_gj <> output_gj + used_gj + loss_gj + imbalance_gj),
            count(*) filter (where not is_within_limits and month < date '2026-01-01')
        from energy.balance_monthly
        """
    )
    assert counts[0] >= 600  # type: ignore[operator]
    assert counts[1] >= 100  # type: ignore[operator]
    assert counts[2:] == (0, 0)
    nameless = "select {0} from energy.flow_links_monthly where {0}_name_en = {0} or {0}_name_zh = {0}"
    assert park.sql(nameless.format("source")) == []
    assert park.sql(nameless.format("target")) == []
