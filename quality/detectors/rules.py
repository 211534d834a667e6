"""Finds rules of factor_rules.csv that put nothing in force, because no factor has what they name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each rule whose set, year, region or publication the factor base does not hold."""
    rows = connection.execute(
        """
        with numbers as (
            select * from ref.factor_numbers union all by name select * from ref.factor_numbers_own
            union all by name
            select distinct 'uncertainty' as subject, factor_set from ref.factor_uncertainty
        ),
        rules as (
            select *,
                case kind
                    when 'fuel' then 'fuel_emission'
                    when 'grid' then 'grid_emission'
                    when 'uncertainty' then 'uncertainty'
                    else 'standard_coal'
                end as subject
            from ref.factor_rules
        )
        select kind, concat_ws(' ', factor_set, factor_type, from_region, data_year, published_on), reason
        from rules
        where not exists (
            select 1 from numbers
            where numbers.subject = rules.subject
                and (rules.factor_set is null or numbers.factor_set = rules.factor_set)
                and (rules.factor_type is null or numbers.factor_set = rules.factor_type)
                and (coalesce(rules.from_region, rules.region) is null
                    or numbers.factor_key = coalesce(rules.from_region, rules.region))
                and (rules.data_year is null or numbers.data_year = rules.data_year)
                and (rules.published_on is null or numbers.published_on = rules.published_on)
        )
        order by all
        """
    ).fetchall()
    for kind, named, reason in rows:
        yield Finding(
            kind="factor_rule_without_factor",
            kind_name_zh="因子规则没有对应因子",
            kind_name_en="rule without a factor",
            severity="high",
            source="factor_rules",
            subject=f"{kind}/{named}",
            message_zh=f"factor_rules.csv 的 {kind} 规则（{named}）在因子库中没有对应的因子，未生效；"
            "请核对因子集、年份、地区与发布日期，或先导入。",
            message_en=f"The {kind} rule of factor_rules.csv ({named}) names what no factor has, so it puts nothing in "
            "force: look at set, year, region and publication, or import it first.",
            evidence={"reason": reason},
        )
