"""The method packages that a site names: those that can be used, and what is wrong with the others."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lake.own.package import Package
from lake.own.read import read as read_package
from lake.site.fault import Fault


@dataclass(frozen=True)
class Methods:
    """Packages in the order of site.yaml. One with a fault is left out; everything else is accounted without it.

    `items` is what they add to the items that a site may name, also those of a package that is left out.
    """

    packages: tuple[Package, ...] = ()
    faults: tuple[Fault, ...] = ()
    items: frozenset[str] = frozenset()

    def variables(self) -> str:
        """Return what the models are told, as JSON; nothing where there is no package."""
        told = {package.method: package.variable() for package in self.packages}
        return json.dumps(told, ensure_ascii=False, sort_keys=True) if told else ""


def read(site: Path, folders: Iterable[str]) -> Methods:
    """Read the packages of a site: folders as seen from it."""
    packages: dict[str, Package] = {}
    faults: list[Fault] = []
    items: frozenset[str] = frozenset()
    for place, named in enumerate(map(str, folders)):
        if not (site / named).is_dir():
            message = f"{named!r} is no folder, put the package there"
            faults.append(Fault("site.yaml", 1, f"method_packages.{place}", message))
            continue
        found = read_package(site / named, named)
        faults += found.faults
        items |= found.items
        if found.package is not None and found.package.id in packages:
            message = f"{found.package.id!r} is already the id of another package of the site, use one of them"
            faults.append(Fault(f"{named}/method.yaml", 1, "id", message))
        elif found.package is not None:
            packages[found.package.id] = found.package
    return Methods(tuple(packages.values()), tuple(faults), items)
