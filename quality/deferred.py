"""Postpones libraries that another one names as it is imported and that nothing we ask of it needs."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader, find_spec
from types import ModuleType


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Let an import of one of these modules only note it: it is loaded when something of it is first looked at."""
    finder = _Finder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Finds what the other finders find, with a loader that waits."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names, self._looking_for = frozenset(names), ""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._names or fullname == self._looking_for:
            return None
        self._looking_for = fullname
        try:
            spec = find_spec(fullname)
        finally:
            self._looking_for = ""
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
