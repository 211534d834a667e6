"""`nengtan trace`: from a published number, or an approved sheet, back to what it rests on and who stands for it."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from lake.errors import LakeError
from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from lake.approved import Evidence, Kept


@click.command("trace")
@click.argument("what", nargs=-1, required=True, metavar="MART COLUMN=VALUE... | KIND ORGANIZATION MONTH")
@common.lake
@click.option("--json", "as_json", is_flag=True, help="Print nodes and edges, or the sheet's evidence, as JSON.")
def command(settings: Settings, what: tuple[str, ...], as_json: bool) -> int:
    r"""Show what a published number rests on: meters, raw readings, deliveries, factors, documents, rule, code, people.

    Or where the figures of a sheet of the entry portal come from: KIND is production, finance, activity, stock,
    lab_results or readings, MONTH is written 2025-12; 1 where a payload is not what its hash says.

    \b
    Example:
      nengtan trace carbon.emissions_monthly month=2025-03 organization_id=cement carrier=clinker basis=all
      nengtan trace production cement 2025-12
    """
    if "." in what[0]:
        return _number(settings, what[0], what[1:], as_json=as_json)
    if len(what) != len(("kind", "organization", "month")):
        raise click.UsageError("Give MART COLUMN=VALUE..., or KIND ORGANIZATION MONTH.")
    return _sheet(settings, *what, as_json=as_json)


def _number(settings: Settings, mart: str, asked: tuple[str, ...], *, as_json: bool) -> int:
    from pipelines import tracing
    from quality.lineage import node, walk

    if any("=" not in one for one in asked):
        raise click.UsageError("Name the row by COLUMN=VALUE, such as month=2025-03.")
    with tracing.opened(settings) as place:
        tree = walk.back(place, mart, dict(one.split("=", 1) for one in asked), lambda: tracing.steps(settings))
    if as_json:
        common.print_json(node.graph(tree))
    else:
        click.echo("\n".join(node.lines(tree)))
    return 0


def _sheet(settings: Settings, kind: str, organization: str, month: str, *, as_json: bool) -> int:
    from ingestion.portal import trace_pages
    from ingestion.portal.sheets import Key
    from lake import approved
    from lake.store import Lake

    lake = Lake(settings.lake)
    found = approved.of(lake, approved.source_of(lake), Key(kind, organization, month).entry_id)
    if not found:
        raise LakeError(f"{lake.root}: no sheet {kind} of {organization} for {month} was approved")
    if as_json:
        common.print_json([trace_pages.told(one) for one in found])
    else:
        for one in found:
            click.echo("\n".join(_lines(one)))
    kept = [payload for one in found for payload in (one.version, one.workbook) if payload]
    return int(not all(payload.is_unchanged for payload in kept))


def _lines(one: "Evidence") -> list[str]:
    line = one.line
    told = [
        f"{line['entity']} {line['organization_id']} {line['month']:%Y-%m}, version {line['version']} "
        f"(entry {line['entry_id']}/{line['version']}){', in force' if one.is_current else ''}",
        f"  entered   {line['entered_by']}  {_at(line['submitted_at'])}",
        f"  reviewed  {line['reviewed_by']}  {_at(line['reviewed_at'])}",
        f"  approved  {line['approved_by']}  {_at(line['known_at'])}",
        *([f"  reason    {line['reason']}"] if line["reason"] else []),
        f"  workbook  {line['workbook_name']}  {_payload(one.workbook)}" if one.workbook else "  workbook  none: typed",
        f"  version   {_payload(one.version)}",
        f"  {one.table}",
    ]
    hidden = {"entry_id", "version", "position", "known_at", "batch_id", "workbook_hash", "workbook_line"}
    for row in one.rows:
        said = ", ".join(f"{name}={value}" for name, value in row.items() if name not in hidden and value is not None)
        place = row.get("workbook_line")
        told.append(f"    {f'line {place} of the workbook' if place else 'typed'}: {said}")
    return told


def _payload(kept: "Kept") -> str:
    state = "unchanged" if kept.is_unchanged else "NOT WHAT ITS HASH SAYS"
    return f"sha256 {kept.digest}  {kept.path}  {state}"


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC" if instant else ""
