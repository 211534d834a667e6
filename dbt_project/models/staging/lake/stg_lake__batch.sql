-- One row per landed payload.
select batch_id, source, origin, received_at, rows_read, rows_landed, rows_repeated, rows_refused
from {{ source("lake", "batch") }}
