"""The marts of a publication as SQL, from the files that its manifest names."""

from collections.abc import Callable
from pathlib import Path

from lake.buildviews import parquet
from lake.errors import LakeError
from lake.manifest import Manifest


def relation(marts: Path, shown: Manifest, newer: Callable[[str], str] | None = None) -> Callable[[str], str]:
    """Return what gives the SQL of a mart of a publication.

    Marts and columns that an older publication has not got are as in `newer`, without rows and empty. Raises LakeError
    for a mart without rows where there is no newer one.
    """

    def told(name: str) -> str:
        mart = shown.marts.get(name)
        shape = f"select * from ({newer(name)}) where false" if newer else None
        if mart is None or not mart.files:
            if shape is None:
                raise LakeError(f"{name}: has no rows in publication {shown.number}; there is nothing to compare")
            return shape
        paths = [str(marts / name.replace(".", "/") / path) for path in mart.files]
        columns = ", ".join(f'"{column}"' for column in mart.columns)
        rows = f"select {columns} from {parquet(paths, mart.partition_by)}"
        return f"{rows} union all by name {shape}" if shape else rows

    return told
