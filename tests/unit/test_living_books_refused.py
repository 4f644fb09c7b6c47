"""An EPUB that somebody changed is not brought up to date: it is refused in one line."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from living import RECORD, build, members, update, window

from feed2book.errors import UsageError


def rewritten(book: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Write the book again, changed."""
    files = members(book)
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    book.write_bytes(out.getvalue())
    return book


def with_record(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    def apply(files: dict[str, bytes]) -> None:
        record = json.loads(files[RECORD])
        change(record)
        files[RECORD] = json.dumps(record).encode()

    return apply


def with_chapter(change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    """Change the first chapter, and have the record agree."""

    def apply(files: dict[str, bytes]) -> None:
        record = json.loads(files[RECORD])
        first = record["parts"][0]["chapters"][0]
        name = f"EPUB/{first['key']}.xhtml"
        files[name] = change(files[name])
        first["sha256"] = [hashlib.sha256(files[name]).hexdigest()]
        files[RECORD] = json.dumps(record).encode()

    return apply


def put(old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(text: bytes) -> bytes:
        assert old in text
        return text.replace(old, new, 1)

    return with_chapter(change)


def add(element: bytes) -> Callable[[dict[str, bytes]], None]:
    return put(b"</body>", element + b"</body>")


def first_chapter(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = record["parts"][0]["chapters"][0]
    return found


WRONG: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "no record": (lambda files: files.pop(RECORD), "holds no record"),
    "no JSON": (lambda files: files.update({RECORD: b"{"}), "cannot be read"),
    "deep JSON": (lambda files: files.update({RECORD: b"[" * 100_000}), "cannot be read"),
    "a list": (lambda files: files.update({RECORD: b"[]"}), "not what feed2book writes"),
    "of another program": (with_record(lambda r: r.update(format="x")), "not one of feed2book's"),
    "of a later version": (with_record(lambda r: r.update(version=99)), "a newer feed2book made it"),
    "one volume of several": (with_record(lambda r: r.update(volume=2)), "one volume of several"),
    "a path for a key": (with_record(lambda r: first_chapter(r).update(key="../../x")), "wrong value (key)"),
    "a number for a title": (with_record(lambda r: first_chapter(r).update(title=7)), "wrong value (title)"),
    "a huge title": (with_record(lambda r: r.update(title="x" * 100_000)), "wrong value (title)"),
    "a date that is none": (
        with_record(lambda r: first_chapter(r).update(published="soon")),
        "wrong value (published)",
    ),
    "a post twice": (
        with_record(lambda r: r["parts"][0]["chapters"].append(first_chapter(r))),
        "names a post twice",
    ),
    "no post": (with_record(lambda r: r.update(parts=[])), "or none"),
    "sections without end": (
        with_record(lambda r: first_chapter(r).update(sections=json.loads('["a",1,"b",[' * 50 + "]]" * 50))),
        "sections that are none",
    ),
    "a picture of no kind": (
        with_record(lambda r: r["assets"].update({next(iter(r["assets"])): ["image/svg+xml", 1, 1]})),
        "wrong value (media_type)",
    ),
    "a picture nobody knows": (with_record(lambda r: r.update(assets={})), "does not describe"),
    "a chapter gone": (
        lambda files: files.pop(next(name for name in files if "/post-" in name)),
        "cannot be read",
    ),
    "a chapter changed": (
        lambda files: files.update({next(name for name in files if "/post-" in name): b"<html/>"}),
        "was changed after feed2book wrote it",
    ),
    "a picture gone": (
        lambda files: files.pop(next(name for name in files if "/images/" in name)),
        "cannot be read",
    ),
    "a picture that is a page": (
        lambda files: files.update({next(name for name in files if "/images/" in name): b"<html/>"}),
        "is no picture",
    ),
    "a script": (add(b"<script>alert(1)</script>"), "elements"),
    "a frame": (add(b'<iframe src="https://x.example"></iframe>'), "elements"),
    "a form": (add(b"<form><input/></form>"), "elements"),
    "a drawing": (add(b'<svg xmlns="http://www.w3.org/2000/svg"/>'), "elements"),
    "a handler": (put(b"<body", b'<body onload="x()"'), "attributes"),
    "a style": (put(b"<body", b'<body style="background: url(https://x.example)"'), "attributes"),
    "a refresh": (
        put(b"</head>", b'<meta http-equiv="refresh" content="0;url=https://x.example"/></head>'),
        "attributes",
    ),
    "a script in a link": (add(b'<a href="java&#10;script:x()">x</a>'), "a link that is none"),
    "a data link": (add(b'<a href=" DATA:text/html,x">x</a>'), "a link that is none"),
    "a picture from elsewhere": (
        add(b'<img alt="" src="https://x.example/p.png"/>'),
        "a file from elsewhere",
    ),
    "a sheet from elsewhere": (
        put(b"</head>", b'<link rel="stylesheet" href="//x.example/a.css"/></head>'),
        "a file from elsewhere",
    ),
    "an entity": (
        put(b"<!DOCTYPE html>", b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'),
        "declarations",
    ),
    "an instruction": (
        put(b"<!DOCTYPE", b'<?xml-stylesheet href="https://x.example/x.css"?><!DOCTYPE'),
        "instruc",
    ),
    "broken markup": (put(b"</body>", b""), "not well-formed"),
    "a formula that acts": (
        add(b'<math xmlns="http://www.w3.org/1998/Math/MathML" href="javascript:x()"/>'),
        "formulas",
    ),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("good")
    build(folder / "book.epub", window(folder / "a.xml", 1, 2))
    return (folder / "book.epub").read_bytes()


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_somebody_changed_is_refused_in_one_line(what: str, good: bytes, tmp_path: Path) -> None:
    change, message = WRONG[what]
    book = tmp_path / "book.epub"
    book.write_bytes(good)
    rewritten(book, change)
    with pytest.raises(UsageError) as caught:
        update(book, window(tmp_path / "a.xml", 3, 4))
    said = str(caught.value)
    assert message in said
    assert said.startswith(str(book))
    assert said.endswith("make the book anew without --update")
    assert "\n" not in said


def test_what_is_no_epub_is_refused(good: bytes, tmp_path: Path) -> None:
    feed, book = window(tmp_path / "a.xml", 3, 4), tmp_path / "book.epub"
    for data in (b"", b"%PDF-1.7", good[: len(good) // 2], b"PK\x05\x06" + bytes(18)):
        book.write_bytes(data)
        with pytest.raises(UsageError):
            update(book, feed)
    with pytest.raises(UsageError, match="cannot be read"):
        update(tmp_path / "none.epub", feed)


def test_damage_inside_is_refused(good: bytes, tmp_path: Path) -> None:
    feed, book = window(tmp_path / "a.xml", 3, 4), tmp_path / "book.epub"
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        member = next(one for one in archive.infolist() if "/post-" in one.filename)
    middle = member.header_offset + 60 + member.compress_size // 2
    book.write_bytes(good[:middle] + bytes([good[middle] ^ 0xFF]) + good[middle + 1 :])
    with pytest.raises(UsageError, match="damaged"):
        update(book, feed)


def test_a_file_that_unpacks_without_end_is_refused(good: bytes, tmp_path: Path) -> None:
    feed, book = window(tmp_path / "a.xml", 3, 4), tmp_path / "book.epub"
    book.write_bytes(good)
    rewritten(book, lambda files: files.update({RECORD: b" " * 70_000_000}))
    with pytest.raises(UsageError, match="too large"):
        update(book, feed)
