"""Words that a flag and a key of the configuration choose from: the flag's choices are these, too."""

from __future__ import annotations

from typing import Literal

Archive = Literal["2a", "3a"]
Layout = Literal["book", "newspaper", "compact"]
Links = Literal["keep", "footnote", "strip"]
Order = Literal["oldest", "newest"]
