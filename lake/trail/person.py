"""Who sits at this machine, as the operating system knows him."""

import os
import pwd


def name() -> str:
    """Return the account that this process runs as; the number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
