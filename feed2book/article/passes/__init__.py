"""The passes over an article's tree, in their one order.

Each is a function of the draft that changes its tree in place. One that fails on some markup is skipped
with a notice; none may need what another one may not have done.
"""

from __future__ import annotations

from collections.abc import Callable

from feed2book.article.draft import Draft
from feed2book.article.passes.asides import (
    draw_breaks,
    join_capitals,
    keep_verse,
    name_quotes,
    name_sources,
    open_callouts,
)
from feed2book.article.passes.backgrounds import list_areas, rescue_backgrounds
from feed2book.article.passes.code import drop_code_furniture, find_code, mark_code
from feed2book.article.passes.contents import mark_contents
from feed2book.article.passes.contents_shapes import shape_contents
from feed2book.article.passes.doubles import drop_doubles, merge_noscript_doubles, name_pictures
from feed2book.article.passes.drawings import picture_drawings
from feed2book.article.passes.embeds import find_players, open_frames, replace_embeds
from feed2book.article.passes.equations import number_equations, open_equation_tables
from feed2book.article.passes.figures import line_up_galleries, name_captions
from feed2book.article.passes.head import card_recordings, rescue_galleries, show_pictures
from feed2book.article.passes.headings import (
    drop_permalink_marks,
    drop_repeated_title,
    level_headings,
    name_headings,
    sort_headings,
)
from feed2book.article.passes.images import drop_pixels, replace_emoji, take_images
from feed2book.article.passes.junk import (
    drop_junk,
    drop_lightbox_words,
    drop_object_replacements,
    drop_portals,
    drop_share_links,
)
from feed2book.article.passes.links import drop_ways_up, name_ids, resolve_links
from feed2book.article.passes.maths import keep_maths
from feed2book.article.passes.notes import unify_notes
from feed2book.article.passes.pictured import read_pictured
from feed2book.article.passes.posts import quote_posts
from feed2book.article.passes.previews import card_previews
from feed2book.article.passes.prose import free_prose
from feed2book.article.passes.structure import hand_down_language, rename_obsolete, turn_code
from feed2book.article.passes.subheads import promote_bold_lines
from feed2book.article.passes.tables import repair_tables
from feed2book.article.passes.tails import drop_tails
from feed2book.article.passes.tex import read_delimited
from feed2book.article.passes.unseen import (
    drop_controls,
    drop_empty_anchors,
    drop_hidden,
    drop_unseen,
    open_noscript,
)

PASSES: tuple[Callable[[Draft], None], ...] = (
    # what the source holds in scripts and noscript must be saved before these go
    open_frames,
    open_equation_tables,
    keep_maths,
    find_players,
    rescue_galleries,
    picture_drawings,
    name_pictures,
    merge_noscript_doubles,
    drop_doubles,
    drop_unseen,
    open_noscript,
    drop_object_replacements,
    # what classes tell: code before its numbers and buttons, callouts before what is hidden in them, goes
    find_code,
    drop_code_furniture,
    open_callouts,
    # junk, by what its makers call it, before anything is renamed
    replace_emoji,
    drop_pixels,
    rescue_backgrounds,
    list_areas,
    drop_junk,
    drop_portals,
    drop_lightbox_words,
    drop_share_links,
    drop_hidden,
    drop_controls,
    drop_tails,
    name_headings,
    # what links one place of the article to another, while the author's ids and class names are there
    unify_notes,
    drop_ways_up,
    shape_contents,
    mark_contents,
    # what a book cannot hold
    quote_posts,
    card_previews,
    replace_embeds,
    # structure
    drop_permalink_marks,
    turn_code,
    hand_down_language,
    rename_obsolete,
    name_captions,
    line_up_galleries,
    name_quotes,
    name_sources,
    keep_verse,
    free_prose,
    join_capitals,
    mark_code,
    repair_tables,
    draw_breaks,
    promote_bold_lines,
    sort_headings,
    drop_repeated_title,
    level_headings,
    # what the feed has beside the text
    card_recordings,
    show_pictures,
    # what the renderers will spell: formulas, images, ids, links
    read_pictured,
    read_delimited,
    number_equations,
    take_images,
    drop_empty_anchors,
    name_ids,
    resolve_links,
)
