"""The names of programming languages: what sites write, and what Pygments calls them."""

from __future__ import annotations

import re
from functools import cache

from bs4.element import Tag

from feed2book.article.tree import attribute
from feed2book.article.vocabulary import names

#: Said of a block that is no program, or whose tool did not know.
_NONE = names(
    "auto default fallback no-highlight nohighlight none notranslate plain plaintext raw text txt "
    "undefined unknown"
)
# Names of other tools (SyntaxHighlighter, Prism, GeSHi, highlight.js, Rouge) that Pygments does not know.
_OTHER_NAMES = {
    "actionscript3": "actionscript",
    "cc": "cpp",
    "cjs": "javascript",
    "hbs": "handlebars",
    "html-basic": "html",
    "html4strict": "html",
    "html5": "html",
    "htmlbars": "handlebars",
    "javascriptreact": "jsx",
    "jscript": "javascript",
    "jsonc": "json",
    "markup": "html",
    "mjs": "javascript",
    "node": "javascript",
    "njk": "jinja",
    "nunjucks": "jinja",
    "objectivec": "objective-c",
    "python2": "python",
    "shell-script": "bash",
    "shellscript": "bash",
    "terminal": "console",
    "tsx": "typescript",
    "typescriptreact": "typescript",
    "vbnet": "vb.net",
    "visualbasic": "vb.net",
}
# Bare classes that say nothing else on a block of code, though Pygments knows hundreds of words.
_BARE = names(
    "actionscript bash c clojure cpp csharp css delphi diff elixir elm erlang fsharp go groovy haskell "
    "html java javascript json julia kotlin latex lisp lua makefile matlab ocaml pascal perl php powershell "
    "python r ruby rust sass scala scss sh shell sql swift toml typescript xml yaml cs hs js jsx php5 "
    "objc py rb ts vb vbnet zsh"
)
_DATA = ("data-lang", "data-language", "data-enlighter-language", "data-code-language", "data-syntax")
_PREFIXED = re.compile(
    r"(?:^|[\s;])(?:language|lang|lng|highlight-source|highlight-text|brush|src)[-:_] ?"
    r"([a-z0-9+#._-]{1,30})"
)
_SPHINX = re.compile(r"(?:^|\s)highlight-([a-z0-9+#._-]{1,30})")
# After one of these, any word that is the name of a language is one.
_TOOLS = frozenset({"hljs", "sourcecode", "syntaxhighlighter", "geshi", "enlighterjsraw", "wp_syntax", "src"})
_LONGEST = 300  # characters of a class attribute that are read
_WRITTEN = re.compile(r"[a-z0-9+#._-]{1,30}")


@cache
def _names() -> dict[str, str]:
    """Return Pygments' first alias for each of its aliases."""
    from pygments.lexers import get_all_lexers

    known = {alias: aliases[0] for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases}
    return known | {name: known[alias] for name, alias in _OTHER_NAMES.items() if alias in known}


def language_of(tag: Tag) -> str | None:
    """Return the programming language that ``tag`` names.

    Returns:
        Pygments' name, or the site's if Pygments has none; ``""`` for "none"; None if nothing is said.
    """
    said = next((value for name in _DATA if (value := attribute(tag, name).strip().lower())), "")
    if said:
        return _normal(said)
    classes = f"{attribute(tag, 'class')} {attribute(tag, 'data-syntaxhighlighter-params')}"[
        :_LONGEST
    ].lower()
    match = _PREFIXED.search(classes)
    if match:
        return _normal(match[1])
    words = classes.split()
    match = _SPHINX.search(classes)
    if match and (match[1] in _names() or match[1] in _NONE):
        return _normal(match[1])
    if "highlight" in words or "blob-wrapper" in words:  # Hexo: highlight js; gists: blob-wrapper type-python
        words = [word.removeprefix("type-") for word in words if word.removeprefix("type-") in _BARE]
        return _normal(words[0]) if words else None
    tool = not _TOOLS.isdisjoint(words)
    found = [word for word in words if word in _BARE or (tool and word in _names() and word not in _TOOLS)]
    if found and (tool or tag.name in {"pre", "code"}):
        return _normal(found[0])
    return _from_attribute(tag)


def named_language(label: str) -> str:
    """Return Pygments' name of the language that a label on a block names, or ``""``."""
    return _names().get(label.strip().lower(), "")


def _from_attribute(tag: Tag) -> str | None:
    """GitHub and WP-GeSHi write the programming language into ``lang``."""
    said = attribute(tag, "lang").lower()
    if tag.name not in {"pre", "code"} or _names().get(said, said) not in {
        _names().get(name, name) for name in _BARE
    }:
        return None
    del tag.attrs["lang"]
    return _normal(said)


def _normal(name: str) -> str | None:
    name = name.split(",")[0].strip().removeprefix("language-")
    if name in _NONE:
        return ""
    if name.startswith("diff-"):  # Prism: a diff of that language
        return "diff"
    return _names().get(name, name) if _WRITTEN.fullmatch(name) else None
