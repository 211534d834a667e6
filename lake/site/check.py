"""Checks a site folder and lists every fault in it at once."""

from collections.abc import Mapping
from pathlib import Path

from lake.site import survey
from lake.site.fault import Fault

__all__ = ["Fault", "check_site"]


def check_site(path: Path | str, env: Mapping[str, str]) -> list[Fault]:
    """Return every fault of a site folder and of its method packages, by file and line; none means it can be run."""
    read = survey.survey(Path(path), env)
    return [*read.faults, *read.methods.faults]
