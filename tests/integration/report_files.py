"""What files of a report say, read by other programs: Word's XML, Excel's cells, the text of a PDF."""

import re
import subprocess
from collections import Counter
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import docx
import openpyxl

from tests.integration import peers

_NUMBER = re.compile(r"(?<![\w.,-])-?\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w,])")
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_SECONDS = 300


def numbers(text: str) -> Counter[str]:
    """Count the figures of a text."""
    return Counter(_NUMBER.findall(text))


def pdf_text(file: Path) -> str:
    """Return what a PDF says, line by line as it stands on the page."""
    told = subprocess.run(
        [peers.program("pdftotext"), "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    return told.stdout


def word_tables(file: Path) -> list[list[tuple[str, ...]]]:
    """Return the tables of a DOCX file, the one on its cover aside, without their header rows."""
    read = docx.Document(str(file)).tables[1:]
    return [[tuple(cell.text for cell in row.cells) for row in table.rows[1:]] for table in read]


def word_text(file: Path) -> str:
    """Return all that a DOCX file says outside of tables."""
    return "\n".join(paragraph.text for paragraph in docx.Document(str(file)).paragraphs)


def sheets(file: Path) -> dict[str, list[list[object]]]:
    """Return the cells of every sheet of an XLSX file."""
    book = openpyxl.load_workbook(file)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets}


def faults(file: Path) -> list[str]:
    """Return what is wrong with an office file as a package: parts that are no XML, and relations that lead nowhere."""
    found = []
    with ZipFile(BytesIO(file.read_bytes())) as package:
        names = set(package.namelist())
        for name in sorted(names):
            if not name.endswith((".xml", ".rels")):
                continue
            root = ElementTree.fromstring(package.read(name))
            if name.endswith(".rels"):
                base = Path(name).parent.parent
                for relation in root.iter(_PACKAGE):
                    target = relation.get("Target", "")
                    path = target.lstrip("/") if target.startswith("/") else _joined(base, target)
                    if relation.get("TargetMode") != "External" and path not in names:
                        found.append(f"{name}: {target}")
    return found


def opened_by_office(files: list[Path], folder: Path) -> dict[Path, str]:
    """Let LibreOffice open each file and print it; return what the prints say. One start for all of them."""
    own = f"-env:UserInstallation=file://{folder / 'profile'}"
    asked = ["--headless", "--convert-to", "pdf", "--outdir", str(folder), *(str(file) for file in files)]
    subprocess.run([peers.program("soffice"), own, *asked], capture_output=True, check=True, timeout=_SECONDS)
    return {file: pdf_text(folder / f"{file.stem}.pdf") for file in files}


def _joined(base: Path, target: str) -> str:
    parts: list[str] = []
    for part in (base / target).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
