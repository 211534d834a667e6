"""The machine works' data logger: it drops a CSV file every four hours."""

from pathlib import Path

from examples.reference_park.plant import planted
from examples.reference_park.plant.day import Day

SOURCE = "machinery_files"
EVERY = 16  # quarter hours


class Logger:
    """Collects rows and drops a whole file at once, as a rename."""

    def __init__(self, day: Day, folder: Path) -> None:
        """Begin with no rows; files of an earlier play are written again with the same content."""
        self._day, self._folder = day, folder
        self._lines: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    def record(self, quarter: int) -> None:
        """Add a quarter hour's rows, and drop the file where one is complete."""
        for reading in self._day.at(SOURCE, quarter):
            self._lines.append(f"{reading.point_id},{reading.at:%Y-%m-%d %H:%M:%S},{reading.value:f}")
        for bad in planted.of(SOURCE, quarter, self._day.start.date()):
            self._lines.append(bad.text or f"{bad.tag},{bad.at},{bad.value}")
        if quarter % EVERY == 0 and self._lines:
            self._drop(f"machinery_{self._day.start:%Y-%m-%d}_{quarter // 4:02d}00.csv")

    def _drop(self, name: str) -> None:
        content = "\n".join(["point_id,reading_at,value", *self._lines, ""])
        self._lines.clear()
        target = self._folder / name
        if target.exists() and target.read_text(encoding="utf-8") == content:
            return
        half = self._folder / f".{name}.part"
        half.write_text(content, encoding="utf-8")
        half.replace(target)
