{{ config(alias="intensity_monthly", order_by=["month", "organization_id", "basis", "denominator", "product_id"]) }}
-- Emissions of an organisation and account per unit of each product, per output value and per value added, by month: the
-- organisation's total, whatever it makes. Where a row of the emissions has no number the intensity says how many.
-- Clause: gbt_32150.total
with
    totals as (

        select
            month,
            organization_id,
            basis,
            sum(emissions_tco2e) as emissions_tco2e,
            sum(case when emissions_tco2e is null then 1 else 0 end) as missing_count,
            sum(case when emissions_tco2e is not null and factor_confidence = 'recalled' then 1 else 0 end) as recalled_count
        from {{ ref("int_carbon__inventory_line") }}
        group by month, organization_id, basis

    ),

    denominators as (

        select
            organization_id,
            month,
            basis as denominator,
            product_id,
            quantity_unit,
            cast(sum(quantity) as decimal(18, 6)) as quantity
        from {{ ref("int_energy__intensity_pair") }}
        group by organization_id, month, basis, product_id, quantity_unit

    )

select
    cast(totals.month as date) as month,
    cast(totals.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(totals.basis as string) as basis,
    cast(denominators.denominator as string) as denominator,
    cast(denominators.product_id as string) as product_id,
    cast(totals.emissions_tco2e as decimal(18, 6)) as emissions_tco2e,
    cast(denominators.quantity as decimal(18, 6)) as quantity,
    cast(denominators.quantity_unit as string) as quantity_unit,
    cast({{ divide_decimal("totals.emissions_tco2e", "denominators.quantity") }} as decimal(18, 6)) as intensity,
    cast('tCO2e/' || denominators.quantity_unit as string) as intensity_unit,
    cast(totals.missing_count as integer) as missing_count,
    cast(totals.recalled_count as integer) as recalled_count
from totals
inner join denominators on totals.organization_id = denominators.organization_id and totals.month = denominators.month
inner join {{ ref("stg_site__organization") }} as organizations on totals.organization_id = organizations.organization_id
