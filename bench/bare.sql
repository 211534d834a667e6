-- The same work in bare SQL, written by hand for this engine and these files: from registers to intervals, hours, days
-- and months of every unit, with price, standard coal and CO2. It knows what it may know: one kind of register, read on
-- the boundaries of intervals, one price list, one chain of units. Names in braces are put in by bench/bare.py when it runs:
-- places, and what its variants differ in.
{words}

create table point as
select row_number() over (order by point_id)::integer as key, point_id, point_id as word, meter.energy_unit_id as unit, parent_id as shop
from read_csv('{site}/points.csv') as point
join read_csv('{site}/meters.csv') as meter using (meter_id)
join read_csv('{site}/energy_units.csv') as unit on unit.energy_unit_id = meter.energy_unit_id;
{point_names}

-- the price of each local hour since 1970, by validity, month and band
create table price as
with span as (
    select *, unnest(string_split(months, ';')) as span from read_csv('{site}/tariffs.csv', all_varchar = true)
),
tariff as (
    select *, unnest(range(split_part(span, '-', 1)::bigint, split_part(span, '-', -1)::bigint + 1)) as of_month from span
)
select hour::integer as hour, price_cny_per_unit::decimal(18, 6) as price
from (
    select hour, timestamp '1970-01-01' + to_hours(hour) as moment
    from range(epoch(timestamp '2024-12-01')::bigint // 3600, epoch(timestamp '2032-01-01')::bigint // 3600) as t(hour)
)
join tariff
    on month(moment) = of_month
    and hour(moment) >= start_time[1:2]::integer and hour(moment) < end_time[1:2]::integer
    and moment >= coalesce(valid_from::timestamp, timestamp '1970-01-01')
    and moment < coalesce(valid_to::timestamp, timestamp '9999-12-31');

create table coefficient as
select day::date as day, gj, tce_calorific, tce_equivalent
from range(timestamp '2024-12-01', timestamp '2032-01-01', interval 1 day) as t(day)
join '{factors}/coefficients.parquet' on day >= valid_from and day < valid_to;

{step}
-- millionths of a kilowatt-hour; a register that begins again is unrolled where that much can have passed
create table counted as
select key, slot, slots,
    case
        when counts >= 0 then counts
        when counts + 1000000000 <= slots * 4000.0 * 100 / 4 then counts + 1000000000
    end * 10000 as micro
from step;

-- where a register was set back to zero: the mean of what the steps before and after it make probable
create table amount as
select * from counted where micro is not null
union all
select key, slot, slots, (coalesce(before, after) + coalesce(after, before) + 1) // 2
from (
    select *,
        (2 * lag(micro) over steps * slots + lag(slots) over steps) // (2 * lag(slots) over steps) as before,
        (2 * lead(micro) over steps * slots + lead(slots) over steps) // (2 * lead(slots) over steps) as after
    from (from counted semi join (select distinct key from counted where micro is null) using (key))
    window steps as (partition by key order by slot)
)
where micro is null;

-- quality: 1 measured, 2 interpolated, 3 estimated, 4 substituted
create table interval as
select key, slot, micro, 1::utinyint as quality from counted where slots = 1 and micro is not null
union all
select key, slot + part, (2 * micro * (part + 1) + slots) // (2 * slots) - (2 * micro * part + slots) // (2 * slots), 2
from (select *, unnest(range(slots)) as part from counted where slots between 2 and 4 and micro is not null);

-- a longer gap has the shape of the like days in the eight weeks before it: same time, same kind of day
insert into interval
with gap as (
    select key, slot as first, slots, micro, slot + part as slot,
        (slot + part + 32) % 96 as place, isodow(date '1970-01-01' + ((slot + part + 32) // 96)::integer) > 5 as weekend
    from (select *, unnest(range(slots)) as part from amount where slots > 4)
),
alike as (
    select key, slot, micro, (slot + 32) % 96 as place, isodow(date '1970-01-01' + ((slot + 32) // 96)::integer) > 5 as weekend
    from interval semi join gap using (key)
),
found as (
    select gap.key, gap.first, gap.slot,
        sum(alike.micro) filter (alike.weekend = gap.weekend) as same,
        count(*) filter (alike.weekend = gap.weekend) as same_days, sum(alike.micro) as other, count(*) as days
    from gap
    join alike
        on gap.key = alike.key and gap.place = alike.place and alike.slot < gap.first and alike.slot >= gap.first - 56 * 96
    group by all
),
weighed as (
    select gap.*,
        case
            when same_days > 0 then (2 * same + same_days) // (2 * same_days) else (2 * other + days) // (2 * days)
        end::hugeint as weight
    from gap left join found using (key, first, slot)
),
shared as (
    select *,
        sum(weight) over (gaps order by slot) as so_far, sum(weight) over gaps as whole,
        count(weight) over gaps = slots and sum(weight) over gaps > 0 as is_known
    from weighed
    window gaps as (partition by key, first)
),
parted as (
    select *, case when is_known then so_far else slot - first + 1 end as upto,
        case when is_known then weight else 1 end as part, case when is_known then whole else slots end as total
    from shared
)
select key, slot,
    ((2 * micro * upto + total) // (2 * total) - (2 * micro * (upto - part) + total) // (2 * total))::bigint, 3
from parted;

insert into interval
select key, slot + part, (2 * micro * (part + 1) + slots) // (2 * slots) - (2 * micro * part + slots) // (2 * slots), 4
from (
    select *, unnest(range(slots)) as part
    from amount semi join (select key, slot from counted where micro is null) using (key, slot)
    where slots <= 4
);

{alone}copy (
    select word as point_id, make_timestamptz(slot * 900000000::bigint) as period_start_at,
        (micro / 1000000::decimal(7, 0))::decimal(18, 6) as quantity, word_of('kWh') as quantity_unit,
        qualities(['measured', 'interpolated', 'estimated', 'substituted'])[quality] as quality,
        date_trunc('month', make_timestamp(slot * 900000000::bigint + 28800000000))::date as month
    from interval join point using (key)
) to '{out}/intervals' (format parquet, {writing}, partition_by (month));{together}

create table unit_hour as
select key, (slot + 32) // 4 as hour, sum(micro)::bigint as micro,
    sum(case when quality > 2 then micro else 0 end)::bigint as estimated,
    count(*)::integer as intervals, (count(*) filter (micro is null))::integer as missing
from interval
group by key, hour;

-- every unit by itself, the shops from their units, the works from its shops
create table place as
select key as total, unit as energy_unit_id, 2 as level from point
union all
select 1000000 + row_number() over (order by shop), shop, 1 from (select distinct shop from point)
union all
select 2000000, parent_id, 0 from (select distinct parent_id from read_csv('{site}/energy_units.csv') where parent_id not in (select shop from point));
{place_names}

create table total_hour as
with priced as (
    select key as total, unit_hour.* exclude (key), (micro * (price * 1000000)::bigint + 500000) // 1000000 as cost
    from unit_hour left join price using (hour)
),
shops as (
    select place.total, hour, sum(micro)::bigint as micro, sum(estimated)::bigint as estimated,
        sum(intervals)::integer as intervals, sum(missing)::integer as missing, sum(cost)::bigint as cost
    from priced join point on priced.total = point.key join place on place.energy_unit_id = point.shop
    group by place.total, hour
),
works as (
    select 2000000 as total, hour, sum(micro)::bigint as micro, sum(estimated)::bigint as estimated,
        sum(intervals)::integer as intervals, sum(missing)::integer as missing, sum(cost)::bigint as cost
    from shops
    group by hour
),
everything as (select * from priced union all by name select * from shops union all by name select * from works)
select everything.*, day,
    (micro * gj + 500000000) // 1000000000 as gj,
    (micro * tce_calorific + 500000000) // 1000000000 as tce_calorific,
    (micro * tce_equivalent + 500000000) // 1000000000 as tce_equivalent
from everything
left join coefficient on day = date '1970-01-01' + (everything.hour // 24)::integer;

create macro amount_of(millionths) as (millionths::decimal(18, 0) * 0.000001::decimal(7, 6))::decimal(18, 6);

{alone}copy (
    select word_of('works') as organization_id, energy_unit_id, level, word_of('electricity_grid') as carrier, word_of('fuel') as use_type,
        make_timestamptz(hour * 3600000000::bigint - 28800000000) as period_start_at,
        amount_of(micro) as quantity, word_of('kWh') as quantity_unit, amount_of(gj) as energy_gj,
        amount_of(tce_calorific) as energy_tce_calorific, amount_of(tce_equivalent) as energy_tce_equivalent,
        amount_of(cost) as cost_cny, (estimated / nullif(micro, 0))::decimal(9, 6) as estimated_ratio,
        date_trunc('month', day)::date as month
    from total_hour join place using (total)
) to '{out}/hourly' (format parquet, {writing}, partition_by (month));{together}

create table total_day as
select total, day, sum(micro)::bigint as micro, sum(estimated)::bigint as estimated, sum(gj)::bigint as gj,
    sum(tce_calorific)::bigint as tce_calorific, sum(tce_equivalent)::bigint as tce_equivalent, sum(cost)::bigint as cost
from total_hour
group by total, day;

{alone}copy (
    select word_of('works') as organization_id, energy_unit_id, level, word_of('electricity_grid') as carrier, word_of('fuel') as use_type, day as local_date,
        amount_of(micro) as quantity, word_of('kWh') as quantity_unit, amount_of(gj) as energy_gj,
        amount_of(tce_calorific) as energy_tce_calorific, amount_of(tce_equivalent) as energy_tce_equivalent,
        amount_of(cost) as cost_cny, (estimated / nullif(micro, 0))::decimal(9, 6) as estimated_ratio
    from total_day join place using (total)
) to '{out}/daily.parquet' (format parquet, {writing});{together}

{alone}copy (
    select word_of('works') as organization_id, energy_unit_id, level, word_of('electricity_grid') as carrier, word_of('fuel') as use_type, month,
        amount_of(micro) as quantity, word_of('kWh') as quantity_unit, amount_of(gj) as energy_gj,
        amount_of(tce_calorific) as energy_tce_calorific, amount_of(tce_equivalent) as energy_tce_equivalent,
        amount_of(cost) as cost_cny, (estimated / nullif(micro, 0))::decimal(9, 6) as estimated_ratio
    from (
        select total, date_trunc('month', day)::date as month, sum(micro)::bigint as micro,
            sum(estimated)::bigint as estimated, sum(gj)::bigint as gj, sum(tce_calorific)::bigint as tce_calorific,
            sum(tce_equivalent)::bigint as tce_equivalent, sum(cost)::bigint as cost
        from total_day
        group by total, month
    )
    join place using (total)
) to '{out}/monthly.parquet' (format parquet, {writing});{together}

copy (
    select month, basis, (quantity * factor / 1000)::decimal(18, 6) as emissions_tco2
    from '{out}/monthly.parquet' join '{factors}/grid.parquet' using (month)
    where level = 0
) to '{out}/emissions.parquet' (format parquet);
