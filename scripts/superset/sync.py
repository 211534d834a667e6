"""Bring Superset's own database to what git says: themes, assets, and no managed asset that git no longer has."""

import json
from typing import Any

from scripts.superset import appearance, generate
from scripts.superset.parts import Parts


def bring(files: dict[str, Parts]) -> list[str]:
    """Import every file and remove what is managed but gone; return the removed names."""
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    themes = _themes()
    contents: dict[str, str] = {}
    for path, content in files.items():
        wanted = dict(content)
        if "theme_uuid" in wanted:
            wanted["theme_id"] = themes[wanted.pop("theme_uuid")]
        contents[path] = json.dumps(wanted, ensure_ascii=False)  # JSON is YAML
    ImportAssetsCommand(contents).run()
    return _prune(files)


def _themes() -> dict[str, int]:
    from superset import db
    from superset.models.core import Theme

    found: dict[str, int] = {}
    for name in generate.THEMES:
        uuid = generate.identifier(f"theme/{name}")
        theme = db.session.query(Theme).filter_by(uuid=uuid).one_or_none()
        if theme is None:
            theme = Theme(uuid=uuid)
            db.session.add(theme)
        theme.theme_name = f"Nengtan {name}"
        theme.json_data = json.dumps(appearance.theme(name))
        db.session.flush()
        found[uuid] = theme.id
    db.session.commit()
    return found


def _prune(files: dict[str, Parts]) -> list[str]:
    """Delete managed assets that git no longer has, dashboards before charts before datasets."""
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    removed: list[str] = []
    models: list[tuple[str, Any]] = [("dashboards", Dashboard), ("charts", Slice), ("datasets", SqlaTable)]
    for kind, model in models:
        wanted = generate.identifiers(files, kind)
        for asset in db.session.query(model).filter_by(is_managed_externally=True):
            if str(asset.uuid) not in wanted:
                removed.append(f"{kind}: {asset}")
                db.session.delete(asset)
    db.session.commit()
    return removed
