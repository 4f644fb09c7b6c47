"""Feeds of our own writing that show what feed2book copes with. README.md says what each shows."""
