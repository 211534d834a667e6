"""What the method packages of a site add to the library: the items they take on, what they name, their parameters.

A package takes on what the library has no formula for and nothing else: a method of the library is never replaced in
silence. What it may not take is refused with a reason, and stays as the library has it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from lake.own.package import Package
from lake.site.fault import Fault
from lake.site.methods import Methods

SUBJECT = "own_method"
PACKAGES = pa.schema(
    [
        *[
            pa.field(name, pa.string())
            for name in ("package", "version", "vendor", "name_zh", "name_en", "digest", "method", "clause", "standard")
        ],
        *[pa.field(name, pa.string()) for name in ("edition", "equation", "locator", "confidence", "fault")],
    ]
)


@dataclass(frozen=True)
class Joined:
    """The library with the packages of a site, and what was refused; `refused` names the package or its file."""

    tables: dict[str, pa.Table]
    packages: pa.Table
    faults: tuple[Fault, ...]


def joined(library: Mapping[str, pa.Table], methods: Methods) -> Joined:
    """Return the library with what the packages add; ref/method_packages says which are in force and why not."""
    items = {(row["guideline"], row["item_key"]): row for row in library["guideline_items"].to_pylist()}
    known = {row["item"]: row["unit"] for row in library["emission_items"].to_pylist()}
    known |= {row["carrier"]: row["unit"] for row in library["carriers"].to_pylist()}
    faults, named, numbers, rows = list(methods.faults), [], [], []
    for package in methods.packages:
        wrong = next(_refusals(package, items, known), None)
        rows.append(_row(package, wrong))
        if wrong is not None:
            faults.append(replace(wrong, file=f"{package.id}/method.yaml"))
            continue
        for place in package.takes:
            items[place] |= {"status": "implemented", "method": package.method, "clause": package.clause.key}
        known |= {one.item: one.unit for one in package.items}
        named += [vars(one) for one in package.items]
        numbers += list(_numbers(package))
    rows += [{"package": fault.file.rpartition("/")[0] or fault.file, "fault": str(fault)} for fault in methods.faults]
    tables = dict(library)
    if methods.packages:
        tables["guideline_items"] = pa.Table.from_pylist(list(items.values()), library["guideline_items"].schema)
        tables |= {
            name: pa.concat_tables([library[name], pa.Table.from_pylist(more, library[name].schema)])
            for name, more in (("emission_items", named), ("factor_numbers", numbers))
        }
    return Joined(tables, pa.Table.from_pylist(rows, PACKAGES), tuple(faults))


def _refusals(
    package: Package, items: Mapping[tuple[str, str], Mapping[str, Any]], known: Mapping[str, str]
) -> Iterator[Fault]:
    for number, (guideline, item) in enumerate(package.takes):
        asked, place = items.get((guideline, item)), f"takes.{number}"
        if asked is None:
            message = f"{item!r} is no item of the guideline {guideline!r}, docs/methods lists them"
            yield Fault("", 1, place, message)
        elif asked["status"] == "implemented":
            method = asked["method"] or asked["clause"]
            yield Fault("", 1, place, f"{item!r} of {guideline!r} is accounted by {method!r}, take another item")
    for number, one in enumerate(package.items):
        if one.item in known:
            message = f"{one.item!r} is known already (in {known[one.item]}), leave it out or rename it"
            yield Fault("", 1, f"items.{number}", message)


def _numbers(package: Package) -> Iterator[dict[str, Any]]:
    for one in package.parameters:
        yield {
            "factor_id": package.factor_id(one.parameter),
            "property": one.parameter,
            "subject": SUBJECT,
            "factor_set": package.id,
            "factor_key": one.parameter,
            "name_zh": package.zh,
            "region": "site",
            "value": one.value,
            "unit": one.unit,
            "source_id": "site",
            "locator": one.source,
            "source_url": one.url,
            "confidence": one.confidence,
            "evidence": package.vendor,
            "note": f"{package.id} {package.version}",
        }


def _row(package: Package, wrong: Fault | None) -> dict[str, str | None]:
    clause = package.clause
    return {
        **{name: getattr(package, name) for name in ("version", "vendor", "digest", "method")},
        **{name: getattr(clause, name) for name in ("standard", "edition", "equation", "locator", "confidence")},
        "package": package.id,
        "name_zh": package.zh,
        "name_en": package.en,
        "clause": clause.key,
        "fault": None if wrong is None else f"{wrong.column}: {wrong.message}",
    }
