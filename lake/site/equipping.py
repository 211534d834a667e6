"""Where GB 17167 asks for meters: what energy_units.csv says of levels and carriers must be sayable."""

from lake.site import declared
from lake.site.csv_file import CsvFile
from lake.site.fault import allowed, nearest


def check(units: CsvFile) -> None:
    """A root unit is the energy user itself and no other unit is; carriers are words of the vocabulary."""
    rows = units.frame().select("row", "parent_id", "gb17167_level", "carriers")
    for row, parent, level, _ in rows.drop_nulls("gb17167_level").iter_rows():
        if (parent is None) != (level == "entity"):
            place = "at the top" if parent is None else "below another unit"
            message = f"{level!r} cannot stand {place}, allowed: entity for a unit without parent"
            units.fault(row, "gb17167_level", message)
    words = declared.vocabulary("carrier")
    for row, *_, carriers in rows.drop_nulls("carriers").iter_rows():
        for word in carriers.split(";"):
            if word not in words:
                units.fault(row, "carriers", f"{word!r} is unknown{nearest(word, words)}, {allowed(words)}")
