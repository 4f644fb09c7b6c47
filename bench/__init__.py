"""How long feed2book takes, and how much memory: ``python -m bench`` or ``make bench``."""
