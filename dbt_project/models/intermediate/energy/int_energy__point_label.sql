{{ config(materialized="table", meta={"categories": ["point_id", "quantity_unit", "organization_id"]}) }}
-- The words that every interval of a point carries.
select point_key, point_id, quantity_unit, organization_id
from {{ ref("int_energy__point") }}
