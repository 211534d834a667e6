"""What a stored reading takes, after compaction, from the footers of the files of raw."""

from pathlib import Path

import pyarrow.parquet as pq

from bench import site
from lake.store import Lake

#: The reading itself; the other columns say who knew it when and where it came from.
_READING = {"point_id", "reading_at", "value"}


def bytes_per_reading(lake: Path) -> dict[str, float]:
    """Return bytes per row: of point, time and value, and of whole files with everything in them."""
    files = Lake(str(lake)).files("raw", f"{site.SOURCE}__reading")
    rows, narrow = 0, 0
    for file in files:
        footer = pq.read_metadata(file)
        rows += footer.num_rows
        for group in (footer.row_group(number) for number in range(footer.num_row_groups)):
            columns = (group.column(number) for number in range(group.num_columns))
            narrow += sum(column.total_compressed_size for column in columns if column.path_in_schema in _READING)
    whole = sum(Path(file).stat().st_size for file in files)
    return {"storage.bytes_per_reading": narrow / rows, "storage.bytes_per_reading_all": whole / rows}
