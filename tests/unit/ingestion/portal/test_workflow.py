"""Whatever steps people try in whatever order, a sheet is only approved by other eyes and never changed when closed."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingestion.portal import sheets, workflow
from ingestion.portal.database import Database
from ingestion.portal.refusal import Refusal
from ingestion.portal.sheets import Key
from ingestion.portal.workflow import APPROVED, DRAFT, STATES, STEPS, Actor, Standing

PEOPLE = ("ann", "bo", "cy")
ROLES = ("view", "enter", "review", "approve", "close")
actors = st.builds(Actor, st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(ROLES)))
standings = st.builds(Standing, st.sampled_from(STATES), st.frozensets(st.sampled_from(PEOPLE)), st.booleans())


@given(st.sampled_from([*STEPS, "invented"]), standings, actors, st.sampled_from(["", " ", "because"]))
def test_a_step_is_taken_or_refused_with_a_word(name: str, standing: Standing, actor: Actor, words: str) -> None:
    try:
        after = workflow.take(name, standing, actor, words)
    except Refusal as refusal:
        assert refusal.key in {
            "not_allowed", "month_closed", "not_from_here", "four_eyes", "not_yours", "words_needed",
        }  # fmt: skip
        return
    assert name in workflow.possible(standing, actor)
    assert STEPS[name].role in actor.roles
    assert not standing.is_closed
    assert after in STATES
    if after == APPROVED or name == "review":
        assert actor.person not in standing.authors


def test_each_state_but_the_last_leads_on() -> None:
    everyone = Actor("dee", frozenset(ROLES))
    for state in STATES:
        assert workflow.possible(Standing(state, frozenset({"ann"})), everyone), state
    assert workflow.possible(Standing(APPROVED, frozenset({"ann"}), is_closed=True), everyone) == []


class Office(RuleBasedStateMachine):
    """Three people with every role work on one sheet in the real tables."""

    KEY = Key("production", "mill", "2025-01")

    def __init__(self) -> None:
        super().__init__()
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(Path(self.folder.name) / "portal.sqlite")
        self.approved: dict[int, list[dict[str, str]]] = {}

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(person=st.sampled_from(PEOPLE), quantity=st.integers(0, 9))
    def write(self, person: str, quantity: int) -> None:
        rows = [{"quantity": str(quantity)}]
        with self.database.writing() as connection:
            seen = sheets.latest(connection, self.KEY)
            if seen is None:
                sheets.begin(connection, self.KEY, rows, person)
            elif seen.state == DRAFT:
                sheets.save(connection, seen, rows, person)

    @rule(person=st.sampled_from(PEOPLE), name=st.sampled_from([name for name in STEPS if name != "save"]))
    def step(self, person: str, name: str) -> None:
        with self.database.writing() as connection:
            seen = sheets.latest(connection, self.KEY)
            if seen is None:
                return
            try:
                sheets.step(connection, seen, name, Actor(person, frozenset(ROLES)), "because")
            except Refusal:
                return
            if name == "approve":
                self.approved[seen.number] = seen.rows

    @rule(person=st.sampled_from(PEOPLE))
    def write_what_was_seen_too_long_ago(self, person: str) -> None:
        with self.database.reading() as connection:
            seen = sheets.latest(connection, self.KEY)
        if seen is None or seen.state != DRAFT:
            return
        self.write(person, 1)
        try:
            with self.database.writing() as connection:
                sheets.save(connection, seen, [{"quantity": "lost"}], person)
        except Refusal as refusal:
            assert refusal.key == "changed_meanwhile"
        else:
            raise AssertionError("it wrote over what somebody else had written")

    @invariant()
    def what_was_approved_stays_and_had_other_eyes(self) -> None:
        with self.database.reading() as connection:
            found = sheets.versions(connection, self.KEY)
        assert [one.number for one in found] == list(range(len(found), 0, -1))
        assert all(one.state == APPROVED for one in found[1:]), "only the latest version is on its way"
        for one in found:
            if one.number in self.approved:
                assert one.state == APPROVED
                assert one.rows == self.approved[one.number]
                assert one.approved_by not in one.authors
                assert one.reviewed_by not in one.authors
            assert one.number == 1 or one.reason == "because"


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=6, stateful_step_count=25, deadline=None)
