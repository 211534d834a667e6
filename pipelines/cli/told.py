"""The short tables at the end of a run."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from pipelines.cli import common
from pipelines.settings import Settings
from quality.suite import Result


def sources(rows: Sequence[tuple[str, int, int, int]]) -> None:
    """Print the rows read and refused by source."""
    if rows:
        table = _table("数据来源 source", "读取 read", "入湖 landed", "拒收 refused")
        for name, read, landed, refused in rows:
            table.add_row(name, f"{read:,}", f"{landed:,}", f"{refused:,}")
        table.add_section()
        table.add_row("合计 total", *[f"{total:,}" for total in _totals(rows)])
        _print(table)


def _totals(rows: Sequence[tuple[str, int, int, int]]) -> tuple[int, int, int]:
    return sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows)


def checks(results: Sequence[Result]) -> None:
    """Print the checks that did not pass, and how many did."""
    failed = [result for result in results if not result.passed]
    if failed:
        table = _table("未通过的检查 failed check", "对象 mart", "观测 observed", "允许 allowed", "阻止发布 blocking")
        for one in failed:
            name = f"{one.expectation.name_zh} {one.expectation.name_en}"
            blocking = "是 yes" if one.expectation.is_blocking else "否 no"
            table.add_row(name, one.suite.mart, one.observed or "", one.expectation.expected, blocking)
        _print(table)


def organizations(year: int | None, rows: Sequence[tuple[Any, ...]]) -> None:
    """Print energy, cost and emissions of each organisation in a year."""
    if not rows:
        return
    heads = ("当量值 tce", "等价值 tce", "费用 CNY", "排放 tCO2e")
    table = _table(f"{year} 年 单位 organisation", *heads)
    for zh, en, *figures in rows:
        table.add_row(f"{zh} {en}", *["–" if figure is None else f"{figure:,.1f}" for figure in figures])
    _print(table)


def next_commands(settings: Settings) -> None:
    """Print three commands to try next."""
    lake = "" if settings.lake == str(Path("lake").absolute()) else f" --lake {shlex.quote(settings.lake)}"
    query = "select * from energy.comprehensive_monthly order by month desc limit 12"
    click.echo("下一步 next:")
    click.echo(f'  nengtan sql{lake} "{query}"')
    click.echo(f'  nengtan sql{lake} "select severity, subject, message_zh from quality.findings"')
    click.echo(f"  nengtan serve {shlex.quote(common.shown(settings))}{lake}")


def _table(first: str, *others: str) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _print(table: Table) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=140)
    console.print(table)
    console.print()
