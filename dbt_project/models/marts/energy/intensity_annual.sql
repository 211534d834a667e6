{{ config(order_by=["year", "organization_id", "energy_unit_id", "basis", "product_id"]) }}
-- Energy per product, per output value and per value added, by organisation, unit and year, in both conventions: energy of the
-- months with output / their output.
-- Where nothing was made there is no intensity. Recovered gas sold can make it negative.
-- Clause: gbt_2589.per_product, gbt_2589.per_output_value, gbt_2589.per_value_added
with
    pairs as (

        select
            organization_id,
            energy_unit_id,
            basis,
            product_id,
            cast(extract(year from month) as integer) as year,
            quantity_unit,
            intensity_unit,
            cast(sum(quantity) as decimal(18, 6)) as quantity,
            cast(sum(energy_calorific) as decimal(18, 6)) as energy_calorific,
            cast(sum(energy_equivalent) as decimal(18, 6)) as energy_equivalent,
            min(calorific_confidence) as calorific_confidence,  -- recalled sorts before verified
            min(equivalent_confidence) as equivalent_confidence,
            count(distinct month) as months_count
        from {{ ref("int_energy__intensity_pair") }}
        group by
            organization_id,
            energy_unit_id,
            basis,
            product_id,
            cast(extract(year from month) as integer),
            quantity_unit,
            intensity_unit

    ),

    conventions as (

        {% for convention in ["calorific", "equivalent"] -%}
            select
                pairs.*,
                '{{ convention }}' as convention,
                energy_{{ convention }} as energy,
                {{ convention }}_confidence as factor_confidence
            from pairs {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select
    cast(conventions.year as integer) as year,
    cast(conventions.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(conventions.energy_unit_id as string) as energy_unit_id,
    cast(units.name_zh as string) as energy_unit_name_zh,
    cast(units.name_en as string) as energy_unit_name_en,
    cast(conventions.basis as string) as basis,
    cast(conventions.product_id as string) as product_id,
    cast(conventions.convention as string) as convention,
    cast(conventions.quantity as decimal(18, 6)) as quantity,
    cast(conventions.quantity_unit as string) as quantity_unit,
    cast({{ divide_decimal("conventions.energy", "conventions.quantity") }} as decimal(18, 6)) as intensity,
    cast(conventions.intensity_unit as string) as intensity_unit,
    cast(conventions.factor_confidence as string) as factor_confidence,
    cast(conventions.months_count as integer) as months_count
from conventions
inner join {{ ref("stg_site__organization") }} as organizations on conventions.organization_id = organizations.organization_id
inner join {{ ref("stg_site__energy_unit") }} as units on conventions.energy_unit_id = units.energy_unit_id
