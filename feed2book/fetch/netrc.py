"""Logins from the user's netrc file, which curl, ftp and git read, too."""

from __future__ import annotations

import netrc
import os
import stat
from functools import cached_property
from pathlib import Path

Login = tuple[str, str]


class Netrc:
    """The logins of a netrc file, read when first asked for. An entry ``default`` is for strangers: unused.

    Args:
        path: where it lies; None: nowhere.

    Attributes:
        problem: why an entry was not used; ``""`` if all is well.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._exposed = False
        self.problem = ""

    def login(self, host: str) -> Login | None:
        """Return the user and password for a host (in lower case)."""
        found = self._logins.get(host)
        if found and self._exposed:
            self.problem = "others may read it, so it is not used: chmod 600"
            return None
        return found

    @cached_property
    def _logins(self) -> dict[str, Login]:
        if self._path is None:
            return {}
        try:
            status = self._path.stat()
            hosts = netrc.netrc(str(self._path)).hosts
        except FileNotFoundError:
            return {}
        except netrc.NetrcParseError as error:
            self.problem = f"it cannot be understood (line {error.lineno})"  # its message may be a password
        except (OSError, ValueError):
            self.problem = "it cannot be read"
        else:
            others = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            self._exposed = bool(others) or status.st_uid != os.getuid()
            hosts.pop("default", None)
            return {host.lower(): (user, password or "") for host, (user, _, password) in hosts.items()}
        return {}
