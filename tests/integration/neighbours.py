"""The words by which the members of a park are known: what one of them must not find where it sees its own."""

import re
from collections.abc import Iterable
from functools import cached_property

from tests.integration.reference_park import Park

MEMBERS = ("cement", "chemical", "energy_centre", "machinery", "steel")
_PUBLIC = (
    "select concat_ws(' ', factor_id, factor_key, factor_set, source_id, note, factor_name_zh, locator) "
    "from reference.factors where source_id <> 'site'",
    "select concat_ws(' ', carrier, carrier_name_zh, carrier_name_en) from reference.carriers",
    "select concat_ws(' ', standard, note) from reference.benchmarks",
)


class Neighbours:
    """Names and ids of every member of a park, as far as no published document and no other member has the word."""

    def __init__(self, park: Park) -> None:
        self._park = park

    @cached_property
    def _words(self) -> dict[str, set[str]]:
        rows = [
            *self._park.sql(
                "select organization_id, unnest([organization_name_zh, organization_name_en]) "
                "from reference.organizations"
            ),
            *self._park.sql(
                "select organization_id, unnest([energy_unit_id, energy_unit_name_zh, energy_unit_name_en]) "
                "from reference.energy_units"
            ),
            *self._park.sql("select organization_id, unnest([point_id, meter_id]) from reference.points"),
        ]
        public = " ".join(str(text) for query in _PUBLIC for (text,) in self._park.sql(query))
        found: dict[str, set[str]] = {}
        for owner, word in rows:
            if word and len(str(word)) >= 4 and str(word) not in public:
                found.setdefault(str(owner), set()).add(str(word))
        return found

    def of(self, member: str) -> set[str]:
        """Return the words of all others that are none of the member's or the park's own."""
        own = " ".join(self._words[member] | self._words["park"])
        others = {word for owner, words in self._words.items() if owner not in (member, "park") for word in words}
        return {word for word in others if word not in own}

    def named(self, member: str, texts: Iterable[str]) -> set[str]:
        """Return the words of others that stand in texts of a member's."""
        words = sorted(self.of(member), key=len, reverse=True)
        pattern = re.compile("|".join(rf"(?<!\w){re.escape(w)}(?!\w)" if w.isascii() else re.escape(w) for w in words))
        return {match for text in texts for match in pattern.findall(text)}
