"""The house stands as it is drawn: which folder imports what, and what a start does not load."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "feed2book"
ROOMS = {"article", "book", "check", "deliver", "feed", "fetch", "render", "state", "store"}
EDGES = {"deliver", "fetch", "state", "store"}

# What each part of the house may import of ours. A room may also import itself.
MAY_IMPORT = {
    "models": set(),
    "errors": set(),
    "devices": {"models"},
    "papers": {"errors"},
    "config": {"models", "errors", "devices", "papers"},
    "spool": {"models"},
    "disposable": set(),
    "children": set(),
    "processes": {"children"},
    "workers": {"children"},
    "cluster": {"models", "errors"},
    "pipeline": {"models", "errors", "cluster", "processes", "spool", "workers", *ROOMS},
    "cli": {"models", "errors", "devices", "config", "pipeline"},
    "__main__": {"cli"},
    "": {"models", "errors", "pipeline"},  # feed2book/__init__.py
    **{room: {"models", "errors"} for room in ROOMS},
    "render": {"models", "errors", "papers"},
    "fetch": {"models", "errors", "disposable"},
    "store": {"models", "errors", "disposable"},
}

# Libraries that belong to one part of the house (or to several), and nowhere else.
HOMES = {
    "click": {"cli"},
    "rich": {"cli"},
    "feedparser": {"feed"},
    "bs4": {"article"},
    "nh3": {"article"},
    "jinja2": {"render"},
    "ebooklib": {"render"},
    "weasyprint": {"render"},
    "css_inline": {"render"},
    "distributed": {"cluster"},
    "dkim": {"deliver"},
    "keyring": {"config"},
    "tomlkit": {"config"},
    **dict.fromkeys(("hishel", "http", "httpx2", "smtplib", "socket", "ssl"), EDGES),
    "sqlite3": {"disposable", *EDGES},
}

# The clock may be read at the edges and in config, where it enters the program. Nothing pure reads it.
CLOCK_READERS = {*EDGES, "config"}
CLOCKS = {
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "time": {"ctime", "gmtime", "localtime", "monotonic", "perf_counter", "time", "time_ns"},
    "uuid": {"uuid1", "uuid4"},
}
CHANCE = {"random", "secrets"}

# Part of another library's interface, and come and change with it.
COMPANIONS = {"httpcore2": "httpx2", "markupsafe": "jinja2", "pydyf": "weasyprint"}

# What `feed2book --help` and `--version` have no need of.
HEAVY = (
    "PIL", "bs4", "css_inline", "ebooklib", "feedparser", "hishel", "httpx2", "jinja2", "lxml", "nh3",
    "numpy", "py3langid", "resvg_py", "rich", "sqlite3", "weasyprint",
)  # fmt: skip


@dataclass(frozen=True)
class Module:
    """A module of ours, and the folder (or top module) it belongs to; ``""`` is the package itself."""

    path: Path
    part: str
    tree: ast.Module

    def __str__(self) -> str:
        return str(self.path.relative_to(PACKAGE.parent))

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the full name of everything imported, inside functions too."""
        own = ["feed2book", *self.path.relative_to(PACKAGE).with_suffix("").parts]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                start = ".".join(own[: -node.level]) if node.level else ""
                base = ".".join(filter(None, (start, node.module or "")))
                # `from feed2book import errors` names a module, `from feed2book.errors import X` a part of it
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


@cache
def modules() -> tuple[Module, ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE).with_suffix("").parts
        part = "" if inside == ("__init__",) else inside[0]
        found.append(Module(path, part, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def part_of(name: str) -> str:
    """Return which part of the house ``feed2book.x.y`` belongs to; a name of the package itself is ``""``."""
    second = name.split(".")[1:2]
    known = {module.part for module in modules()}
    return second[0] if second and second[0] in known else ""


def test_every_part_is_known() -> None:
    assert {module.part for module in modules()} <= set(MAY_IMPORT), "a new part needs its rule here"


@pytest.mark.parametrize("module", modules(), ids=str)
def test_imports_go_one_way(module: Module) -> None:
    allowed = MAY_IMPORT[module.part] | {module.part}
    wrong = [
        f"{module}:{line} imports {name}"
        for line, name in module.imports()
        if name.split(".")[0] == "feed2book"
        and name != "feed2book.__version__"
        and part_of(name) not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("module", modules(), ids=str)
def test_libraries_stay_in_their_rooms(module: Module) -> None:
    wrong = [
        f"{module}:{line} imports {name}, which is for {sorted(HOMES[library])}"
        for line, name in module.imports()
        if (library := name.split(".")[0]) in HOMES and module.part not in HOMES[library]
    ]
    assert wrong == []


@pytest.mark.parametrize("module", modules(), ids=str)
def test_time_and_chance_are_passed_in(module: Module) -> None:
    if module.part in CLOCK_READERS:
        return
    wrong = [
        f"{module}:{line} imports {name}" for line, name in module.imports() if name.split(".")[0] in CHANCE
    ]
    wrong += [
        f"{module}:{node.lineno} reads {ast.unparse(node)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS.get(last_name(node.value), ())
    ]
    wrong += [
        f"{module}:{line} imports {name}"
        for line, name in module.imports()
        if "." in name
        and name.split(".")[1] in CLOCKS.get(name.split(".")[0], ())
        and name != "datetime.datetime"
    ]
    assert wrong == []


def last_name(node: ast.expr) -> str:
    """Return ``datetime`` for both ``datetime.now`` and ``datetime.datetime.now``."""
    return ast.unparse(node).rpartition(".")[2]


def public_names(module: Module) -> list[str] | None:
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "__all__" for target in node.targets):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def test_public_names_are_sorted() -> None:
    listed = {str(module): names for module in modules() if (names := public_names(module)) is not None}
    assert "feed2book/__init__.py" in listed
    # constants, then types, then functions: the order in which they sort but for constants
    assert listed == {
        path: sorted(set(names), key=lambda name: (not name.isupper(), name))
        for path, names in listed.items()
    }


def test_the_rules_can_be_broken(tmp_path: Path) -> None:
    """A rule that finds nothing must be able to find something."""
    text = "from feed2book.feed import x\nimport bs4\nfrom datetime import datetime\ndatetime.now()\n"
    module = Module(PACKAGE / "render" / "wrong.py", "render", ast.parse(text))
    for rule in (
        test_imports_go_one_way,
        test_libraries_stay_in_their_rooms,
        test_time_and_chance_are_passed_in,
    ):
        with pytest.raises(AssertionError):
            rule(module)


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_a_start_loads_nothing_heavy(flag: str) -> None:
    program = (
        "import atexit, sys; sys.argv = ['feed2book', sys.argv[1]]\n"
        "atexit.register(lambda: print('LOADED', *sys.modules))\n"
        "from feed2book.cli import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, flag], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said, _, loaded = done.stdout.rpartition("LOADED ")
    assert "feed2book" in said
    assert {name.split(".")[0] for name in loaded.split()} & set(HEAVY) == set()


def plain(name: str) -> str:
    """Return a distribution's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_library_that_is_imported_is_declared() -> None:
    """An editable install in a full environment hides what is missing from the lock."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    declared = {plain(re.split(r"[\[<>=~! ]", name, maxsplit=1)[0]) for name in wanted}
    owners = packages_distributions()
    undeclared = [
        f"{module}:{line} imports {name}"
        for module in modules()
        for line, name in module.imports()
        if (top := name.split(".")[0]) not in {"feed2book", *sys.stdlib_module_names}
        and not {plain(owner) for owner in owners[COMPANIONS.get(top, top)]} & declared
    ]
    assert undeclared == []
