"""What dbt makes of the models: one SQL statement each, kept while its code and the variables it names are the same.

dbt turns a model's text into SQL once; runs take the SQL from here and do not load dbt (ADR 18). What each run decides
stands in the kept SQL as a placeholder.
"""

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lake import project as dbt
from lake.models import Model, Models

#: What each run decides. No other variable may be another in the next run of the same site.
OF_EACH_RUN = ("run_id", "months", "newest_days_from", "whole")
_NO_MONTH = "0099-09-01"
_PLACEHOLDER = f"date '{_NO_MONTH}'"
_NAMED = re.compile(r"rebuilds_whole\([\"'](\w+)[\"']\)")
_ASKS = "rebuilds_whole"

Whole = Collection[str]


def of(project: Path, models: Models, names: Sequence[str], variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the SQL of these models for a run with these variables; `whole` names those that have to yield all."""
    lasting = {name: value for name, value in sorted(variables.items()) if name not in OF_EACH_RUN}
    shelf = dbt.shelf(project) / "statements"
    whole = models.by_name.keys() if variables["whole"] == "all" else variables["whole"]
    wanted = {name: _key(models.by_name[name], lasting, whole) for name in names}
    kept = {key: found for key in wanted.values() if (found := _read(shelf / key)) is not None}
    if len(kept) < len(wanted):
        kept |= _compiled(project, models, lasting, whole, shelf)
    listed = ", ".join(f"date '{month}'" for month in variables["months"])
    return {name: kept[key].replace(_PLACEHOLDER, listed or _PLACEHOLDER) for name, key in wanted.items()}


def _key(model: Model, lasting: Mapping[str, Any], whole: Whole) -> str:
    """Return a model's name with what its SQL depends on: variables that it names, and who yields everything.

    That is the model itself and others that it asks about.
    """
    asked = {model.name, *_NAMED.findall(model.code)} if _ASKS in model.code else set()
    named = {name: value for name, value in lasting.items() if name in model.code}
    text = json.dumps([sorted(asked.intersection(whole)), named], sort_keys=True)
    return f"{model.name}-{hashlib.sha256(text.encode()).hexdigest()[:32]}.sql"


def _compiled(project: Path, models: Models, lasting: Mapping[str, Any], whole: Whole, shelf: Path) -> dict[str, str]:
    """Let dbt make the SQL that is not kept, for this run and for the other kinds of run, while it is loaded anyway."""
    found: dict[str, str] = {}
    for kind in _kinds(models, whole):
        keys = {name: _key(model, lasting, kind) for name, model in models.by_name.items()}
        missing = [name for name, key in keys.items() if key not in found and not (shelf / key).exists()]
        if missing:
            made = dbt.compiled(project, missing, {**lasting, "whole": sorted(kind), "months": [_NO_MONTH]})
            found |= {keys[name]: sql for name, sql in made.items()}
    shelf.mkdir(exist_ok=True)
    for key, sql in found.items():
        _write(shelf / key, sql)
    return found


def _kinds(models: Models, whole: Whole) -> Iterable[Whole]:
    """Return the kinds of run: this one, everything, by worklist, and all but a mart that others ask about."""
    yield whole
    yield models.by_name.keys()
    yield ()
    for name in sorted({name for model in models.by_name.values() for name in _NAMED.findall(model.code)}):
        yield models.by_name.keys() - models.behind([name])


def _read(file: Path) -> str | None:
    """Return what is kept; None where nothing is."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _write(file: Path, sql: str) -> None:
    incoming = file.with_suffix(f".{os.getpid()}.incoming")
    incoming.write_text(sql, encoding="utf-8")
    incoming.replace(file)
