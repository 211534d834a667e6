"""What a package says of itself: its metadata, out of a wheel, a source archive or an environment."""

import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

#: No answer of the package; somebody has to look.
UNSAID = "not said"
_LONGEST = 100


def of_file(path: Path) -> Message:
    """Return the metadata of a wheel or of a source archive.

    Raises ValueError where the file holds none.
    """
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            names = [name for name in wheel.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA")]
            if len(names) == 1:
                return _parsed(wheel.read(names[0]))
    elif path.name.endswith((".tar.gz", ".tgz")):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name.count("/") == 1 else None
                if content is not None and member.name.endswith("/PKG-INFO"):
                    return _parsed(content.read())
    raise ValueError(f"{path}: no metadata of a package in it")


def of_environment(folder: Path) -> Iterator[Message]:
    """Yield the metadata of what is installed in an environment."""
    for path in sorted(folder.glob("lib/python*/site-packages/*.dist-info/METADATA")):
        yield _parsed(path.read_bytes())


def licence(metadata: Message) -> str:
    """Return the licence that the package names, in its own words: an SPDX expression, else classifiers, else text."""
    expression = metadata.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [str(line).split(" :: ") for line in metadata.get_all("Classifier", [])]
    named = [parts[-1] for parts in classifiers if parts[0] == "License" and parts[-1] != "OSI Approved"]
    if named:
        return "; ".join(dict.fromkeys(named))
    text = str(metadata.get("License") or "").strip().splitlines()
    return text[0].strip()[:_LONGEST] if text else UNSAID


def _parsed(content: bytes) -> Message:
    return HeaderParser().parsestr(content.decode("utf-8"))
