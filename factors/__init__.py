"""Numbers that come from documents, never from meters."""
