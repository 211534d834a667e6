"""Reports for Word: real styles and levels of headings, a table of contents that Word fills, header rows."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from exchange.reports import pdf, stable
from exchange.reports.document import (
    LINE,
    WIDE_LINE,
    Block,
    Chart,
    Diagram,
    Document,
    Heading,
    Lines,
    Section,
    Table,
    Text,
)

if TYPE_CHECKING:
    from docx.document import Document as Word

_INK = "12344D"
_SHADE = "E8EEF3"
#: Fonts of each language's own letters and of Chinese: those that an office in China has.
_BODY, _HEADS = ("Times New Roman", "宋体"), ("Arial", "黑体")
_SIZES = {"Normal": 10.5, "Title": 24, "Heading 1": 15, "Heading 2": 12, "Caption": 9}
_SMALL, _TABLE, _WIDE = 8.5, 8.5, 7.5
#: Beside the text of a cell, in twentieths of a point.
_BESIDE = 45


def written(document: Document) -> bytes:
    """Return the report as a DOCX file; the same document gives the same bytes."""
    import docx

    word = docx.Document()
    _properties(word, document)
    _styles(word)
    _page(word.sections[0], is_wide=False)
    _cover(word, document)
    _contents(word, document)
    is_wide = False
    for number, section in enumerate(document.sections):
        if section.is_wide != is_wide:
            _page(word.add_section(), is_wide=section.is_wide)
        elif number == 0 or section.is_wide:
            word.add_page_break()  # type: ignore[no-untyped-call]
        is_wide = section.is_wide
        _section(word, document, section)
    _edges(word, document)
    file = BytesIO()
    word.save(file)
    return stable.packed(file.getvalue())


def _properties(word: "Word", document: Document) -> None:
    made = datetime.fromisoformat(document.made_at)
    core = word.core_properties
    core.title, core.subject, core.author = document.title, document.subtitle, document.owner
    core.comments, core.language = document.mark, "zh-CN" if document.language == "zh" else "en-GB"
    core.created = core.modified = made
    core.last_modified_by, core.revision = "", 1


def _styles(word: "Word") -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for name, size in _SIZES.items():
        style = word.styles[name]
        latin, chinese = _BODY if name == "Normal" else _HEADS
        style.font.name, style.font.size, style.font.bold = latin, Pt(size), name.startswith("Heading")
        style.font.italic = False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), chinese)
        if name != "Normal":
            style.paragraph_format.keep_with_next = True
            style.font.color.rgb = RGBColor.from_string(_INK)
    for language in word.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    word.styles["Normal"].paragraph_format.space_after = Pt(5)
    word.styles["Caption"].paragraph_format.space_before = Pt(6)
    word.styles["Caption"].paragraph_format.space_after = Pt(3)


def _page(section: Any, *, is_wide: bool) -> None:  # noqa: ANN401 - python-docx's section
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    across, down = (Mm(297), Mm(210)) if is_wide else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = across, down
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(24), Mm(20)


def _cover(word: "Word", document: Document) -> None:
    from docx.shared import Pt

    word.add_paragraph(document.title, style="Title").paragraph_format.space_before = Pt(90)
    for text, size in ((document.owner, 16), (document.subtitle, 14)):
        word.add_paragraph().add_run(text).font.size = Pt(size)
    rows = [[*fact] for fact in document.facts]
    _grid(word, rows, [9, 30], size=9.5, strong=frozenset(), numbers=[False, False], header=None)
    for remark in document.remarks:
        paragraph = word.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(8)
        run = paragraph.add_run(remark)
        run.font.size, run.font.bold = Pt(9.5), True


def _contents(word: "Word", document: Document) -> None:
    """Add the field of the contents; Word fills it when it opens the file, until then it lists the headings."""
    from docx.shared import Mm

    word.add_page_break()  # type: ignore[no-untyped-call]
    title = word.add_paragraph(style="Title")
    title.add_run("目录" if document.language == "zh" else "Contents").font.size = None
    listed = [
        (0 if section.title == text else 1, text)
        for section in document.sections
        for text in (section.title, *(block.text for block in section.blocks if isinstance(block, Heading)))
    ]
    paragraph = None
    for number, (level, text) in enumerate(listed):
        paragraph = word.add_paragraph()
        paragraph.paragraph_format.left_indent = Mm(6 * level)
        paragraph.paragraph_format.space_after = 0
        if number == 0:
            _field_part(paragraph.add_run(), "begin", is_dirty=True)
            _instruction(paragraph.add_run(), 'TOC \\o "1-2" \\h \\z \\u')
            _field_part(paragraph.add_run(), "separate")
        paragraph.add_run(text)
    if paragraph is not None:
        _field_part(paragraph.add_run(), "end")


def _section(word: "Word", document: Document, section: Section) -> None:
    word.add_heading(section.title, level=1)
    for block in section.blocks:
        _block(word, document, block, is_wide=section.is_wide)


def _block(word: "Word", document: Document, block: Block, *, is_wide: bool) -> None:
    from docx.shared import Mm, Pt

    match block:
        case Heading():
            word.add_heading(block.text, level=2)
        case Text():
            run = word.add_paragraph().add_run(block.text)
            run.font.size = Pt(_SMALL) if block.is_note else None
        case Lines():
            run = word.add_paragraph().add_run(block.text)
            run.font.name, run.font.size = "Courier New", Pt(7.5)
        case Chart():
            word.add_paragraph(f"{block.caption} ({block.unit})", style="Caption")
            word.add_picture(BytesIO(pdf.drawn(document, block)), width=Mm(165))
        case Diagram():
            word.add_paragraph(block.caption, style="Caption")
            word.add_picture(BytesIO(pdf.drawn(document, block)), width=Mm(165))
        case Table():
            _table(word, block, is_wide=is_wide)


def _table(word: "Word", table: Table, *, is_wide: bool) -> None:
    from docx.shared import Pt

    word.add_paragraph(table.caption, style="Caption")
    header = [f"{column.title}\n{column.unit}" if column.unit else column.title for column in table.columns]
    _grid(
        word,
        [[*row] for row in table.texts()],
        table.widths(WIDE_LINE if is_wide else LINE),
        size=_WIDE if is_wide else _TABLE,
        strong=table.strong,
        numbers=[column.is_number for column in table.columns],
        header=header,
        is_form=table.is_form,
        is_kept=table.is_kept,
    )
    for note in table.notes:
        word.add_paragraph().add_run(note).font.size = Pt(_SMALL)
    if not table.notes:
        word.add_paragraph().paragraph_format.space_after = Pt(0)


def _grid(  # noqa: PLR0913 - how a table looks
    word: "Word",
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    size: float,
    strong: frozenset[int],
    numbers: Sequence[bool],
    header: Sequence[str] | None,
    is_form: bool = False,
    is_kept: bool = True,
) -> None:
    from docx.shared import Mm

    page = word.sections[-1]
    whole = (page.page_width or 0) - (page.left_margin or 0) - (page.right_margin or 0)
    shares = [int(whole * width / sum(widths)) for width in widths]
    told = [*([header] if header else []), *rows]
    table = word.add_table(rows=len(told), cols=len(widths), style="Table Grid" if header else None)
    table.autofit = False
    _narrow(table)
    for column, share in zip(table.columns, shares, strict=True):
        column.width = share
    for number, (row, texts) in enumerate(zip(table.rows, told, strict=True)):
        is_header = header is not None and number == 0
        is_strong = number - bool(header) in strong
        _whole_row(row, is_header=is_header)
        if is_form and not is_header:
            row.height = Mm(11)
        stays = is_header or (is_kept and number < len(told) - 1)
        for cell, text, share, is_number in zip(row.cells, texts, shares, numbers, strict=True):
            cell.width = share
            _write(cell, text, size, is_right=is_number, is_bold=is_header or is_strong)
            cell.paragraphs[0].paragraph_format.keep_with_next = stays or None


def _narrow(table: Any) -> None:  # noqa: ANN401 - python-docx's table
    """Leave as little beside the text of a cell as the widths of the columns reckon with."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(_BESIDE))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = table._tbl.tblPr
    looks = properties.find(qn("w:tblLook"))
    if looks is None:
        properties.append(margins)
    else:
        looks.addprevious(margins)


