from assets.dbt_graph import of_models
from tests.unit.lake.graphs import MARTS, graph


def test_marts_depend_on_marts_and_sources_with_what_lies_between_looked_through():
    found = {mart.name: mart for mart in of_models(graph())}
    assert {f"{mart.schema}.{mart.name}" for mart in found.values()} == MARTS
    assert [mart.name for mart in of_models(graph())].index("intervals") == 0
    assert found["intervals"].is_monthly
    assert found["intervals"].sources == {"lake.reading"}
    assert found["daily"].marts == {"energy.intervals"}
    assert found["daily"].sources == {"lake.reading", "site.tariffs"}  # where everything is built anew
    assert found["daily"].description == "The days."
    assert not found["emissions"].is_monthly
    assert found["emissions"].marts == {"energy.daily"}
    assert found["emissions"].sources == {"factors.factor_grid", "site.points"}
