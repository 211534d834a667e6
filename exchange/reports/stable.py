"""Office files whose bytes say what is in them and not when they were written."""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_CREATED = re.compile(rb"<dcterms:created[^>]*>([^<]*)</dcterms:created>")


def packed(file: bytes) -> bytes:
    """Pack an office file again: no times of its members, and changed when it was made."""
    packed_again = BytesIO()
    with ZipFile(BytesIO(file)) as read, ZipFile(packed_again, "w", ZIP_DEFLATED) as write:
        for name in read.namelist():
            content = read.read(name)
            if name == "docProps/core.xml" and (made := _CREATED.search(content)):
                content = _MODIFIED.sub(rb"\g<1>" + made[1] + rb"\g<2>", content)
            member = ZipInfo(name, _EPOCH)
            member.compress_type = ZIP_DEFLATED
            write.writestr(member, content)
    return packed_again.getvalue()
