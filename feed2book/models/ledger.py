"""What went into an article, what came out, and why the rest did not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """What an article holds, counted."""

    words: int = 0
    headings: int = 0
    images: int = 0
    links: int = 0
    list_items: int = 0
    table_cells: int = 0
    code_lines: int = 0
    formulas: int = 0
    notes: int = 0
    embeds: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """What one pass took out of an article: pass, reason, how many words and images, a short sample."""

    step: str
    reason: str
    words: int = 0
    images: int = 0
    sample: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the reason is one for which something may go (:data:`ALLOWED_REASONS`)."""
        return self.reason in ALLOWED_REASONS


#: Reasons for which a pass may take words and images out. Whatever else goes is lost: ``--strict`` minds.
ALLOWED_REASONS = frozenset(
    {
        # what the blog's tools wrote, not its author
        "a control",
        "a counter",
        "a form",
        "a rule",
        "advertisement",
        "asks for scripts",
        "asks for support",
        "author box",
        "comments and counters",
        "cookie notice",
        "feed footer",
        "filing",
        "hidden by its markup",
        "one pixel",
        "read more",
        "reading time",
        "related posts",
        "repeated in most posts",
        "sharing",
        "subscription",
        # what the book says already, or in another way
        "a break between scenes, now a rule",
        "a button",
        "a word spelled anew",
        "a label or button of a code block",
        "a placeholder",
        "defines macros",
        "heads the notes",
        "icons and thumbnails of a preview",
        "leads to another post",
        "leads to the top",
        "lines of code told apart",
        "marks of notes",
        "now a formula",
        "drawn from a formula's source",
        "repeats a note",
        "the double of a lazy frame",
        "words in place of a picture",
        "words in place of a player",
        "a file's name and size",
        "a player's controls",
        "buttons and repeats of a preview",
        "an embed without an address",
        "an image without an address",
        "an icon",
        "drawn by a script",
        "for a dark page",
        "lettering of a drawing",
        "line numbers",
        "not wanted",
        "now a character",
        "repeats the title",
        "the double of a lazy image",
        "what stands in for a player",
    }
)


#: The share of a post's words that may go without a reason before ``--strict`` minds.
MOST_LOST = 0.005


@dataclass(frozen=True, slots=True)
class Ledger:
    """What went into an article (``before``), what came out (``after``), and each drop between.

    ``lost_words`` and ``lost_images`` are gone though no drop tells of them. Words that passes add (the
    label of a video) make up for none that went.
    """

    before: Counts = Counts()
    after: Counts = Counts()
    drops: tuple[Drop, ...] = ()
    lost_words: int = 0
    lost_images: int = 0

    @property
    def unexplained_words(self) -> int:
        """Words that are gone for no allowed reason."""
        return self.lost_words + sum(drop.words for drop in self.drops if not drop.allowed)

    @property
    def unexplained_images(self) -> int:
        """Images that are gone for no allowed reason."""
        return self.lost_images + sum(drop.images for drop in self.drops if not drop.allowed)

    @property
    def kept(self) -> float:
        """The share (0 to 1) of the words, allowed drops apart, that came out."""
        wanted = self.before.words - sum(drop.words for drop in self.drops if drop.allowed)
        return max(0.0, 1 - self.unexplained_words / wanted) if wanted > 0 else 1.0

    @property
    def whole(self) -> bool:
        """Whether nothing was lost that ``--strict`` minds."""
        return self.kept >= 1 - MOST_LOST and not self.unexplained_images
