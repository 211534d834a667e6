from assets.dbt_graph import marts


def write(project, path, text):
    file = project / "models" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def test_marts_depend_on_marts_and_sources_with_what_lies_between_looked_through(tmp_path):
    write(tmp_path, "staging/stg_a.sql", "select * from {{ source('lake', 'reading') }}")
    write(tmp_path, "intermediate/energy/int_b.sql", "select * from {{ ref('stg_a') }} join {{ ref(\"first\") }}")
    write(
        tmp_path,
        "marts/energy/first.sql",
        "{{ config(partition_by='month') }}\n-- The first.\nselect * from {{ ref('stg_a') }}",
    )
    write(tmp_path, "marts/carbon/second.sql", "-- Clause: x.y\n-- The second.\nselect * from {{ ref('int_b') }}")
    write(tmp_path, "marts/carbon/second.yml", "models: [{name: second, description: From the YAML}]")
    found = {mart.name: mart for mart in marts(tmp_path)}
    assert [mart.name for mart in marts(tmp_path)] == ["first", "second"]
    assert found["first"].is_monthly
    assert found["first"].description == "The first."
    assert found["first"].sources == {"lake.reading"}
    assert found["second"].marts == {"energy.first"}
    assert found["second"].sources == {"lake.reading"}
    assert found["second"].description == "From the YAML"
    assert not found["second"].is_monthly
