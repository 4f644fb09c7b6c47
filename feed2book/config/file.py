"""``feed2book.toml``: where it is, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feed2book.config.words import nearest
from feed2book.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from feed2book.config.faults import Fault
    from feed2book.models import Config, Edition

NAME = "feed2book.toml"


def find(path: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the configuration file: the one named, ``FEED2BOOK_CONFIG``, ``./feed2book.toml``, or XDG's.

    Args:
        path: what ``--config`` names.
        environ: the variables.

    Raises:
        UsageError: there is none. A file that is named and not there is found out when it is read.
    """
    named = path or environ.get("FEED2BOOK_CONFIG", "")
    if named:
        return Path(named).expanduser()
    import platformdirs

    usual = Path(platformdirs.user_config_dir("feed2book")) / NAME
    for place in (Path(NAME), usual):
        if place.is_file():
            return place
    raise UsageError(
        f"there is no configuration here or at {usual}",
        where=NAME,
        remedy="write one with 'feed2book init', or name yours with --config",
    )


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the configuration.

    Args:
        path: the file, if it was named; see :func:`find`.
        environ: the variables. No secret is looked up.

    Raises:
        UsageError: there is no file, or something in it is wrong; several things: :class:`ConfigError`.
            Each names file, line and key, and the fix.
    """
    # Here, not above: commands without a configuration need none of this.
    from feed2book.config.configuration import read_config
    from feed2book.config.reading import Reading

    place = find(path, environ).absolute()
    text = text_of(place)
    reading = Reading(place.parent, environ)
    config = read_config(_parsed(text, place), place, reading)
    if reading.faults:
        errors = tuple(_errors(reading.faults.values(), text, place))
        raise errors[0] if len(errors) == 1 else ConfigError(str(place), errors)
    return config


def example() -> bytes:
    """Return a configuration with comments, to begin with."""
    from importlib.resources import files

    return (files("feed2book.config") / "example.toml").read_bytes()


def edition(config: Config, name: str) -> Edition:
    """Return the edition of that name; ``""`` is the only one.

    Raises:
        UsageError: there is none of that name, or there are several.
    """
    named = {each.name: each for each in config.editions}
    if not name and len(named) == 1:
        return config.editions[0]
    if name in named:
        return named[name]
    problem = f"there is no edition {name!r}" if name else "there are several editions"
    raise UsageError(problem, where=str(config.path), remedy=nearest(name, named))


def editions(config: Config, names: Iterable[str]) -> tuple[Edition, ...]:
    """Return the editions of those names, each once; all, where none is named.

    Raises:
        UsageError: there is none of that name.
    """
    return tuple(edition(config, name) for name in dict.fromkeys(names)) or config.editions


def text_of(path: Path) -> str:
    """Return the text of a configuration file.

    Raises:
        UsageError: it cannot be read as UTF-8 text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:  # its line ends stay what they are
            return stream.read()
    except UnicodeDecodeError as error:
        raise UsageError("this is not UTF-8 text", where=str(path), remedy="save it as UTF-8") from error
    except OSError as error:
        raise UsageError(
            f"the configuration cannot be read: {(error.strerror or 'no reason given').lower()}",
            where=str(path),
            remedy="check its name and permissions, or write one with 'feed2book init'",
        ) from error


def _parsed(text: str, place: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        remedy = "see https://toml.io for how TOML is written"
        raise UsageError(f"this is not TOML: {error}", where=str(place), remedy=remedy) from error


def _errors(faults: Iterable[Fault], text: str, place: Path) -> Iterator[UsageError]:
    """Yield each fault as an error, in the order of the lines."""
    from feed2book.config.faults import spelled
    from feed2book.config.lines import lines

    known = lines(text)

    def line(fault: Fault) -> int:
        """The line of a key, or of the table in which it is missing."""
        above = (fault.path[:length] for length in range(len(fault.path), 0, -1))
        return next((known[path] for path in above if path in known), 1)

    for fault in sorted(faults, key=line):
        where = f"{place}:{line(fault)}: {spelled(fault.path)}"
        yield UsageError(fault.message, where=where, remedy=fault.remedy)
