-- What each organisation declares of the period, by account (basis) and scope: the sum of its lines. A line of `all`
-- counts in the accounts by location and by market; the statutory account is complete by itself.
-- 各组织在本期按核算口径与范围的合计：各行之和。
create table "carbon"."totals" as (
select
    emissions.organization_id,
    accounts.basis,
    emissions.scope,
    count(*) as line_count,
    count(*) filter (where emissions.emissions_tco2e is null) as missing_count,
    cast(sum(emissions.emissions_tco2) as decimal(18, 6)) as emissions_tco2,
    cast(sum(emissions.emissions_tco2e) as decimal(18, 6)) as emissions_tco2e
from "carbon"."emissions_monthly" as emissions
inner join "meta"."period" as period on emissions.month >= period.first_month and emissions.month < period.after_month
inner join
    (values ('location'), ('market'), ('statutory')) as accounts (basis)
    on emissions.basis = accounts.basis
    or (emissions.basis = 'all' and accounts.basis in ('location', 'market'))
group by emissions.organization_id, accounts.basis, emissions.scope
);
