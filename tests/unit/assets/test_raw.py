"""Every kind of source that a site may name has its asset."""

import dagster as dg
import pytest

from assets import raw
from lake.site import declared
from lake.site.load import SourceSpec


@pytest.mark.parametrize("kind", sorted(declared.source_kinds()))
def test_every_kind_of_source_can_be_part_of_a_run(kind: str) -> None:
    (asset,) = raw.raw_assets({"line": SourceSpec("line", kind, {})})
    assert raw.key("line") == (asset.key if isinstance(asset, dg.AssetSpec) else next(iter(asset.keys)))
