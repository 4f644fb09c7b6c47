"""Articles → Book: selection, ids, links between posts, contents, cover. Pure."""

from feed2book.book.bind import bind
from feed2book.book.choice import Choice, Window, choose
from feed2book.book.cover import make_cover
from feed2book.book.pictures import Missing, make_asset
from feed2book.book.selection import in_range, in_reading_order, is_open, newest_first, select
from feed2book.book.update import Plan, adds_nothing, order_of, plan_anew, plan_update, settle
from feed2book.book.volumes import volumes

__all__ = [
    "Choice",
    "Missing",
    "Plan",
    "Window",
    "adds_nothing",
    "bind",
    "choose",
    "in_range",
    "in_reading_order",
    "is_open",
    "make_asset",
    "make_cover",
    "newest_first",
    "order_of",
    "plan_anew",
    "plan_update",
    "select",
    "settle",
    "volumes",
]
