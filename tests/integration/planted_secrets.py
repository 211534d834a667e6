"""A site whose every connection has a secret in the environment, and a look for these secrets in whatever was left."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.settings import ROOT

STARTER = ROOT / "pipelines/cli/starter"
#: What the environment says; each is found nowhere else. In some are letters that JSON and addresses spell otherwise.
SECRETS = {
    name: f"pl4nted-{name.lower().replace('_', '-')}-{mark}"
    for name, mark in (
        *(("REST_PASSWORD", "s3cret"), ("REST_TOKEN", "s3cret"), ("REST_BEARER", 'q"uote'), ("SQL_PASSWORD", "s3cret")),
        *(("BROKER_PASSWORD", "密钥"), ("OIDC_SECRET", "s3cret"), ("UPLINK_TOKEN", "back\\slash")),
        *(("MAIL_PASSWORD", "s3cret"), ("SUPPLIER_SECRET", "s3cret"), ("CUSTOMER_SECRET", "s3cret")),
    )
}
FILES = {
    "sources.yaml": """
  mes: {{kind: rest, url: "http://u:${{REST_PASSWORD}}@127.0.0.1:{port}/api?access_token=${{REST_TOKEN}}",
        token: "${{REST_BEARER}}", mapping: {{}}}}
  books: {{kind: sql, url: "postgresql+psycopg://u:${{SQL_PASSWORD}}@127.0.0.1:{port}/d", query: select 1, cursor: id}}
  broker: {{kind: mqtt, url: "mqtt://127.0.0.1:{port}", username: u, password: "${{BROKER_PASSWORD}}", topics: [t],
           mapping: {{device: $.d}}}}
  forms:
    kind: form
    oidc: {{issuer: "https://127.0.0.1:{port}", client_id: nengtan, client_secret: "${{OIDC_SECRET}}"}}
""",
    "uplinks.yaml": """uplinks:
  province: {{url: "https://127.0.0.1:{port}/in", token: "${{UPLINK_TOKEN}}", first_retry_seconds: 1, messages: {{m: {{
    query: select 1 as a, key: [a], template: {{a: "{{a}}"}}}}}}}}
""",
    "notices.yaml": """channels:
  mail: {{url: "mailtos://u:${{MAIL_PASSWORD}}@127.0.0.1:{port}?to={{email}}", suppliers: true}}
""",
    "suppliers.csv": "supplier_id,name_zh,name_en,contact,email,language,pact_url,client_id,client_secret,"
    "pact_version\n"
    "lime,石灰厂,Lime,w,w@example.com,zh,https://127.0.0.1:{port},us,${{SUPPLIER_SECRET}},3\n",
    "supplier_materials.csv": "supplier_id,material,organization_id,name_zh,name_en,unit,penalty_ratio,share,"
    "product_identifier,source\nlime,lime,plant,石灰,Lime,t,0.2,1,urn:x:1,letter\n",
    "customers.csv": "customer_id,name_zh,name_en,pact_url,outbound_client_id,outbound_client_secret,pact_version\n"
    "buyer,买方,Buyer,https://127.0.0.1:{port},us,${{CUSTOMER_SECRET}},3\n",
}


def site(folder: Path, port: int) -> Path:
    """Write the site; what it connects to is at a port of this machine."""
    shutil.copytree(STARTER, folder)
    for name, text in FILES.items():
        before = (folder / name).read_text("utf-8") if name == "sources.yaml" else ""
        (folder / name).write_text(before + text.format(port=port).lstrip("\n"), encoding="utf-8")
    return folder


def spellings() -> set[str]:
    """Every secret as it stands, and as JSON and addresses spell it."""
    found = set()
    for secret in SECRETS.values():
        found |= {secret, json.dumps(secret)[1:-1], secret.encode("unicode_escape").decode()}
    return found


def found_in(text: str) -> set[str]:
    """The secrets that a text repeats."""
    return {secret for secret in spellings() if secret in text}


def left_behind(*folders: Path) -> tuple[dict[str, set[str]], int]:
    """Look into every file: which secrets stand where, and how many files were looked into.

    Tables are read as tables, because their files are compressed; of SQLite the rows and the bytes.
    """
    told, count = {}, 0
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                count += 1
                said = set().union(*(found_in(text) for text in _texts(path)))
                if said:
                    told[str(path.relative_to(folder))] = said
    return told, count


def _texts(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    yield content.decode("utf-8", errors="replace")
    if content.startswith(b"PAR1"):
        yield str(pq.read_table(path).to_pylist())
    if content.startswith(b"SQLite format 3"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            yield "\n".join(connection.iterdump())
        connection.close()
