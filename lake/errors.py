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


class LakeBusyError(LakeError):
    """Another process is writing this part of the lake."""


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


class NotTakenError(NengtanError):
    """A file that somebody sends is not taken; `key` and `facts` let a page say it in the reader's language."""

    def __init__(self, key: str, **facts: object) -> None:
        """Keep the sentence's key and what is said in it."""
        super().__init__(_NOT_TAKEN[key].format(**facts))
        self.key, self.facts = key, facts


_NOT_TAKEN = {
    "file_kinds": "a file of this kind is not taken",
    "file_too_large": "the file has more than {most} MB",
    "upload_empty": "the file is empty",
    "upload_kind": "its content is not that of a {suffix} file, or damaged; save it anew",
    "upload_encrypted": "it is encrypted; save it without a password",
    "upload_unpacked": "it unpacks to more than {most} MB, or far more than its size; send less at once",
    "upload_many": "it holds more than {most} files; send less at once",
    "upload_path": "its member {name} stands twice or leads out of the archive; pack it anew",
    "upload_nested": "it holds another archive or file, {name}; send that one on its own",
    "upload_member": "it holds {name}, which is no document of the kinds that are taken",
    "upload_macros": "it holds macros; save it without them, as .xlsx or .docx",
    "upload_links": "it refers to what lies elsewhere ({name}); break the links and save the values",
    "upload_entities": "{name} in it declares entities, which no office program writes; save it anew",
    "upload_formula": "a cell of line {line} begins a formula; send values",
}
