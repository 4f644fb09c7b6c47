from __future__ import annotations

from email import message_from_bytes, policy
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feed2book.errors import UsageError
from feed2book.render.email_headers import field, mailbox, one_line, parse_address, unstructured

TITLES = st.text(max_size=600) | st.lists(
    st.sampled_from(
        [
            "=?utf-8?q?x?=",
            "?=",
            " ",
            '"',
            "é",
            "日本",
            "🎉",
            "\r\n",
            "\0",
            "\\",
            "x" * 60,
            "http://a.example/b",
        ]
    )
).map("".join)


def read(name: str, value: str) -> str:
    """Return the value as a mail program reads it, after checks of its form."""
    raw = field(name, value)
    assert raw.isascii()
    assert raw.endswith("\r\n")
    lines = raw.removesuffix("\r\n").split("\r\n")
    assert all(len(line) <= 78 for line in lines)
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    header = message_from_bytes(raw.encode() + b"\r\n", policy=policy.default)[name]
    assert not header.defects
    return str(header)


@given(TITLES)
@example("")
@example("a" * 500)
@example("wörd " * 100)
@example("short words that go on until the line has to be folded, and then on, and then on again")
def test_a_subject_is_read_as_it_was_meant(title: str) -> None:
    line = one_line(title) or "Digest"
    assert len(line) <= 200
    assert read("Subject", unstructured(title, "Subject")) == line


@given(TITLES)
def test_what_is_meant_has_no_controls_and_no_marks(title: str) -> None:
    line = one_line(title)
    assert line == line.strip()
    assert "=?" not in line
    assert not any(char in line for char in "\r\n\0\ufffd\u202e\u2028")


@given(TITLES.filter(lambda name: "\r" not in name and "\n" not in name and "\0" not in name))
@example('Ada "the keeper" Marsh, Esq.')
@example("Åda Märsh")
@example("a.b")
@example("x" * 150)
def test_a_name_is_read_as_it_was_meant(name: str) -> None:
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    value = f"{quoted} <ada@example.org>"
    if parseaddr(value)[1] != "ada@example.org":
        return  # the library cannot take this name apart: then it is an error, tested below
    address = parse_address(value, "sender")
    raw = field("From", mailbox(address))
    assert all(len(line) <= 78 for line in raw.split("\r\n"))
    header = message_from_bytes(raw.encode() + b"\r\n", policy=policy.default)["From"]
    assert not header.defects
    (read_address,) = header.addresses
    assert read_address.addr_spec == "ada@example.org"
    # Python's own reader puts a space between encoded words in a name.
    assert "".join(read_address.display_name.split()) == "".join(address.display_name.split())


@pytest.mark.parametrize(
    "value", ["ada", "a@b@c", "<>", "a@exa mple.org", "a@b.org\nBcc: x@y.org", "é@b.org"]
)
def test_what_is_no_address_is_refused_in_one_line(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(value, "recipient")
    assert "recipient" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bare_address_stays_bare() -> None:
    assert mailbox(parse_address("ada@example.org", "sender")) == "ada@example.org"
    assert mailbox(parse_address("Ada Marsh <ada@example.org>", "sender")) == "Ada Marsh <ada@example.org>"
