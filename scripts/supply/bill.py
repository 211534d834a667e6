"""The software bill of materials (CycloneDX 1.6, JSON) of a folder of packages that was fetched by the locks.

    python -m scripts.supply.bill WHEELHOUSE --version V --commit SHA --at SECONDS --output FILE

Each file is held against the locks: what no lock names is no part of a bundle. The same files give the same bytes.
"""

import argparse
import hashlib
import re
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.spdx import is_expression, is_supported_id
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement

from scripts.supply import described, locked

#: Names the bills of this product among all others; any fixed value does.
_SPACE = uuid.UUID("6f7a1c52-0d0e-5d0c-9a86-0e6e67656e67")


def bill(wheelhouse: Path, version: str, commit: str, at: int) -> str:
    """Return the bill of the packages in a folder; `at` are seconds of the epoch, the commit's own.

    Raises ValueError where a file is in no lock, or where the result is not what the standard's schema asks.
    """
    named = {digest: pin for pin in locked.pins() for digest in pin.hashes}
    product = Component(
        name="nengtan",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=f"nengtan@{version}",
        licenses=[LicenseExpression("Apache-2.0")],
        properties=[Property(name="nengtan:commit", value=commit)],
    )
    made = Bom(serial_number=uuid.uuid5(_SPACE, f"{version} {commit}"))
    made.metadata.timestamp = datetime.fromtimestamp(at, UTC)
    made.metadata.component = product
    parts: dict[str, tuple[Component, list[str]]] = {}
    for path in sorted(wheelhouse.iterdir()):
        if path.name.endswith((".whl", ".tar.gz", ".zip")):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest not in named:
                raise ValueError(f"{path.name}: no lock names a file with its hash")
            parts[path.name] = _component(path, digest, named[digest])
    by_name: dict[str, list[Component]] = {}
    for component, _ in parts.values():
        made.components.add(component)
        by_name.setdefault(component.name, []).append(component)
    for component, needs in parts.values():
        made.register_dependency(component, [found for need in needs for found in by_name.get(need, [])])
    made.register_dependency(product, [component for component, _ in parts.values()])
    return _held_against_the_schema(JsonV1Dot6(made).output_as_string(indent=1))


def _component(path: Path, digest: str, pin: locked.Pin) -> tuple[Component, list[str]]:
    metadata = described.of_file(path)
    component = Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=path.name,
        purl=PackageURL("pypi", name=pin.name, version=pin.version, qualifiers={"file_name": path.name}),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        licenses=[_licence(described.licence(metadata))],
        description=metadata.get("Summary"),
        properties=[Property(name="nengtan:lock", value=pin.lock)],
    )
    needs = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    wanted = {locked.normal(need.name) for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})}
    return component, sorted(wanted)


def _licence(said: str) -> DisjunctiveLicense | LicenseExpression:
    if is_supported_id(said):
        return DisjunctiveLicense(id=said)
    return LicenseExpression(said) if is_expression(said) else DisjunctiveLicense(name=said)


def _held_against_the_schema(text: str) -> str:
    faults = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if faults is not None:
        raise ValueError(f"the bill is not what CycloneDX 1.6 asks: {faults}")
    return re.sub(r"\s*$", "\n", text)


def main() -> int:
    """Write the bill; return 1 with one sentence where it cannot be made."""
    asked = argparse.ArgumentParser(prog="python -m scripts.supply.bill")
    asked.add_argument("wheelhouse", type=Path)
    asked.add_argument("--version", required=True)
    asked.add_argument("--commit", required=True)
    asked.add_argument("--at", type=int, required=True)
    asked.add_argument("--output", type=Path, required=True)
    given = asked.parse_args()
    try:
        text = bill(given.wheelhouse, given.version, given.commit, given.at)
    except ValueError as cause:
        print(f"bill: {cause}", file=sys.stderr)
        return 1
    given.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
