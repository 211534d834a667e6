-- the last known reading of each time is grouped out first, then one sort
create table step as
select key, slot - before_slot as slots, before_slot as slot, value - before_value as counts
from (
    select key, slot, value, lag(slot) over readings as before_slot, lag(value) over readings as before_value
    from (
        select key, (epoch_us(reading_at) // 900000000)::integer as slot,
            max_by((value * 100)::bigint, known_at) as value
        from read_parquet({raw}) join point using (point_id)
        where status <> 'bad'
        group by key, slot
    )
    window readings as (partition by key order by slot)
)
where before_slot is not null;
