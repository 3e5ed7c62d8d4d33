"""A finding about a report: what it says, what a run gives, and what becomes of it."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from course_utils.basics.checks import choice, invalid

Verdict = Literal["reproduced", "not reproduced", "wrong in the report", "cannot be told"]
Outcome = Literal["holds", "not told apart", "backwards", "not recorded yet"]

VERDICTS: tuple[Verdict, ...] = (
    "reproduced", "not reproduced", "wrong in the report", "cannot be told")  # fmt: skip
OUTCOMES: tuple[Outcome, ...] = ("holds", "not told apart", "backwards", "not recorded yet")

SOURCES = {"000": "TMU-HW4", "001": "1RT720", "002": "CIS6800", "003": "DS5220", "004": "CSCI4146"}


@dataclass(frozen=True)
class Anchor:
    """Where the book shows it: a notebook without its ending, and one of its headings."""

    page: str
    section: str

    @property
    def href(self) -> str:
        """The place in the built book. Its anchors follow docutils' ``make_id``.

        >>> Anchor("06a_cnn_baseline", "The 8–16–32 baseline").href
        '06a_cnn_baseline.html#the-81632-baseline'
        """
        plain = unicodedata.normalize("NFKD", self.section.lower()).encode("ascii", "ignore")
        words = re.sub(r"[^a-z0-9]+", "-", plain.decode())
        return f"{self.page}.html#{words.lstrip('-0123456789').rstrip('-')}"


def anchors(page: str, *sections: str) -> list[Anchor]:
    """Several sections of a page."""
    return [Anchor(page, section) for section in sections]


@dataclass(frozen=True)
class Erratum:
    """An entry of the errata. The verdict of its finding is its condition.

    ``number`` is that of the course's list; an error of several parts has several entries of one
    number. ``says`` and ``right`` are sentences, needed where the finding's own ``theirs`` and
    ``ours`` don't do.
    """

    number: int
    says: str = ""
    right: str = ""


@dataclass(frozen=True)
class Finding:
    """A number or a sentence of a report beside ours. All texts are plain.

    ``task`` is the inventory's number, ``quantity`` what the number is of. ``theirs`` is "" where
    the report gives none. ``why`` says what the verdict rests on; only "reproduced" and "holds"
    need nothing. ``chance`` marks a single run that is compared with ours: one in twenty of those
    falls outside by chance alone. Without ``table`` it is not among the rows of numbers. ``cites``
    has the few words, at most ten, that it rests on, exactly as in our copy of the report's text
    with its lines joined; "" where it rests on a plot, on code, or on what is illegible.
    """

    task: str
    quantity: str
    theirs: str
    ours: str
    verdict: Verdict | Outcome
    place: Anchor
    why: str = ""
    difference: str = ""
    chance: bool = False
    erratum: Erratum | None = None
    table: bool = True
    cites: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"00[0-4][a-p]", self.task):
            raise invalid("task", self.task, "use an inventory number such as 000a")
        choice("verdict", self.verdict, VERDICTS + OUTCOMES)
        if self.cites != " ".join(self.cites.split()[:10]):
            raise invalid("cites", self.cites, "use at most ten words, one space between them")
        if self.verdict in VERDICTS[1:] and not self.why:
            raise ValueError(f"why: {self.task}, {self.quantity}: {self.verdict!r} needs a reason")

    @property
    def report(self) -> str:
        """The report's course code."""
        return SOURCES[self.task[:3]]

    @property
    def number(self) -> int:
        """Its number among the errata; 0 where it is none."""
        return self.erratum.number if self.erratum else 0

    @property
    def wrong(self) -> bool:
        """Whether the report is wrong here, or concludes what does not survive."""
        return self.verdict in (
            "not reproduced",
            "wrong in the report",
            "not told apart",
            "backwards",
        )

    @property
    def says(self) -> str:
        """The report's sentence, among the errata."""
        return (self.erratum and self.erratum.says) or sentence(self.theirs)

    @property
    def right(self) -> str:
        """What is right instead."""
        return (self.erratum and self.erratum.right) or sentence(self.ours)

    @property
    def shows(self) -> str:
        """What shows it: ours, unless that is what is right already, and why."""
        already = self.ours in self.right or sentence(self.ours) in self.right
        return self.why if already else f"{sentence(self.ours)} {self.why}".strip()


def sentence(text: str) -> str:
    """Begin with a capital letter and end with a full stop.

    >>> sentence("so drawn, 58 % are wrong"), sentence("σ(z)"), sentence("It rises.")
    ('So drawn, 58 % are wrong.', 'σ(z).', 'It rises.')
    """
    capital = text[:1].upper() if text[:1].isascii() else text[:1]
    return f"{capital}{text[1:]}" + "." * (not text.endswith("."))
