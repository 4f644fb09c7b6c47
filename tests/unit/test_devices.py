"""The table of devices: whole, and within what each of them takes."""

from __future__ import annotations

import pytest

from feed2book import config
from feed2book.devices import DEVICES
from feed2book.errors import UsageError
from feed2book.models import Device


@pytest.mark.parametrize("device", DEVICES.values(), ids=lambda device: device.name)
def test_each_row_is_sane(device: Device) -> None:
    assert {"image/jpeg", "image/png"} <= set(device.formats)
    assert min(device.box) >= 900
    assert device.cover[0] >= 625 and device.cover[1] >= 1000  # noqa: PT018 (the least that stores take)
    assert device.levels >= 2
    assert 100_000 <= device.chapter_bytes <= 10_000_000
    assert device.book_bytes is None or device.book_bytes > 20 * device.chapter_bytes


def test_the_first_row_is_what_nothing_said_means() -> None:
    assert next(iter(DEVICES.values())) == Device()


def test_a_name_is_found_in_any_case() -> None:
    assert config.device(" Kindle ") is DEVICES["kindle"]


def test_an_unknown_name_is_told_with_those_that_exist() -> None:
    with pytest.raises(UsageError, match=r"kindle-paperwhite.*kobo"):
        config.device("nook")


def test_only_kobo_wants_another_ending() -> None:
    assert [name for name, device in DEVICES.items() if device.ending != ".epub"] == ["kobo"]
