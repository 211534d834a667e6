"""`nengtan factors`: the library and its vintages, what a change would do, and the site's own factor base."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lake.errors import FactorError
from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from factors.vintages import Change

#: What stands for the vintage that a first adoption replaces.
_NONE = "none"
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("factors")
def command() -> None:
    r"""The factor library and its vintages; nothing counts before a rule of the site adopts it.

    \b
    Example:
      nengtan factors list grid_emission
      nengtan factors diff national_average@2022 national_average@2023
      nengtan factors adopt national_average@2023 --from 2025-01-01 --reason "Notice 47 of 2025"
    """


@command.command("list")
@click.argument("subject", required=False)
@common.site_option
@_JSON
def list_(settings: Settings, subject: str | None, as_json: bool) -> int:
    r"""List the vintages of the library and of the site's factor base; SUBJECT or a set narrows it.

    \b
    Example:
      nengtan factors list
      nengtan factors list fuel_emission --json
    """
    from factors import vintages

    numbers = _numbers(settings)
    rows = vintages.listed(vintages.parse(subject).rows(numbers) if subject else numbers)
    if as_json:
        common.print_json(rows)
        return 0
    _table(
        ("subject", "vintage", "published_on", "factors", "numbers", "verified", "sources"),
        [{**row, "sources": ", ".join(row["sources"])} for row in rows],
    )
    return 0


@command.command("show")
@click.argument("name", metavar="FACTOR_ID|VINTAGE")
@common.site_option
@_JSON
def show(settings: Settings, name: str, as_json: bool) -> int:
    r"""Show a factor, or the factors of a vintage, with source, publication and confidence.

    \b
    Example:
      nengtan factors show grid-national_average-cn-2023
      nengtan factors show MEE_2022_2024_guides --json
    """
    from factors import load, vintages

    numbers = _numbers(settings)
    rows = [row for row in numbers if row["factor_id"] == name] or vintages.parse(name).rows(numbers)
    documents = load.sources()
    told = [{**row, "document": documents.get(row["source_id"], {}).get("title")} for row in rows]
    if as_json:
        common.print_json(told)
        return 0
    if len({row["factor_id"] for row in rows}) == 1:
        for row in told:
            click.echo("\n".join(f"{key:>13}  {_text(cell)}" for key, cell in row.items() if cell is not None) + "\n")
        return 0
    _table(("factor_id", "property", "value", "unit", "region", "data_year", "published_on", "confidence"), told)
    return 0


@command.command("diff")
@click.argument("a")
@click.argument("b")
@common.site_option
@_JSON
def diff(settings: Settings, a: str, b: str, as_json: bool) -> int:
    r"""Show the numbers in which vintage B differs from A; exit 1 where there are any.

    \b
    Example:
      nengtan factors diff NDRC_24_guides MEE_2022_2024_guides
      nengtan factors diff province_average@2022 province_average@2023 --json
    """
    from factors import vintages

    found = vintages.difference(_numbers(settings), vintages.parse(a), vintages.parse(b))
    if as_json:
        common.print_json([{**asdict(change), "ratio": change.ratio} for change in found])
    else:
        _table(("factor", "property", "A", "B", "unit", "change", "confidence"), [_shown(change) for change in found])
        click.echo(f"{len(found)} numbers differ.", err=True)
    return 1 if found else 0


@command.command("impact")
@click.argument("a")
@click.argument("b")
@common.site_option
@click.option("--from", "begins", type=click.DateTime(["%Y-%m-%d"]), help="First day (default: all that is published).")
@click.option("--organization", help="Only for this legal entity (fuels).")
@click.option("--carrier", help="Only for this carrier (fuels, standard coal).")
@_JSON
def impact(settings: Settings, a: str, b: str, as_json: bool, **options: Any) -> int:  # noqa: ANN401 - click's options
    r"""Show which published numbers that rest on vintage A would change with B, by how much; exit 1 where any would.

    A is `none` for a first adoption: the numbers that there would be and that are missing now. Nothing is changed: the
    accounting models run beside the lake. `adopt` makes it so.

    \b
    Example:
      nengtan factors impact national_average@2022 national_average@2023 --from 2025-01-01
      nengtan factors impact none national_electricity_statistics@2024 --from 2025-01-01
    """
    from factors import vintages
    from pipelines import impact as what_if

    options["begins"] = options["begins"] or datetime.combine(what_if.first_month(settings), datetime.min.time(), UTC)
    entry = _entry(settings, b, reason=f"impact of {b}", **options)
    replaced = None if a == _NONE else {row["factor_id"] for row in vintages.parse(a).rows(_numbers(settings))}
    found, follows = what_if.of(settings, entry, replaced)
    sums = what_if.totals(found)
    if as_json:
        made = [asdict(follow) for follow in follows]
        told = {"entry": entry, "changes": [asdict(change) for change in found], "totals": sums, "follows": made}
        common.print_json(told)
        return 1 if found else 0
    rows = [{**asdict(change), "change": (change.after or 0) - (change.before or 0)} for change in found]
    _table(("month", "organization_id", "account", "item", "carrier", "measure", "before", "after", "change"), rows)
    if found:
        click.echo()
        _table(("organization_id", "account", "measure", "before", "after", "change"), sums)
    if follows:
        click.echo()
        columns = ("mart", "year", "organization_id", "account", "item", "before", "after", "unit")
        _table(columns, [asdict(follow) for follow in follows])
    what = "missing numbers would be there" if a == _NONE else f"published numbers that rest on {a} would change"
    click.echo(f"{len(found)} {what}.", err=True)
    return 1 if found else 0


@command.command("adopt")
@click.argument("vintage")
@common.site_option
@click.option("--from", "begins", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day it is used for.")
@click.option("--reason", required=True, help="Why; it is kept with the entry.")
@click.option("--on", "decided", type=click.DateTime(["%Y-%m-%d"]), help="Day of the decision (default: today).")
@click.option("--organization", help="Only for this legal entity (fuels).")
@click.option("--carrier", help="Only for this carrier (fuels, standard coal).")
@click.option("--fall-back", is_flag=True, help="Only where the adopted set has no value (fuels, standard coal).")
@_JSON
def adopt(settings: Settings, vintage: str, as_json: bool, **options: Any) -> int:  # noqa: ANN401 - click's options
    r"""Adopt a vintage from a day on: an entry in the site's factor_rules.csv; the next run puts it in force.

    \b
    Example:
      nengtan factors adopt grid_emission@2023 --from 2025-01-01 --reason "Notice 47 of 2025"
      nengtan factors adopt MEE_2022_2024_guides --carrier coke --from 2025-01-01 --reason "new guideline"
    """
    from factors import adoption

    entry = _entry(settings, vintage, **options)
    with _kept_sound(settings, adoption.FILE):
        line = adoption.append(settings.site, entry)
    if as_json:
        common.print_json({"file": adoption.FILE, "line": line, "entry": entry})
    else:
        click.echo(f"{adoption.FILE}:{line}: {vintage} is adopted from {entry['valid_from']} on.")
        click.echo(f"Next: nengtan run {common.shown(settings)}", err=True)
    return 0


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--dry-run", is_flag=True, help="Say what would be taken and write nothing.")
@common.site_option
@_JSON
def import_(settings: Settings, file: Path, mapping: Path, dry_run: bool, as_json: bool) -> int:
    r"""Take factors from a CSV export into the site's factors.csv, by a mapping file; exit 1 where rows are left out.

    A factor whose id is there already is not taken again. Nothing counts before a rule adopts it.

    \b
    Example:
      nengtan factors import national_2026.csv --mapping national.yaml --dry-run
    """
    from factors import adoption, importing

    rows, left = importing.read(file, importing.read_mapping(mapping))
    known = {row["factor_id"] for row in _numbers(settings)}
    new = [row for row in rows if row["factor_id"] not in known]
    if new and not dry_run:
        with _kept_sound(settings, "factors.csv"):
            adoption.append_rows(settings.site / "factors.csv", new)
    told = {"taken": len(new), "known": len(rows) - len(new), "left_out": [asdict(one) for one in left]}
    if as_json:
        common.print_json(told | {"rows": new})
    else:
        for one in left:
            click.echo(f"{file.name}:{one.line}: left out: {one.reason}")
        click.echo(
            f"{len(new)} factors {'would be ' if dry_run else ''}taken, {told['known']} known, {len(left)} left out."
        )
    return 1 if left else 0


def _numbers(settings: Settings) -> list[dict[str, Any]]:
    """Return the numbers of the library and of the site's own factor base."""
    from factors import numbers
    from factors.load import load
    from lake.site.load import read_site

    site = read_site(settings.site, settings.environment)
    rows: list[dict[str, Any]] = [
        *load()["factor_numbers"].to_pylist(),
        *numbers.own(site.tables["factors"]).to_pylist(),
    ]
    return rows


