"""What dbt makes of the models: one SQL statement each, kept while the code and the site's variables are the same.

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
    file = _file(project, lasting)
    kept = _read(file)
    whole = models.by_name.keys() if variables["whole"] == "all" else variables["whole"]
    wanted = {name: _key(models.by_name[name], whole) for name in names}
    if not kept.keys() >= set(wanted.values()):
        kept |= _compiled(project, models, lasting, whole)
        _write(file, kept)
    listed = ", ".join(f"date '{month}'" for month in variables["months"])
    return {name: kept[key].replace(_PLACEHOLDER, listed or _PLACEHOLDER) for name, key in wanted.items()}


def _key(model: Model, whole: Whole) -> str:
    """Return a model's name with what its SQL depends on: whether it, and others that it names, yield everything."""
    asked = {model.name, *_NAMED.findall(model.code)} if _ASKS in model.code else set()
    return " ".join([model.name, *sorted(asked.intersection(whole))])


def _compiled(project: Path, models: Models, lasting: Mapping[str, Any], whole: Whole) -> dict[str, str]:
    """Let dbt make the SQL of every model for this run and for the other kinds of run, while it is loaded anyway."""
    found: dict[str, str] = {}
    for kind in _kinds(models, whole):
        keys = {name: _key(model, kind) for name, model in models.by_name.items()}
        missing = [name for name, key in keys.items() if key not in found]
        if missing:
            made = dbt.compiled(project, missing, {**lasting, "whole": sorted(kind), "months": [_NO_MONTH]})
            found |= {keys[name]: sql for name, sql in made.items()}
    return found


def _kinds(models: Models, whole: Whole) -> Iterable[Whole]:
    """Return the kinds of run: this one, everything, by worklist, and all but a mart that others ask about."""
    yield whole
    yield models.by_name.keys()
    yield ()
    for name in sorted({name for model in models.by_name.values() for name in _NAMED.findall(model.code)}):
        yield models.by_name.keys() - models.behind([name])


def _file(project: Path, lasting: Mapping[str, Any]) -> Path:
    text = json.dumps(lasting, sort_keys=True)
    return dbt.shelf(project) / f"statements-{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"


def _read(file: Path) -> dict[str, str]:
    """Return what is kept; nothing where the file is not there or was cut off."""
    try:
        found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found


def _write(file: Path, kept: Mapping[str, str]) -> None:
    incoming = file.with_suffix(f".{os.getpid()}.incoming")
    incoming.write_text(json.dumps(kept), encoding="utf-8")
    incoming.replace(file)
