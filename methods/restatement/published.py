"""The marts of a publication as SQL, from the files that its manifest names."""

from collections.abc import Callable
from pathlib import Path

from lake.buildviews import parquet
from lake.manifest import Manifest


def relation(marts: Path, shown: Manifest, otherwise: Callable[[str], str]) -> Callable[[str], str]:
    """Return what gives the SQL of a mart of a publication.

    A mart that the publication has not got is empty, with the columns that `otherwise` has.
    """

    def told(name: str) -> str:
        mart = shown.marts.get(name)
        if mart is None or not mart.files:
            return f"select * from ({otherwise(name)}) where false"
        paths = [str(marts / name.replace(".", "/") / path) for path in mart.files]
        columns = ", ".join(f'"{column}"' for column in mart.columns)
        return f"select {columns} from {parquet(paths, mart.partition_by)}"

    return told
