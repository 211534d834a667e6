"""The documentation site: the pages of docs/ and what the code says of itself, in both languages, for reading anywhere.

`python -m scripts.docs` (which is `make docs`) writes build/docs/site. No page asks an address elsewhere for anything.
"""
