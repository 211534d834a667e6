"""Three administrators, three persons: who keeps accounts, who keeps what protects them, who reads what all have done.

GB/T 22239, level 3, parts system, security and audit administration (recalled).
"""

from datetime import date

from lake.site.csv_file import CsvFile

ADMINISTRATORS = ("administer", "secure", "audit")


def check(roles: CsvFile) -> None:
    """Name each row of roles.csv that gives somebody a second one of the three while the first holds."""
    held: dict[str, list[tuple[int, str, date, date]]] = {}
    columns = ("row", "person_id", "role", "valid_from", "valid_to")
    for row, person, role, begins, ends in roles.frame().select(columns).iter_rows():
        if person is None or role not in ADMINISTRATORS:
            continue
        span = begins or date.min, ends or date.max
        for other_row, other, other_begins, other_ends in held.get(person, ()):
            if other != role and span[0] < other_ends and other_begins < span[1]:
                where = f"line {roles.lines[other_row]}"
                roles.fault(row, "role", f"{role!r} is held with {other!r} of {where}, allowed: another person")
                break
        held.setdefault(person, []).append((row, role, *span))
