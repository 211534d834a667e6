"""python -m scripts.docs: builds the documentation site into build/docs/site and says where it lies."""

import sys

from scripts.docs import build, links, navigation
from scripts.docs.pages import ROOT


def main() -> int:
    """Build; return the exit status."""
    try:
        site = build.build(ROOT / "build/docs")
    except (links.DeadLinkError, navigation.LeftOutError, build.NotBuiltError) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    print(
        f"{site / 'index.html'}: {sum(1 for _ in site.rglob('*.html'))} pages; open it, or run `nengtan serve` (/docs)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
