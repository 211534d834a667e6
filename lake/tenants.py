"""The files of single legal entities: `tenants/<organization_id>.duckdb`, each with one entity's rows and no others.

Every entity below the head of the site has one, for its own analysts; the head reads marts.duckdb. They are tables
only, so that a file can be handed out and opened without any file beside it. Each is replaced in one step after every
publication, at the cost of what changed; the rule of whose a row is stands in `lake/tenancy.py`.
"""

from collections.abc import Mapping
from pathlib import Path

from lake import doors, tenancy
from lake.engine import connected
from lake.manifest import Manifest

FOLDER = "tenants"
_ORGANIZATIONS = "reference.organizations"


def open_all(folder: Path, area: Path, manifest: Manifest) -> None:
    """Bring the file of each entity to a publication, and remove those of entities that are no more."""
    wanted = files(folder, area, manifest)
    if wanted:
        (folder / FOLDER).mkdir(exist_ok=True)
    for file, members in wanted.items():
        doors.open_own(file, area, manifest, conditions(manifest, members))
    for left in set((folder / FOLDER).glob("*")) - wanted.keys():
        left.unlink()


def files(folder: Path, area: Path, manifest: Manifest) -> dict[Path, frozenset[str]]:
    """Return the file of each entity below the head of the site, with the entities whose rows it holds."""
    mart = manifest.marts.get(_ORGANIZATIONS)
    if mart is None:
        return {}
    with connected() as con:
        pairs = con.execute(
            f"select {tenancy.OWNER}, parent_id from ({doors.rows_of(area, _ORGANIZATIONS, mart)}) order by 1"
        ).fetchall()
    return {
        folder / FOLDER / f"{name}.duckdb": tenancy.members(pairs, name) for name, parent in pairs if parent is not None
    }


def conditions(manifest: Manifest, members: frozenset[str]) -> Mapping[str, str]:
    """Return of each mart that these entities see something of, the condition on its rows."""
    found = {name: tenancy.condition(name, mart.columns, members) for name, mart in manifest.marts.items()}
    return {name: condition for name, condition in found.items() if condition is not None}
