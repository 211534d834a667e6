"""Finds method packages that the site names and that could not be used: what they account for stays open."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("method_package_refused",)


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each fault of a package."""
    rows = connection.execute(
        "select package, fault from ref.method_packages where fault is not null order by package, fault"
    ).fetchall()
    for package, fault in rows:
        yield Finding(
            kind="method_package_refused",
            kind_name_zh="方法包未采用",
            kind_name_en="method package left out",
            severity="high",
            source="method_packages",
            subject=f"{package}/{fault}",
            message_zh=f"方法包 {package} 有误，未采用，其核算项目仍为未实现，其余照常核算：{fault}",
            message_en=f"The method package {package} has a fault and is left out, the rest is accounted: {fault}",
            evidence={"package": package},
        )