def _entry(  # noqa: PLR0913 - what an adoption says, by name
    settings: Settings,
    vintage: str,
    *,
    begins: datetime,
    reason: str,
    decided: datetime | None = None,
    organization: str | None = None,
    carrier: str | None = None,
    fall_back: bool = False,
) -> dict[str, str]:
    from factors import adoption, vintages

    named = vintages.parse(vintage)
    day = decided or datetime.now(UTC)
    entry = adoption.rule(named, named.rows(_numbers(settings)), begins.date(), day.date(), reason)
    entry |= {"organization_id": organization} if organization else {}
    entry |= {"carrier": carrier} if carrier else {}
    return entry | ({"use": "fall_back"} if fall_back else {})


@contextmanager
def _kept_sound(settings: Settings, name: str) -> Iterator[None]:
    """Take back what is written to a file of the site where it would make the site faulty."""
    from lake.site.check import check_site

    file = settings.site / name
    before = file.read_bytes() if file.is_file() else None
    yield
    faults = check_site(settings.site, settings.environment)
    if not faults:
        return
    if before is None:
        file.unlink()
    else:
        file.write_bytes(before)
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    raise FactorError(f"nothing is written, because the site would have a fault: {faults[0]}{more}")


def _shown(change: "Change") -> dict[str, Any]:
    ratio = change.ratio
    words = [change.confidence_a or "-", change.confidence_b or "-"]
    return {
        "factor": change.factor_key,
        "property": change.term,
        "A": change.a,
        "B": change.b,
        "unit": change.unit,
        "change": "" if ratio is None else f"{ratio * 100:+.2f} %",
        "confidence": words[0] if words[0] == words[1] else " → ".join(words),
    }


def _table(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Print rows under their headings, as wide as they are."""
    lines = [columns, *([_text(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _text(cell: object) -> str:
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return "" if cell is None else str(cell)
