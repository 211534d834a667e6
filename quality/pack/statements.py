"""The methods of a pack: the very statements that made the published marts, as plain DuckDB SQL, in their order."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lake import build, models, statements
from lake.engine import connected
from lake.errors import LakeError
from lake.models import Model, Models
from quality.pack import asked as asked_for
from quality.pack.asked import Asked
from quality.pack.verifier.opened import Fault, Verdict

#: Whose statements are wanted, with those of all that they are made from.
_WANTED = ("emissions_monthly", "inventory_annual", "park_balance_monthly", "comprehensive_annual")
_DATABASE = re.compile(r'"build"\.(?=")')
_REFERRED = re.compile(r'"ref"\."(\w+)"')
_OWN = Path(__file__).parent / "sql"


def of(asked: Asked, decided: Mapping[str, Any]) -> dict[str, str]:
    """Return the statements by their member's name; raises LakeError where the published marts are of other code."""
    if models.read(asked.project).code_hash != asked.published.code_hash:
        raise LakeError("the marts were published by another version of the methods; run the site, then ask again")
    return made(asked.project, decided)


def made(project: Path, decided: Mapping[str, Any]) -> dict[str, str]:
    """Return what a project's methods are with these variables."""
    found = models.read(project)
    order = _order(found)
    texts = statements.of(project, found, [model.name for model in order], decided)
    return {_name(place, one): _made(one, texts[one.name]) for place, one in enumerate(order, start=1)} | own()


def variables(asked: Asked) -> Mapping[str, Any]:
    """Return what the statements of a run over everything were made with."""
    with connected() as con:
        con.register("said", asked.thing("tariffs"))
        con.execute("create schema ref; create view ref.tariffs as select * from said")
        return asked_for.variables(asked, build.price_minutes(con))


def others(project: Path, verdict: Verdict, texts: Mapping[str, str]) -> list[Fault] | None:
    """Compare a pack's statements with those of this project; None where the project is of another version.

    A pack can agree with itself and reckon by methods of its own: its signature says who did, not that they are right.
    """
    said = verdict.manifest
    if not said or said["publication"]["code_hash"] != models.read(project).code_hash:
        return None
    ours = made(project, said["variables"])
    return [
        Fault(name, "is not the statement that this version of the methods has")
        for name in sorted(ours.keys() | texts.keys())
        if ours.get(name) != texts.get(name)
    ]


def own() -> dict[str, str]:
    """Return the statements that stand beside the models: totals, and checks that give the rows that do not hold."""
    return {f"sql/{path.name}": path.read_text(encoding="utf-8") for path in sorted(_OWN.glob("*.sql"))}


def things(texts: Mapping[str, str]) -> list[str]:
    """Return the tables of the site and of the library that statements read."""
    return sorted({name for text in texts.values() for name in _REFERRED.findall(text)})


def _order(found: Models) -> list[Model]:
    wanted, open_names = set[str](), list(_WANTED)
    while open_names:
        name = open_names.pop()
        if name not in wanted:
            wanted.add(name)
            open_names += found.by_name[name].parents
    return [model for model in found.order if model.name in wanted]


def _name(place: int, model: Model) -> str:
    return f"sql/{place:03d}_{model.relation}.sql"


def _made(model: Model, text: str) -> str:
    kind = "view" if model.is_view else "table"
    return f"create {kind} {model.quoted} as (\n{_DATABASE.sub('', text).strip()}\n);\n"
