-- Certificates of green power that were retired, in kWh by origin, for the months that they are for. One counts once, for
-- whoever retired it first; what came with a contract of supply is bought as such.
-- Clause: ghgp_scope2.certificates
with
    retired as (

        select
            certificates.organization_id,
            certificates.month,
            certificates.origin,
            {{ product("certificates.quantity", 6, "conversion.factor", 9, 6) }} as quantity,
            row_number() over (
                partition by certificates.certificate_id
                order by certificates.retired_on, certificates.month, certificates.organization_id
            ) as use
        from {{ source("accounting", "certificates") }} as certificates
        inner join
            {{ source("factors", "unit_conversions") }} as conversion
            on certificates.unit = conversion.from_unit
            and conversion.to_unit = 'kWh'
        where certificates.retired_on is not null and certificates.contract is null

    )

select organization_id, month, origin, cast(sum(quantity) as decimal(18, 6)) as quantity
from retired
where use = 1
group by organization_id, month, origin
