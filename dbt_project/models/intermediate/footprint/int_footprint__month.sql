{{ config(materialized="table") }}
-- The months that an organisation has something told of: a meter's or an output's.
select organization_id, month
from {{ ref("consumption_monthly") }}
where {{ only_rebuilt_months("month") }}

union

select organization_id, month
from {{ source("accounting", "production") }}
where {{ only_rebuilt_months("month") }}
