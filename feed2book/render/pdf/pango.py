"""How Pango, which WeasyPrint needs, is installed on this system."""

from __future__ import annotations

import platform
import sys

# By the names that systems give themselves and their kin (os-release, ID and ID_LIKE).
_COMMANDS = {
    "debian": "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "ubuntu": "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "fedora": "dnf install pango",
    "rhel": "dnf install pango",
    "arch": "pacman -S pango",
    "alpine": "apk add pango",
    "suse": "zypper install libpango-1_0-0",
    "opensuse": "zypper install libpango-1_0-0",
    "gentoo": "emerge x11-libs/pango",
    "void": "xbps-install pango",
    "nixos": "nix-shell -p pango",
}
_OTHER = "the package pango of your system"


def install_command() -> str:
    """Return the command that installs Pango here, or what to look for where we know none."""
    if sys.platform == "darwin":
        return "brew install pango"
    if sys.platform == "win32":
        return "pacman -S mingw-w64-x86_64-pango (in MSYS2)"
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return _OTHER
    names = [release["ID"], *release.get("ID_LIKE", "").split()]
    return next((_COMMANDS[name] for name in names if name in _COMMANDS), _OTHER)
