"""The errors of the house. A message is one sentence: what, where, what to do."""


class NengtanError(Exception):
    """Anything a user can act on; the command line prints its one sentence and no traceback."""


class SourceAwayError(NengtanError):
    """The upstream does not answer; trying again later can help."""


class SourceShapeError(NengtanError):
    """The upstream answers in a shape that its mapping does not describe; trying again cannot help."""


class SiteError(NengtanError):
    """The site folder has faults; `nengtan check` lists them all."""


class LakeError(NengtanError):
    """The lake cannot be read or written as asked."""


class UplinkError(NengtanError):
    """What should be told to a platform above cannot be said as asked."""


class CheckFailedError(NengtanError):
    """A blocking check failed: nothing was published and the old publication stays."""


class FactorError(NengtanError):
    """The factor library has faults; each is named by file and line."""


class RegisterError(NengtanError):
    """The register of the exchange cannot be opened, or something in it is not as asked."""


class FootprintError(NengtanError):
    """A product's footprint cannot be told, released or read as asked."""
