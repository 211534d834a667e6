"""The index of a pack: what it declares, what it rests on and how it is verified, as a page that needs nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa

from lake import pages

_HERE = Path(__file__).parent
_FOLDERS = ("data/declared", "data/readings", "data/ref", "sql", "proofs", "vouchers")
_BASES = ("statutory", "location", "market")
Shown = Mapping[str, pa.Table]


def html(manifest: Mapping[str, Any], shown: Shown, documents: Sequence[str], language: str) -> str:
    """Return the page in one language, zh or en, with a link to the other."""
    said: Mapping[str, Mapping[str, str]] = pages.page(_HERE / "words.yaml")
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    words = {name: both[language] for name, both in said.items()}
    other = ("en", "index.en.html", "English") if language == "zh" else ("zh", "index.html", "中文")
    whose = manifest["organization"] or manifest["site"][f"name_{language}"] or manifest["site"]["id"]
    names = _names(shown, language)
    whose = names.get(str(whose), str(whose))
    parts = [
        f"<header><div><h1>{words['title']}</h1><p>{escape(whose)} · {escape(manifest['period'])}</p></div>"
        f'<a href="{other[1]}" lang="{other[0]}" hreflang="{other[0]}">{other[2]}</a></header>',
        f"<p>{words['intro']}</p>",
        _section(words["emissions"], _emissions(shown, names, words), words["emissions_note"]),
        _section(words["sources"], _sources(shown, names, words, language), words["sources_note"]),
        _section(words["energy"], _energy(shown, names, words), ""),
        _section(words["rests"], _rests(manifest, documents, words), ""),
        _section(words["verify"], f"<pre>{escape(words['command'])}</pre>", words["verify_note"]),
        _section(
            words["proves"], "".join(f"<p>{escape(words[one])}</p>" for one in ("proves_1", "proves_2", "proves_3")), ""
        ),
        _section(words["members"], _members(words), ""),
    ]
    title = f"{words['title']} · {whose} · {manifest['period']}"
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def _section(title: str, body: str, note: str) -> str:
    said = f'\n<p class="note">{note}</p>' if note else ""
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}{said}\n</section>"


def _names(shown: Shown, language: str) -> dict[str, str]:
    column = f"organization_name_{language}"
    rows = shown["energy.comprehensive_monthly"].select(["organization_id", column]).to_pylist()
    return {row["organization_id"]: row[column] or row["organization_id"] for row in rows}


def _levels(shown: Shown) -> dict[str, int]:
    rows = shown["energy.comprehensive_monthly"].select(["organization_id", "organization_level"]).to_pylist()
    return {row["organization_id"]: row["organization_level"] for row in rows}


def _table(headings: Sequence[tuple[str, bool]], rows: Sequence[tuple[bool, Sequence[str]]]) -> str:
    """Return a table; a heading says whether its column holds numbers, a row whether it stands for all."""
    kinds = [' class="n"' if is_number else "" for _, is_number in headings]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for kind, (name, _) in zip(kinds, headings, strict=True))
    body = "\n".join(
        ('<tr class="park">' if is_park else "<tr>")
        + "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds, cells, strict=True))
        + "</tr>"
        for is_park, cells in rows
    )
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _number(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:,.2f}"


def _emissions(shown: Shown, names: Mapping[str, str], words: Mapping[str, str]) -> str:
    totals: dict[str, dict[str, Decimal]] = {}
    missing: dict[str, int] = {}
    for row in shown["carbon.totals"].to_pylist():
        mine = totals.setdefault(row["organization_id"], {})
        mine[row["basis"]] = mine.get(row["basis"], Decimal(0)) + (row["emissions_tco2e"] or 0)
    for row in shown["carbon.emissions_monthly"].to_pylist():
        if row["emissions_tco2e"] is None:
            missing[row["organization_id"]] = missing.get(row["organization_id"], 0) + 1
    levels = _levels(shown)
    is_many = len(totals) > 1
    rows = [
        (
            is_many and levels.get(one) == 0,
            [names.get(one, one), *(_number(totals[one].get(basis)) for basis in _BASES), str(missing.get(one, ""))],
        )
        for one in sorted(totals, key=lambda one: (levels.get(one, 9), one))
    ]
    headings = [(words["organization"], False), *((words[basis], True) for basis in _BASES), (words["unknown"], True)]
    return _table(headings, rows)


def _sources(shown: Shown, names: Mapping[str, str], words: Mapping[str, str], language: str) -> str:
    found: dict[tuple[str, str], Decimal] = {}
    for row in shown["carbon.emissions_monthly"].to_pylist():
        if row["basis"] == "statutory" and row["emissions_tco2e"] is not None:
            key = (row["organization_id"], row[f"source_category_name_{language}"])
            found[key] = found.get(key, Decimal(0)) + row["emissions_tco2e"]
    levels = _levels(shown)
    keys = sorted(found, key=lambda key: (levels.get(key[0], 9), key[0], -found[key]))
    firsts = [one if place == 0 or keys[place - 1][0] != one else None for place, (one, _) in enumerate(keys)]
    rows = [
        (False, [names.get(first, first) if first else "", source, _number(found[one, source])])
        for first, (one, source) in zip(firsts, keys, strict=True)
    ]
    return _table([(words["organization"], False), (words["source"], False), ("tCO2e", True)], rows)


def _energy(shown: Shown, names: Mapping[str, str], words: Mapping[str, str]) -> str:
    columns = ("comprehensive_energy_tce_calorific", "comprehensive_energy_tce_equivalent")
    found: dict[str, list[Decimal]] = {}
    for row in shown["energy.comprehensive_monthly"].to_pylist():
        mine = found.setdefault(row["organization_id"], [Decimal(0), Decimal(0)])
        for place, column in enumerate(columns):
            mine[place] += row[column] or 0
    levels = _levels(shown)
    rows = [
        (len(found) > 1 and levels.get(one) == 0, [names.get(one, one), *(_number(value) for value in found[one])])
        for one in sorted(found, key=lambda one: (levels.get(one, 9), one))
    ]
    return _table([(words["organization"], False), (words["calorific"], True), (words["equivalent"], True)], rows)


def _rests(manifest: Mapping[str, Any], documents: Sequence[str], words: Mapping[str, str]) -> str:
    head, published = manifest["head"], manifest["publication"]
    said = [
        (words["readings"], f"{manifest['readings']['count']:,}"),
        (words["known"], f"{datetime.fromisoformat(published['published_at']):%Y-%m-%d %H:%M} UTC"),
        (
            words["publication"],
            f"{published['number']} · {published['code_hash'][:16]} · Nengtan {manifest['nengtan']}",
        ),
        (words["head"], f"{head['number']} · {head['root_hash']}"),
        (words["key"], manifest["public_key"]),
        (words["documents"], "; ".join(documents) or words["none"]),
    ]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in said)
    return f"<dl>{listed}</dl>"


def _members(words: Mapping[str, str]) -> str:
    rows = [(False, [one, words[f"{one.split('/')[-1]}_said"]]) for one in _FOLDERS]
    return _table([(words["folder"], False), (words["holds"], False)], rows)
