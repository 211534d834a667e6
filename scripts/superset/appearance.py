"""Themes, colours and number formats, built from `dashboards/theme.yaml` and `dashboards/palette.yaml`."""

from typing import Any

from scripts.superset import specification

NUMBERS = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}
_ENGLISH_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_ENGLISH_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
TIMES = {
    "zh": {
        "dateTime": "%Y-%m-%d %H:%M:%S",
        "date": "%Y-%m-%d",
        "time": "%H:%M:%S",
        "periods": ["上午", "下午"],
        "days": [f"星期{day}" for day in "日一二三四五六"],
        "shortDays": [f"周{day}" for day in "日一二三四五六"],
        "months": [f"{month}月" for month in range(1, 13)],
        "shortMonths": [f"{month}月" for month in range(1, 13)],
    },
    "en": {
        "dateTime": "%Y-%m-%d %H:%M:%S",
        "date": "%Y-%m-%d",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": _ENGLISH_DAYS,
        "shortDays": [day[:3] for day in _ENGLISH_DAYS],
        "months": _ENGLISH_MONTHS,
        "shortMonths": [month[:3] for month in _ENGLISH_MONTHS],
    },
}


def theme(name: str) -> dict[str, Any]:
    """Return a whole theme, `light` or `dark`."""
    wanted = specification.read().theme
    algorithm = "dark" if name == "dark" else "default"
    return {
        "token": {**wanted["shared"], **wanted[name]},
        "algorithm": algorithm,
        "echartsOptionsOverrides": wanted["charts"][name],
    }


def categorical() -> list[dict[str, Any]]:
    """Return the colours of series without a fixed meaning; they are the default everywhere."""
    colours = specification.read().palette["free"]
    scheme = {"id": "nengtan", "label": "Nengtan 能碳", "description": "", "colors": colours, "isDefault": True}
    return [scheme]


def sequential() -> list[dict[str, Any]]:
    """Return the colours from little to much."""
    colours = specification.read().palette["sequence"]
    scheme = {"id": "nengtan_sequence", "label": "Nengtan 能碳", "description": "", "colors": colours}
    return [scheme | {"isDiverging": False, "isDefault": True}]


def by_language(bootstrap: dict[str, Any]) -> dict[str, Any]:
    """Give dates the words of the reader's language."""
    return {"d3_time_format": TIMES["en" if bootstrap.get("locale") == "en" else "zh"]}
