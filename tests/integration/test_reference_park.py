"""From meter to mart on the reference park: two months of history and the recorded day by real protocols."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from pipelines.cli.main import status_of
from tests.integration import reference_park
from tests.integration.park_by_hand import Hand
from tests.integration.reference_park import Park

pytestmark = pytest.mark.integration

HAND_SQL = "tests/integration/uncertainty_by_hand.sql"


def test_it_published_and_a_second_run_had_nothing_new(park: Park) -> None:
    assert park.summary["published"] is True
    assert park.summary["checks_failed"] == 0
    assert park.again["rows_read"] == 0
    assert park.again["partitions_rebuilt"] == 0


def test_a_month_that_two_persons_closed_is_declared_and_sealed(park: Park) -> None:
    told = "closing_id, month, state, known_at < closed_at, closed_by, head_number > 0"
    months = park.sql(f"select distinct {told} from carbon.declared_monthly")
    assert months == [(park.closing, date(2025, 11, 1), "closed", True, "p10", True)]
    ((members,),) = park.sql("select count(distinct organization_id) from carbon.declared_monthly")
    assert members == 6
    assert park.sql("select count(*) from carbon.declared_monthly where difference_tco2e <> 0") == [(0,)]
    assert park.sql("select sum(rows) from evidence.batches where table_name = 'raw/periods__closing'") == [(2,)]


def test_every_unit_and_carrier_equals_the_simulators_registers(park: Park) -> None:
    truth = park.data / "truth/monthly.parquet"
    rows = park.sql(
        f"""
        select t.month, t.energy_unit_id, t.carrier, t.use_type, t.role, t.quantity_metered, c.quantity
        from read_parquet('{truth}') t
        left join energy.consumption_monthly c
          on c.month = t.month and c.energy_unit_id = t.energy_unit_id and c.carrier = t.carrier
         and c.use_type = t.use_type and c.role = t.role
        where t.month >= date '2025-11-01'
        """
    )
    assert len(rows) >= 300
    off = [
        row
        for row in rows
        if row[6] is None
        or abs(Decimal(str(row[6])) - Decimal(str(row[5])))
        > Decimal("0.0001") * abs(Decimal(str(row[5]))) + Decimal("0.02")
    ]
    assert not off, off[:10]


def test_the_recorded_day_is_complete_for_every_point(park: Park) -> None:
    expected, received = park.sql(
        "select sum(expected), sum(received) from quality.completeness_daily where local_date = date '2026-01-01'"
    )[0]
    assert expected == received


def test_each_planted_bad_row_is_in_quarantine_with_its_reason(park: Park) -> None:
    planted = json.loads((park.data / "truth/planted_bad.json").read_text("utf-8"))
    expected = Counter((item["source"], item["reason_code"]) for item in planted)
    assert len({reason for _, reason in expected}) >= 6
    found = park.sql("select source, reason_code, sum(refused_count)::integer from quality.quarantine group by 1, 2")
    assert {(source, reason): count for source, reason, count in found} == dict(expected)


def test_the_park_counts_internal_transfers_once(park: Park) -> None:
    park_input, members, bought_inside = park.sql(
        """
        with months as (
            select c.*, o.parent_id from energy.comprehensive_monthly c
            join reference.organizations o using (organization_id)
        )
        select sum(input_tce_calorific) filter (where parent_id is null),
               sum(input_tce_calorific) filter (where parent_id is not null),
               (select sum(energy_tce_calorific) from energy.consumption_monthly
                 where role = 'internal_purchase' and level = 1)
        from months
        """
    )[0]
    assert bought_inside > 0
    assert abs(park_input - (members - bought_inside)) < Decimal("0.01")


def test_the_network_closes_and_no_sound_meter_is_doubted(park: Park) -> None:
    """The simulated meters lie within their classes: every balance closes, and each kWh that entered is somewhere."""
    assert park.sql("select count(*) from quality.meter_trust where is_suspect") == [(0,)]
    ((days, closed),) = park.sql("select count(*), count(*) filter (where is_closed) from quality.balances_daily")
    assert days > 800
    assert closed / days > 0.95


def test_the_rates_of_meters_are_those_of_the_park(park: Park) -> None:
    """Two shops of the machine works share a meter, and its paint shop's heat is a share of the works': that is all."""
    rates = park.sql(
        "select organization_id, energy_kind, due_count, equipped_count, required_ratio, is_met, required_confidence, "
        "missing_units_en from quality.equipping_rates where equipped_count < due_count order by 1, 2"
    )
    shared, heat = "Assembly shop; Paint shop", "Paint shop"
    assert rates == [
        ("machinery", "gb17167_electricity", 7, 5, Decimal(1), False, "recalled", shared),
        ("machinery", "gb17167_hot_water", 1, 0, Decimal("0.95"), False, "recalled", heat),
    ]
    equipment = "select organization_id, due_count from quality.equipping_rates where gb17167_level = 'equipment' "
    assert park.sql(f"{equipment} and energy_kind = 'gb17167_electricity' order by 1") == [
        ("cement", 12),
        ("chemical", 7),
        ("energy_centre", 1),
        ("machinery", 10),
        ("steel", 10),
    ]
    assert park.sql("select distinct is_met from quality.equipping_rates where energy_kind = 'lng'") == [(None,)]


def test_what_is_not_metered_closes_every_hour_to_the_last_digit(park: Park) -> None:
    """Parent less what its children use is the residual unit, for every unit, carrier family and hour that is known."""
    balanced = park.sql(
        """
        with hours as (
            select *, case when carrier like 'electricity%' then 'electricity' else carrier end as family
            from energy.consumption_hourly
        ),

        rest as (
            select units.parent_id as unit, family, period_start_at, quantity
            from hours inner join reference.energy_units as units using (energy_unit_id)
            where units.is_residual and missing_ratio = 0
        ),

        whole as (
            select energy_unit_id as unit, family, period_start_at,
                sum(case when role in ('sale', 'internal_sale') then -quantity else quantity end) as quantity
            from hours group by all
        ),

        parts as (
            select units.parent_id as unit, family, period_start_at, sum(quantity) as quantity
            from hours inner join reference.energy_units as units using (energy_unit_id)
            where not units.is_residual and role = 'end_use' group by all
        )

        select unit, family, count(*), max(abs(whole.quantity - parts.quantity - rest.quantity))
        from rest
        inner join whole using (unit, family, period_start_at)
        inner join parts using (unit, family, period_start_at)
        group by unit, family
        """
    )
    assert len(balanced) >= 18
    assert min(hours for _, _, hours, _ in balanced) > 1000  # type: ignore[type-var]
    assert {left for *_, left in balanced} == {0}


def test_an_independent_hand_finds_the_emissions_of_every_member_and_of_the_park(park: Park) -> None:
    hand = Hand(park.lake / "marts.duckdb")
    rows = park.sql(
        """
        select organization_id, month, sum(emissions_tco2e) from carbon.emissions_monthly
        where basis = 'statutory' and month in (select month from energy.consumption_monthly) group by all
        """
    )
    assert {row[0] for row in rows} == {"cement", "steel", "chemical", "machinery", "energy_centre", "park"}
    off = [row for row in rows if hand.total(str(row[0]), str(row[1])) != row[2]]
    assert off == []  # to the sixth digit


@pytest.mark.parametrize(
    ("organization", "product", "least", "most"),
    [("cement", "clinker", "0.80", "0.95"), ("steel", "crude_steel", "0.30", "0.70")],
)
def test_tonnes_per_tonne_are_plausible(park: Park, organization: str, product: str, least: str, most: str) -> None:
    rows = park.sql(
        f"""
        select month, quantity, intensity from carbon.intensity_monthly
        where organization_id = '{organization}' and product_id = '{product}' and basis = 'statutory'
          and month between date '2025-11-01' and date '2025-12-01'
        """
    )
    assert len(rows) == 2
    hand = Hand(park.lake / "marts.duckdb")
    for month, quantity, intensity in rows:
        by_hand = hand.total(organization, str(month)) / Decimal(str(quantity))
        assert by_hand.quantize(Decimal("0.000001")) == intensity
        assert Decimal(least) < by_hand < Decimal(most)


@pytest.mark.parametrize(
    ("vintages", "account"),
    [
        (("national_average@2023", "national_average@2022"), "statutory"),
        (("national_electricity_statistics@2024", "national_electricity_statistics@2023"), "equivalent"),
    ],
)
def test_another_factor_is_followed_to_the_numbers_of_the_year(park, monkeypatch, capsys, vintages, account):
    """Before is what is published; after differs by what the changed numbers differ by."""
    monkeypatch.setenv("NENGTAN_SITE", str(reference_park.ROOT / "examples/reference_park"))
    monkeypatch.setenv("NENGTAN_LAKE", str(park.lake))
    capsys.readouterr()
    assert status_of(["factors", "impact", *vintages, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    key = ("mart", "year", "organization_id", "account", "item")
    follows = {tuple(row[name] for name in key): row for row in told["follows"]}
    published = {
        row[:-1]: row[-1]
        for row in park.sql(
            """
            select 'carbon.inventory_annual', year, organization_id, basis, item_key, emissions_tco2e
            from carbon.inventory_annual
            union all select 'energy.comprehensive_annual', year, organization_id, 'equivalent', '',
                comprehensive_energy_tce_equivalent from energy.comprehensive_annual
            union all select 'energy.intensity_annual', year, organization_id, convention,
                energy_unit_id || '/' || coalesce(product_id, basis), intensity from energy.intensity_annual
            """
        )
    }
    compared = {where: row for where, row in follows.items() if where in published}
    statutory = {"carbon.inventory_annual"}
    equivalent = {"energy.comprehensive_annual", "energy.intensity_annual"}
    assert {mart for mart, *_ in compared} == (statutory if account == "statutory" else equivalent)
    assert account in {row["account"] for row in follows.values()}
    for where, row in compared.items():
        assert Decimal(row["before"]) == published[where], where
        assert row["after"] != row["before"], where
    for row in (row for row in told["totals"] if row["account"] == "statutory"):
        totals = [
            Decimal(follow["after"]) - Decimal(follow["before"])
            for (mart, _, organization, basis, item), follow in compared.items()
            if (mart, organization, basis, item) == (*statutory, row["organization_id"], "statutory", "total")
        ]
        assert sum(totals) == Decimal(row["change"]), row["organization_id"]


def test_the_points_behind_an_activity_add_up_to_it(park: Park) -> None:
    off = park.sql(
        """
        with counted as (
            select month, organization_id, carrier, use_type, role, sum(quantity) as quantity
            from energy.consumption_points_monthly group by all
        )
        select counted.*, whole.quantity
        from energy.consumption_monthly as whole
        inner join reference.energy_units as units using (energy_unit_id)
        inner join reference.organizations as organizations on whole.organization_id = organizations.organization_id
        full join counted using (month, carrier, use_type, role)
        where units.is_root and organizations.parent_id is not null
          and counted.organization_id = whole.organization_id and abs(counted.quantity - whole.quantity) > 0.001
        """
    )
    assert off == []
    assert park.sql("select count(distinct organization_id) from energy.consumption_points_monthly") == [(5,)]


def test_an_independent_query_finds_the_uncertainty_of_every_member(park: Park) -> None:
    by_hand = {
        row[:2]: row[2] for row in park.sql((reference_park.ROOT / HAND_SQL).read_text("utf-8")) if row[0] == 2025
    }
    published = {
        (row[0], row[1]): row[2:]
        for row in park.sql(
            """
            select year, organization_id, u95_tco2e::double, p025_tco2e::double, p975_tco2e::double, covered_ratio
            from carbon.uncertainty_annual
            where basis = 'statutory' and part = 'total' and year = 2025 and organization_id <> 'park'
            """
        )
    }
    assert set(by_hand) == set(published)
    assert len(by_hand) == 5
    for key, (linear, low, high, covered) in published.items():
        assert linear == pytest.approx(by_hand[key], rel=1e-6), key
        assert (high - low) / 2 == pytest.approx(linear, rel=0.15), key  # lopsided ranges: the linear way is wider
        assert 0 < covered < 1, key
    totals = """
        select u.year, u.organization_id, u.basis from carbon.uncertainty_annual as u
        inner join carbon.inventory_annual as i
          on u.year = i.year and u.organization_id = i.organization_id and u.basis = i.basis and i.item_key = 'total'
        where u.part = 'total' and u.emissions_tco2e {} i.emissions_tco2e
    """
    assert park.sql(totals.format("<>")) == []
    assert len(park.sql(totals.format("="))) >= 18


def test_the_parts_of_the_gate_are_the_gate_to_the_last_digit(park: Park) -> None:
    rows = park.sql(
        """
        select month, carrier,
            max(quantity) filter (where part_kind = 'gate') as gate,
            sum(quantity) filter (where part_kind <> 'gate') as parts,
            max(abs(quantity)) filter (where part_kind = 'difference') as difference,
            count(distinct part_id) filter (where part_kind = 'member') as members,
            count(*) filter (where part_kind = 'common') as common
        from carbon.park_gate_monthly where month between date '2025-11-01' and date '2025-12-01' group by all
        """
    )
    assert {(str(row[0]), row[1]) for row in rows} == {
        (month, carrier) for month in ("2025-11-01", "2025-12-01") for carrier in ("electricity", "natural_gas")
    }
    for month, carrier, gate, parts, difference, members, common in rows:
        assert gate == parts, (month, carrier)
        assert 0 < difference < gate * Decimal("0.005"), (month, carrier)  # it is not zero by construction
        assert members == (5 if carrier == "electricity" else 4)
        assert common == (2 if carrier == "electricity" else 0)
    main = park.sql(
        """
        select sum(case when point_id like '%_ee' then -quantity else quantity end) from quality.completeness_daily
        where month = date '2025-11-01' and point_id in ('cem_e_main_ep', 'stl_e_main_a_ep', 'stl_e_main_b_ep',
            'chm_e_main_ep', 'mac_e_main_ep', 'mac_e_main_ee', 'enc_e_gateway_ep', 'enc_e_gateway_ee')
        """
    )[0][0]
    inside = park.sql(
        """
        select sum(quantity) from carbon.park_gate_monthly
        where month = date '2025-11-01' and carrier = 'electricity' and part_kind in ('member', 'common')
        """
    )[0][0]
    assert main == inside


def test_the_hours_of_the_stack_are_those_of_an_independent_query(park: Park) -> None:
    files = park.data / "stack/*.parquet"
    by_hand = park.sql(
        f"""
        with hours as (
            select reading_at - interval 1 hour as starts_at, max(status) = 'good' and min(status) = 'good' as is_good,
                max(value) filter (where point_id = 'cem_stack_co2_x') as c,
                max(value) filter (where point_id = 'cem_stack_speed_x') as v,
                max(value) filter (where point_id = 'cem_stack_temperature_x') as t,
                max(value) filter (where point_id = 'cem_stack_pressure_x') as p,
                max(value) filter (where point_id = 'cem_stack_humidity_x') as h
            from read_parquet('{files}') group by reading_at
        )
        select date_trunc('month', timezone('Asia/Shanghai', starts_at))::date as month,
            count(*) filter (where is_good),
            sum(v * 14.5 * 3600 * 273.15 / (273.15 + t) * (100.9 + p) / 101.325 * (1 - h / 100) * c / 100
                * 44.0095 / 22.414 / 1000) filter (where is_good)
        from hours group by month order by month
        """
    )
    published = park.sql(
        """
        select month, valid_hours_count, valid_tco2, substituted_hours_count, unknown_hours_count, difference_ratio,
            difference_tco2 = difference_substitution_tco2 + difference_missing_tco2 + difference_remaining_tco2,
            calculated_tco2
        from carbon.cems_monthly where basis = 'statutory' order by month
        """
    )
    assert [row[0] for row in by_hand] == [row[0] for row in published]
    for (_, count, mass), (month, hours, valid, lent, unknown, ratio, adds_up, _) in zip(
        by_hand, published, strict=True
    ):
        assert count == hours, month
        assert float(str(valid)) == pytest.approx(mass, rel=1e-7), month
        assert unknown == 0
        assert adds_up, month
        assert abs(ratio) < 0.10 or hours < 100, month  # type: ignore[arg-type, operator]
        assert lent > 0 or hours < 100, month  # type: ignore[operator]
    calculated = park.sql(
        """
        select sum(emissions_tco2) from carbon.emissions_monthly
        where organization_id = 'cement' and basis = 'statutory' and month = date '2025-11-01' and gas = 'CO2'
            and carrier in ('bituminous_coal', 'clinker')
        """
    )
    assert calculated == [(published[0][7],)]


def test_certificates_take_their_power_out_of_the_market_account_once(park: Park) -> None:
    matched = park.sql(
        """
        select organization_id, sum(activity), sum(emissions_tco2) from carbon.emissions_monthly
        where basis = 'market' and method_term = 'certificate' and month = date '2025-12-01' group by all order by all
        """
    )
    assert matched == [
        ("machinery", Decimal(1_200_000), 0),
        ("park", Decimal(7_200_000), 0),  # the wind certificate of December is the machine works', used once
        ("steel", Decimal(6_000_000), 0),
    ]
