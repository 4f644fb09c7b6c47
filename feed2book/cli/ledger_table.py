"""The ledger of a post as a table, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from feed2book.models import Counts, Drop, Ledger


def ledger_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a table of what went in and came out (rows of zeros apart), then each drop and the losses."""
    yield f"    {'':<12}{'in':>8}{'out':>8}"
    for field in fields(Counts):
        went_in, came_out = getattr(ledger.before, field.name), getattr(ledger.after, field.name)
        if went_in or came_out:
            yield f"    {field.name.replace('_', ' '):<12}{went_in:>8,}{came_out:>8,}"
    for drop in ledger.drops:
        sample = f": {drop.sample}" if drop.sample else ""
        mark = "" if drop.allowed else " (a loss)"
        yield f"    dropped  {_amount(drop):<20} {drop.reason}{mark} [{drop.step}]{sample}"
    if ledger.lost_words or ledger.lost_images:
        lost = Drop("", "", ledger.lost_words, ledger.lost_images)
        yield f"    lost     {_amount(lost):<20} without a reason"


def _amount(drop: Drop) -> str:
    parts = [(drop.words, "word"), (drop.images, "image")]
    told = [f"{number:,} {noun}{'' if number == 1 else 's'}" for number, noun in parts if number]
    return ", ".join(told)


def ledger_as_json(ledger: Ledger) -> dict[str, Any]:
    """Return the ledger with its sums."""
    return {
        "in": asdict(ledger.before),
        "out": asdict(ledger.after),
        "drops": [{**asdict(drop), "allowed": drop.allowed} for drop in ledger.drops],
        "lost_words": ledger.lost_words,
        "lost_images": ledger.lost_images,
        "kept": round(ledger.kept, 4),
    }
