"""What an alert says in Chinese and in English: the words of its rule, or of words.yaml."""

import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

LANGUAGES = ("zh", "en")
_RATIOS = ("ratio", "probability", "completeness")


@cache
def page() -> dict[str, Any]:
    """Return the page of words."""
    found: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("words.yaml").read_text("utf-8"))
    return found


def name(group: str, key: str, language: str) -> str:
    """Return what a kind, severity, state or measure is called; a word that is not known stands for itself."""
    return str(page()[group].get(key, {}).get(language, key))


def said(rule: Mapping[str, Any], language: str, facts: Mapping[str, str]) -> str:
    """Return the message of an alert; `facts` fills the places of the rule's or of our own words."""
    own = rule[f"message_{language}"]
    kind, quantity = str(rule["kind"]), str(rule["quantity"])
    words = page()["words"]
    told = own or words[kind if kind in words else quantity][language]
    stake = ""
    if facts["energy"] and facts["cost"]:
        stake = page()["stake"][language].format(**facts)
    return " ".join(string.Formatter().vformat(told, (), {**facts, "stake": stake}).split(" "))


def number(value: float, quantity: str) -> str:
    """Return a value as people read it: shares as percent, amounts with four digits that matter."""
    if quantity == "power_factor":
        return f"{value:.3f}"
    if any(word in quantity for word in _RATIOS):
        return f"{value:.1%}"
    return amount(value)


def amount(value: float) -> str:
    """Return an amount with at least four digits, and none that do not matter."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    text = f"{value:.4g}"
    return text if "e" not in text else f"{value:.6f}".rstrip("0").rstrip(".")
