"""The asset graph as text, one line for each asset with what it is made from.

python -m tests.graph.asset_graph      writes asset_graph.txt anew, for the diff to be read
"""

import sys
from pathlib import Path

import dagster as dg

from pipelines.graph import definitions
from pipelines.settings import ROOT, read_settings

KEPT = Path(__file__).with_name("asset_graph.txt")


def definitions_of_the_park() -> dg.Definitions:
    """Return the definitions of the reference park, with an empty environment and a lake that is not there."""
    return definitions(read_settings(ROOT / "examples/reference_park", "/nowhere/lake", {}))


def described(defs: dg.Definitions) -> str:
    """Return every asset key with the keys it depends on, in order."""
    graph = defs.resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys(), key=lambda key: key.to_user_string()):
        parents = sorted(parent.to_user_string() for parent in graph.get(key).parent_keys)
        lines.append(f"{key.to_user_string()} <- {', '.join(parents)}".rstrip(" <-"))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    KEPT.write_text(described(definitions_of_the_park()), encoding="utf-8")
    sys.stderr.write(f"{KEPT} written\n")
