"""`nengtan report SITE verification-pack PERIOD`: the pack, the head beside it, and a line in the record of packs."""

import json
from importlib.metadata import version

from lake import published
from lake.site.load import read_site
from lake.store import Lake
from pipelines.reporting import Asked


def write(asked: Asked) -> None:
    """Write the pack; raises LakeError where its figures cannot be proven."""
    from quality.evidence import chain, keys
    from quality.pack import issue, record
    from quality.pack.asked import Asked as Pack

    settings = asked.settings
    lake = Lake(settings.lake)
    key = keys.opened(keys.place(settings.environment, settings.lake), keys.kind(settings.environment))
    with published.opened(settings.marts_file) as marts:
        site = read_site(settings.site, settings.environment)
        pack = Pack(
            lake=lake,
            marts=marts,
            site=settings.site,
            settings=site.settings,
            project=settings.dbt_project,
            key=key,
            version=version("nengtan"),
            period=asked.period.text,
            organization=asked.organization,
        )
        made = issue.issue(pack, asked.output)
        record.append(lake, made)
        kept = asked.output.with_suffix(".head.json")
        text = json.dumps(chain.exported(pack.heads[-1]), ensure_ascii=False, indent=1)
    kept.write_text(text + "\n", encoding="utf-8")
