"""What the orchestrator loads: the graph of the site that the environment names, the reference park by default."""

from pipelines.graph import definitions
from pipelines.settings import read_settings

defs = definitions(read_settings())
