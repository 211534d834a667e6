"""suppliers.csv, customers.csv and customer_grants.csv: how partners are reached, and who may see what.

A secret stands in the environment and is named here as `${NAME}`; no fault repeats what was written in its place.
"""

import re
from collections.abc import Mapping

import polars as pl

from lake.site.csv_file import CsvFile
from lake.site.fault import nearest

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ADDRESS = re.compile(r"https://[^\s@/?#]+(?:/[^\s@?#]*)?")
#: Of each file: the column of the client id that goes with a secret.
_SECRETS = {
    "suppliers": ("client_id", "client_secret"),
    "customers": ("outbound_client_id", "outbound_client_secret"),
}


def secret_of(cell: str | None, env: Mapping[str, str]) -> str | None:
    """Return the value of a cell such as ${NAME} from the environment; None where it is empty or not set there."""
    named = _VARIABLE.fullmatch(cell or "")
    return env.get(named[1]) if named else None


def check(files: dict[str, CsvFile]) -> None:
    """Check the partners beside the products that are granted to them."""
    for name, columns in _SECRETS.items():
        _check_reached(files[name], *columns)
    _check_clients(files["customers"], "client_id")
    _check_clients(files["suppliers"], "inbound_client_id")
    _check_grants(files["customer_grants"], files["products"])


def _check_reached(file: CsvFile, client: str, secret: str) -> None:
    """An interface has its version, an address by HTTPS, and a client with a secret that is not written out."""
    for row in file.frame().iter_rows(named=True):
        for column in ("pact_url", "auth_url"):
            if row[column] is not None and not _ADDRESS.fullmatch(row[column]):
                message = "is no address without a name in it, allowed: https://host/path"
                file.fault(row["row"], column, message)
        if row[secret] is not None and not _VARIABLE.fullmatch(row[secret]):
            wanted = re.sub(r"\W+", "_", f"{row[file.spec.key[0]] or 'partner'}_secret").upper()
            file.fault(
                row["row"],
                secret,
                f"a secret is written out, allowed: ${{{wanted}}}, with {wanted} set in the environment",
            )
        needed = {
            "pact_url": row["pact_version"],
            "pact_version": row["pact_url"],
            secret: row[client],
            client: row[secret],
        }
        for column, other in needed.items():
            if row[column] is None and other is not None:
                goes_with = {"pact_url": "pact_version", "pact_version": "pact_url", secret: client, client: secret}[
                    column
                ]
                file.fault(row["row"], column, f"is empty, {goes_with} is given and needs it")


def _check_clients(file: CsvFile, column: str) -> None:
    """A client id opens one partner's door."""
    rows = file.frame().drop_nulls(column).with_columns(first=pl.col("row").first().over(column))
    for row, first, value in rows.filter(pl.col("row") != pl.col("first")).select("row", "first", column).iter_rows():
        file.fault(row, column, f"{value!r} repeats line {file.lines[first]}, each client once")


def _check_grants(file: CsvFile, products: CsvFile) -> None:
    if "product_id" not in products.table.column_names:
        return
    known = set(products.frame()["product_id"].drop_nulls().to_list())
    for row, product in file.frame().select("row", "product_id").drop_nulls().iter_rows():
        if product not in known:
            message = f"{product!r} is not in products.csv{nearest(product, known)}, allowed: an id of products.csv"
            file.fault(row, "product_id", message)
