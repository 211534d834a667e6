"""Product systems drawn by hypothesis: chains, loops, credits, several impacts."""

from hypothesis import strategies as st

from methods.footprint.system import Flows, Interventions


@st.composite
def rows(draw, largest: int = 8):
    """Rows of a system whose processes take, and give back, less than they make; and what each is run for."""
    size = draw(st.integers(1, largest))
    names = [f"process_{index}" for index in range(size)]
    flows, effects = [], []
    for index, name in enumerate(names):
        makes = draw(st.floats(0.01, 100))
        flows.append((name, f"product_{index}", makes))
        inputs = draw(st.lists(st.integers(0, size - 1), max_size=4))
        for other in inputs:
            share = draw(st.floats(-0.05, 0.2))
            flows.append((name, f"product_{other}", -share * makes))
        for impact in ("fossil", "land"):
            effects.append((name, impact, draw(st.floats(-10, 1000))))
    return flows, effects, {name: f"product_{index}" for index, name in enumerate(names)}


def columns(largest: int = 8):
    """The same as columns."""
    return rows(largest).map(lambda drawn: (Flows.of(drawn[0]), Interventions.of(drawn[1]), drawn[2]))
