"""Who may see what: roles, row rules with default deny, dashboard roles, people.

Whoever has none of the named roles gets the rule `1 = 0` on every mart. A named role lifts it and brings its own rule.
All rules of one reader are joined by OR (one group), so a reader of two plants sees both and nothing else.
"""

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.superset.facts import Facts
from scripts.superset.generate import identifier
from scripts.superset.specification import Specification

if TYPE_CHECKING:
    from flask_appbuilder.security.sqla.models import Role

GROUP = "nengtan rows"
VIEWER, MANAGER, ANALYST, OWNER = "Nengtan viewer", "Nengtan park manager", "Nengtan analyst", "Admin"
# What a reader of dashboards needs, and no more: no SQL, no explorer, no lists of databases or users.
READING = (
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_dashboard", "Superset"),
    ("can_dashboard_permalink", "Superset"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_write", "DashboardPermalinkRestApi"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_read", "Theme"),
    ("can_csv", "Superset"),
    ("can_export_data", "Superset"),
    ("can_log", "Superset"),
    ("can_language_pack", "Superset"),
    ("can_view_chart_as_table", "Dashboard"),
    ("can_drill", "Dashboard"),
    ("can_share_dashboard", "Superset"),
    ("can_time_range", "Api"),
    ("can_query_form_data", "Api"),
    ("can_read", "CurrentUserRestApi"),
    ("can_write", "CurrentUserRestApi"),
    ("can_read", "SecurityRestApi"),
    ("can_get", "MenuApi"),
    ("can_recent_activity", "Log"),
    ("can_samples", "Datasource"),
    ("can_get_column_values", "Datasource"),
    ("can_get_drill_info", "Dataset"),
    ("can_userinfo", "UserDBModelView"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("resetmypassword", "UserDBModelView"),
)


@dataclass(frozen=True)
class Person:
    """One account to start with."""

    username: str
    roles: tuple[str, ...]


def role_of(organization: str) -> str:
    """Name the role whose holders see one organisation's rows."""
    return f"Nengtan rows of {organization}"


def people(facts: Facts) -> list[Person]:
    """List the first accounts: one administrator, analyst and park manager, one viewer per organisation."""
    own = [
        Person(f"viewer_{organization}", (VIEWER, role_of(organization)))
        for organization in sorted(facts.organizations)
    ]
    return [
        Person("admin", (OWNER,)),
        Person("park_manager", (VIEWER, MANAGER)),
        Person("analyst", (VIEWER, ANALYST)),
        *own,
    ]


def grant(specification: Specification, facts: Facts) -> None:
    """Make the roles, the rules and the dashboards' roles what the specification and the site say."""
    from superset import security_manager as manager

    roles = {name: manager.add_role(name) for name in (VIEWER, MANAGER, ANALYST)}
    roles |= {role_of(name): manager.add_role(role_of(name)) for name in facts.organizations}
    _permit(roles[VIEWER], READING)
    roles[ANALYST].permissions = _analyst_permissions()
    _rules(specification, facts, roles | {OWNER: manager.find_role(OWNER)})
    _open_dashboards([roles[VIEWER], roles[MANAGER], roles[ANALYST]])


def enrol(facts: Facts) -> dict[str, str]:
    """Add the accounts that are missing; return the first password of each new one."""
    from superset import security_manager as manager

    fresh: dict[str, str] = {}
    for person in people(facts):
        if manager.find_user(person.username) is not None:
            continue
        password = secrets.token_urlsafe(12)
        roles = [manager.find_role(name) for name in person.roles]
        added = manager.add_user(
            person.username, person.username, "Nengtan", f"{person.username}@nengtan.invalid", roles, password
        )
        if not added:
            raise RuntimeError(f"the account {person.username} could not be added; see Superset's log")
        fresh[person.username] = password
    return fresh


def _permit(role: "Role", wanted: tuple[tuple[str, str], ...]) -> None:
    from superset import security_manager as manager

    found = [manager.find_permission_view_menu(permission, view) for permission, view in wanted]
    role.permissions = [permission for permission in found if permission is not None]


def _analyst_permissions() -> list[Any]:
    """An analyst explores and writes SQL on the marts, as Superset's Gamma and sql_lab do, on our database alone."""
    from superset import db
    from superset import security_manager as manager
    from superset.models.core import Database

    database = db.session.query(Database).filter_by(uuid=identifier("database")).one()
    permissions = {
        permission.id: permission for name in ("Gamma", "sql_lab") for permission in manager.find_role(name).permissions
    }
    access = manager.add_permission_view_menu("database_access", database.perm)
    return [*permissions.values(), access]


def _rules(specification: Specification, facts: Facts, roles: dict[str, Any]) -> None:
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable
    from superset.utils.core import RowLevelSecurityFilterType

    tables = {table.uuid: table for table in db.session.query(SqlaTable)}
    by_rows: dict[str, list[Any]] = {"organization": [], "site": [], "everyone": []}
    for mart, settings in specification.datasets.items():
        table = next((table for uuid, table in tables.items() if str(uuid) == identifier(f"dataset/{mart}")), None)
        if table is not None:
            by_rows[settings["rows"]].append(table)
    every = [table for group in by_rows.values() for table in group]
    own = [roles[role_of(organization)] for organization in facts.organizations]
    seers = [roles[MANAGER], roles[ANALYST], roles[OWNER]]
    wanted: dict[str, tuple[Any, str, list[Any], list[Any]]] = {
        "nengtan default deny": (RowLevelSecurityFilterType.BASE, "1 = 0", every, [*own, *seers]),
        "nengtan whole site": (RowLevelSecurityFilterType.REGULAR, "1 = 1", every, seers),
        "nengtan site only": (RowLevelSecurityFilterType.REGULAR, "1 = 0", by_rows["site"], own),
        "nengtan everyone": (RowLevelSecurityFilterType.REGULAR, "1 = 1", by_rows["everyone"], own),
    }
    for organization, members in facts.organizations.items():
        clause = f"organization_id in ({', '.join(_literal(member) for member in members)})"
        mine = [roles[role_of(organization)]]
        wanted[f"nengtan rows of {organization}"] = (
            RowLevelSecurityFilterType.REGULAR,
            clause,
            by_rows["organization"],
            mine,
        )
    for old in db.session.query(RowLevelSecurityFilter).filter(RowLevelSecurityFilter.name.like("nengtan %")):
        if old.name not in wanted:
            db.session.delete(old)
    for name, (kind, clause, rule_tables, rule_roles) in wanted.items():
        rule = db.session.query(RowLevelSecurityFilter).filter_by(name=name).one_or_none()
        if rule is None:
            rule = RowLevelSecurityFilter(name=name)
            db.session.add(rule)
        rule.filter_type, rule.clause, rule.group_key = kind, clause, GROUP
        rule.tables, rule.roles = rule_tables, rule_roles
    db.session.commit()


def _literal(organization: str) -> str:
    """Quote an identifier for a rule; one that could break out of the quotes is refused."""
    if not re.fullmatch(r"[\w.\-]+", organization):
        raise ValueError(f"organization_id {organization!r}: a row rule needs letters, digits, '_', '-' or '.' only")
    return f"'{organization}'"


def _open_dashboards(roles: list[Any]) -> None:
    from superset import db
    from superset.models.dashboard import Dashboard

    for dashboard in db.session.query(Dashboard).filter_by(is_managed_externally=True):
        dashboard.roles = roles
    db.session.commit()
