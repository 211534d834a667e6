"""Released footprints as they stand, beside what is published about the same product and period now."""

from typing import TYPE_CHECKING

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from exchange.footprints import release_rows, releases
from lake import engine
from lake.engine import connected
from quality import released_footprints
from quality import tables as tables_of
from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MART = "footprint.releases"
KEYS = keys((MART,))
_PRODUCTS = "footprint.products"
_GRANTS = "ref.customer_grants"
_PARENTS = (_PRODUCTS, "quality.completeness_daily")


def releases_asset() -> dg.AssetsDefinition:
    """Return the step that tells what was released, before the publication."""
    return step("releases", (MART,), tell_all, parents=_PARENTS, owner="team:carbon")


def tell_all(work: Work) -> dict[str, int]:
    """Make the mart and the findings about what differs; empty where nothing was ever released."""
    assert work.build is not None, "the marts were built"
    known = releases.rows(work.lake, work.as_of)
    with connected(work.build.database, engine=work.build.engine) as connection:
        table, found = of_releases(connection, known)
    work.findings += found
    return written(work, {MART: table})


def of_releases(connection: "DuckDBPyConnection", known: list[releases.Released]) -> tuple[pa.Table, list[Finding]]:
    """Return the mart and the findings from the marts of a build."""
    if not known:
        return release_rows.RELEASES.empty_table(), []
    products = sorted({one.product_id for one in known})
    published, granted = [], {}
    if tables_of.exists(connection, _PRODUCTS):
        published = engine.rows(connection, _PUBLISHED, products=products)
    if tables_of.exists(connection, _GRANTS):
        granted = {row["product_id"]: row["customers"] for row in engine.rows(connection, _GRANTED)}
    rows = list(release_rows.rows(known, published, granted))
    return pa.Table.from_pylist(rows, release_rows.RELEASES), list(released_footprints.findings(rows))


_PUBLISHED = "select * from footprint.products where list_contains($products, product_id)"
#: On the last day of which there are readings, so that the same lake gives the same mart.
_GRANTED = """
    with known as (select max(local_date) as today from quality.completeness_daily)

    select product_id, count(distinct customer_id) as customers
    from ref.customer_grants cross join known
    where (valid_from is null or valid_from <= today) and (valid_to is null or valid_to > today)
    group by product_id
"""