def _whole_row(row: Any, *, is_header: bool) -> None:  # noqa: ANN401 - python-docx's row
    """Keep a row on one page, and repeat the header on each."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = row._tr.get_or_add_trPr()
    for name in ("cantSplit", *(["tblHeader"] if is_header else [])):
        element = OxmlElement(f"w:{name}")
        element.set(qn("w:val"), "true")
        properties.append(element)


def _write(cell: Any, text: str, size: float, *, is_right: bool, is_bold: bool) -> None:  # noqa: ANN401
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if is_right else WD_ALIGN_PARAGRAPH.LEFT
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), is_bold or None
    if is_bold:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)


def _edges(word: "Word", document: Document) -> None:
    """Write header and footer once; the sections that follow take those of the first."""
    from docx.shared import Pt

    first = word.sections[0]
    head = first.header.paragraphs[0]
    head.add_run(f"{document.title}    {document.owner} · {document.subtitle}").font.size = Pt(8)
    foot = first.footer.paragraphs[0]
    foot.add_run(f"{document.mark}    ").font.size = Pt(8)
    for name, after in (("PAGE", " / "), ("NUMPAGES", "")):
        for part in ("begin", name, "separate", "1", "end"):
            run = foot.add_run()
            run.font.size = Pt(8)
            if part in ("begin", "separate", "end"):
                _field_part(run, part)
            elif part == name:
                _instruction(run, name)
            else:
                run.text = part
        foot.add_run(after).font.size = Pt(8)


def _field_part(run: Any, kind: str, *, is_dirty: bool = False) -> None:  # noqa: ANN401 - python-docx's run
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    part = OxmlElement("w:fldChar")
    part.set(qn("w:fldCharType"), kind)
    if is_dirty:
        part.set(qn("w:dirty"), "true")
    run._r.append(part)


def _instruction(run: Any, text: str) -> None:  # noqa: ANN401 - python-docx's run
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    told = OxmlElement("w:instrText")
    told.set(qn("xml:space"), "preserve")
    told.text = f" {text} "
    run._r.append(told)
