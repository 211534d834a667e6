{{ config(order_by=["local_date", "source", "reason_code"]) }}
-- Refused rows by source, reason and local day of arrival; the rows themselves lie in the lake's quarantine.
with
    counted as (

        select
            source,
            reason_code,
            local_date,
            count(*) as refused_count,
            min(reason) as example,
            max(received_at) as last_received_at
        from {{ ref("stg_quarantine__reading") }}
        group by source, reason_code, local_date

    )

select
    cast(counted.source as string) as source,
    cast(owners.organization_id as string) as organization_id,
    cast(counted.reason_code as string) as reason_code,
    cast({{ reason_name("counted.reason_code", "zh") }} as string) as reason_name_zh,
    cast({{ reason_name("counted.reason_code", "en") }} as string) as reason_name_en,
    cast(counted.local_date as date) as local_date,
    cast(counted.refused_count as bigint) as refused_count,
    cast(counted.example as string) as example,
    cast(counted.last_received_at as {{ instant_type() }}) as last_received_at
from counted
left join {{ ref("int_quality__source_owner") }} as owners on counted.source = owners.source
