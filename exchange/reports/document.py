"""What a report consists of, whatever it becomes: sections of text, tables and charts, numbered once for all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from unicodedata import category, east_asian_width

#: Stands where there is no number: nothing is ever printed as a zero that is not one.
NOTHING = "—"
#: So many rows stay on one page.
_KEPT = 14
#: In widths of a digit: what a column of text gets where others need the room, the space beside it, a short title.
_COLUMN, _GAP, _SHORT = 20, 1.5, 8
#: What a line of a page has room for, upright and on its side.
LINE, WIDE_LINE = 105, 175


@dataclass(frozen=True)
class Number:
    """A number as it was read, and the decimal places to print; without places, with all digits that it has."""

    value: Decimal | int
    places: int | None = None

    @property
    def text(self) -> str:
        """Return the number as it is printed: groups of thousands, halves rounded away from zero."""
        value = Decimal(self.value)
        if self.places is not None:
            value = value.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)
            return f"{value or Decimal(0).quantize(value):,f}"
        return f"{value.normalize():,f}" if value else "0"

    @property
    def layout(self) -> str:
        """Return the number format of a spreadsheet that prints the same."""
        places = len(self.text.partition(".")[2])
        return "#,##0" + ("." + "0" * places if places else "")


Cell = Number | str | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, the unit of its numbers, and whether it holds numbers."""

    title: str
    unit: str = ""
    is_number: bool = False

    @property
    def text(self) -> str:
        """Return title and unit in one line."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


@dataclass(frozen=True)
class Table:
    """Rows of cells under one caption. `strong` numbers the rows that are totals; a form is filled in by hand."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    strong: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    is_form: bool = False

    @property
    def is_kept(self) -> bool:
        """Return whether the table is short enough to stay on one page."""
        return len(self.rows) <= _KEPT

    def texts(self) -> Iterator[tuple[str, ...]]:
        """Yield the rows as they are printed."""
        for row in self.rows:
            yield tuple(printed(cell) for cell in row)

    def widths(self, line: float) -> list[float]:
        """Return what each column asks for, in widths of a digit, of a line with room for so many.

        No word is broken; a column of long text shares what the others leave.
        """
        texts = [*self.texts()]
        asked, wanted = [], []
        for place, column in enumerate(self.columns):
            cells = [row[place] for row in texts]
            words = [word for text in (*cells, column.title, column.unit) for word in _words(text)]
            unbroken = max((width(word) for word in words), default=1)
            natural = max((width(text) for text in cells), default=1)
            titled = max(min(width(column.title), _SHORT), width(column.title) / 2)  # two lines at most
            asked.append(max(unbroken, titled, min(natural, _COLUMN)) + _GAP)
            wanted.append(max(natural + _GAP - asked[-1], 0))
        left = max(line - sum(asked), 0)
        share = min(left / sum(wanted), 1) if sum(wanted) else 0
        return [one + more * share for one, more in zip(asked, wanted, strict=True)]


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; a note is set smaller."""

    text: str
    is_note: bool = False


@dataclass(frozen=True)
class Lines:
    """Text that keeps its lines, such as a head of the evidence chain."""

    text: str


@dataclass(frozen=True)
class Series:
    """One colour of a chart: a value for each label, or none."""

    name: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True)
class Chart:
    """Stacked columns: one column a label."""

    caption: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Stage:
    """A stage of a diagram: its title and what happens in it; one outside the boundary is drawn dashed."""

    title: str
    boxes: tuple[str, ...]
    is_inside: bool


@dataclass(frozen=True)
class Diagram:
    """Stages from left to right, each leading to the next; `boundary` names the line around those inside."""

    caption: str
    boundary: str
    stages: tuple[Stage, ...]


Block = Heading | Text | Lines | Table | Chart | Diagram


@dataclass(frozen=True)
class Section:
    """A numbered part of the report; a wide one has pages that lie on their side."""

    title: str
    is_wide: bool
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report. `facts` stand on its cover, `mark` on every page; `made_at` is the publication's time, in ISO 8601."""

    title: str
    subtitle: str
    language: str
    owner: str
    mark: str
    made_at: str
    facts: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    sections: tuple[Section, ...]

    def tables(self) -> Iterator[Table]:
        """Yield every table in order."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Table))


@dataclass
class Draft:
    """A report that grows: sections, headings, tables and charts get their numbers as they come."""

    language: str
    sections: list[Section] = field(default_factory=list)
    _title: str = ""
    _is_wide: bool = False
    _blocks: list[Block] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def section(self, zh: str, en: str, *, is_wide: bool = False) -> None:
        """Begin a section."""
        self._close()
        number = len(self.sections) + 1
        self._title, self._is_wide = f"{number}  {self.say(zh, en)}", is_wide
        self._counts = {}

    def heading(self, zh: str, en: str) -> None:
        """Begin a part of the section."""
        self._blocks.append(Heading(f"{len(self.sections) + 1}.{self._next('heading')}  {self.say(zh, en)}"))

    def text(self, zh: str, en: str) -> None:
        """Add a paragraph."""
        self._blocks.append(Text(self.say(zh, en)))

    def note(self, zh: str, en: str) -> None:
        """Add a remark in small type."""
        self._blocks.append(Text(self.say(zh, en), is_note=True))

    def lines(self, text: str) -> None:
        """Add lines that are kept as they are."""
        self._blocks.append(Lines(text))

    def table(  # noqa: PLR0913 - what a table has
        self,
        caption: tuple[str, str],
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        strong: Sequence[int] = (),
        notes: Sequence[tuple[str, str]] = (),
        *,
        is_form: bool = False,
    ) -> None:
        """Add a table; `strong` names the rows that are totals, counted from the end where negative."""
        number = f"{len(self.sections) + 1}-{self._next('table')}"
        told = f"{self.say('表', 'Table ')}{number}  {self.say(*caption)}"
        totals = frozenset(place % len(rows) for place in strong) if rows else frozenset()
        said = tuple(self.say(*note) for note in notes)
        cells = tuple(tuple(_plain(cell) for cell in row) for row in rows)
        self._blocks.append(Table(told, tuple(columns), cells, totals, said, is_form))

    def chart(self, caption: tuple[str, str], unit: str, labels: Sequence[str], series: Sequence[Series]) -> None:
        """Add a chart of stacked columns."""
        self._blocks.append(Chart(self._figure(caption), unit, tuple(labels), tuple(series)))

    def diagram(self, caption: tuple[str, str], boundary: str, stages: Sequence[Stage]) -> None:
        """Add a picture of stages."""
        self._blocks.append(Diagram(self._figure(caption), boundary, tuple(stages)))

    def finished(self) -> tuple[Section, ...]:
        """Return the sections."""
        self._close()
        return tuple(self.sections)

    def say(self, zh: str, en: str) -> str:
        """Return the text in the language of the report."""
        return zh if self.language == "zh" else en

    def _close(self) -> None:
        if self._title:
            self.sections.append(Section(self._title, self._is_wide, tuple(self._blocks)))
        self._title, self._blocks = "", []

    def _figure(self, caption: tuple[str, str]) -> str:
        number = f"{len(self.sections) + 1}-{self._next('chart')}"
        return f"{self.say('图', 'Figure ')}{number}  {self.say(*caption)}"

    def _next(self, kind: str) -> int:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._counts[kind]


def printed(cell: Cell) -> str:
    """Return a cell as it is printed; an empty text stays empty, no value at all is a dash."""
    if isinstance(cell, Number):
        return cell.text
    return NOTHING if cell is None else cell


def _plain(cell: Cell) -> Cell:
    """Return a cell without the control characters that no office file can hold."""
    if not isinstance(cell, str):
        return cell
    return "".join(letter for letter in cell if letter in "\n\t" or category(letter) != "Cc")


def width(text: str) -> int:
    """Return how wide a text is, in widths of a digit: a Chinese character is two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _words(text: str) -> list[str]:
    """Return the parts of a text that a line does not break; two Chinese characters stay together at most."""
    spaced = "".join(f" {letter} " if east_asian_width(letter) in "WF" else letter for letter in text)
    return spaced.replace("-", "- ").split()
