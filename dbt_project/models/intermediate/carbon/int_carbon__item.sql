-- Everything that can be accounted for, by its code: the carriers, and the materials, gases and counts beside them.
select carrier as item, unit, name_zh, name_en, 'carrier' as kind
from {{ source("factors", "carriers") }}

union all

select item, unit, name_zh, name_en, 'item' as kind
from {{ source("factors", "emission_items") }}
