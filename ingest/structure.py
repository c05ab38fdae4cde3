"""The outline of a document: which section each block stands in, and which subject it tells of.

1. A heading that returns identical and breaks a list or a sentence, or only repeats the title, is a running head
   and is dropped.
2. A heading's name is what stands before its colon or amount ("OPERATING COSTS: US$90K" is "operating costs").
3. Names that recur, and the vocabulary's, are facets; the others may be subjects. A country's name is never a facet.
4. A run of other headings followed by a facet starts a new subject if there is none yet, if it holds a country's
   name, or if that facet has been seen in the present subject. The last heading of the run is the subject's title;
   a country, or a short heading right before the title, belongs to it.
5. Other unknown headings are parts of the present subject; references and annexes end it.
6. A document with fewer than two subjects is one subject: itself.
7. Levels only nest facets within a subject, where converters get them right more often than not.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

from factdesk.corpus.records import Block, BlockKind, Reading, Subject
from factdesk.corpus.territories import display_name, territory_of
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, fold, heading_case, sites, tokens
from factdesk.ingest.progress import advance

SHORT_HEADING = 5
"""A heading of at most so many words right before a title may be the group it belongs to."""
SHORT_TITLE = 4
"""A first heading of so few words is a name, which the second one completes ("ACME", "Annual Report 2023")."""
TELLING = 20
"""Words under a country's headings from which on they tell of a subject."""
SHORT_TEXT = 130
"""Words that may stand between such a heading and the title: a description, not a chapter."""
MINIMUM_RECURRING = 2
"""Distinct names that must recur before a document counts as a compendium."""
CONTENTS_ENTRY = re.compile(r"(?:\t|\.{2,}|…|\s{2,})\s*\d{1,4}\b|\b\d{1,4}\s*$")
ACRONYM = re.compile(
    r"\(\s*(?:[^()]{0,40}?[\s,])?([A-Z][A-Z0-9-]{2,11})(?:\s+in\s+\w+|\s+por\s+sus\s+siglas[^()]{0,30})?\s*\)"
)
CAMEL = re.compile(r"\b[A-Z][a-z]+[A-Z][A-Za-z]{2,20}\b")
"""A coined name ("HuskPower")."""
TITLE_TOKEN = re.compile(r"\b(?:[A-Z]{3,12}|\d+(?:-\d+)+)\b")


@dataclass(frozen=True, slots=True)
class Placed:
    """A block with its section path (the headings above it) and its subject."""

    block: Block
    path: tuple[str, ...]
    subject: Subject
    heading: Block | None
    """The heading it stands under; None before the first."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A document's title, subjects and blocks in their places; notes stand apart."""

    title: str
    subjects: tuple[Subject, ...]
    placed: tuple[Placed, ...]
    dropped: tuple[Block, ...] = ()
    """Running heads and page numbers."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks that have a place, in reading order."""
        return tuple(placed.block for placed in self.placed)


def outline(reading: Reading, document_id: str, fallback_title: str) -> Outline:
    """The outline of a reading. `fallback_title` is used where neither text nor metadata has one."""
    running = without_running_heads(list(reading.blocks))
    kept = {id(block) for block in running}
    dropped = tuple(block for block in reading.blocks if id(block) not in kept)
    advance()
    blocks = joined_paragraphs(running)
    seen = word_forms(blocks)
    advance()
    title, title_run = title_of(reading, blocks, fallback_title, seen)
    whole = Subject(
        id=f"{document_id}#0",
        document=document_id,
        name=reading.subject or subject_title(title_run, title),
        aliases=whole_aliases(blocks, title, title_run),
        territory=next((code for run in title_run for code in [leading_territory(run)] if code), ""),
        whole=True,
    )
    starts, facet_names = subject_starts(blocks, {fold(t) for t in title_run})
    subjects = [whole]
    owner: dict[int, tuple[Subject, tuple[str, ...]]] = {}
    for number, (first, last, back) in enumerate(starts):
        advance()
        if back:
            owner[first] = (whole, ())
            continue
        subject, path = make_subject(document_id, len(subjects), blocks[first : last + 1], seen)
        until = starts[number + 1][0] if number + 1 < len(starts) else len(blocks)
        subject = with_aliases(subject, blocks[first:until], facet_names)
        subjects.append(subject)
        for at in range(first, last + 1):
            owner[at] = (subject, path)
    return Outline(title, tuple(subjects), tuple(place(blocks, owner, whole, seen, title_run)), dropped)


def as_one(found: Outline, title: str) -> Outline:
    """The outline of a document that is one subject, itself, under another title; its sections keep their paths."""
    whole = replace(found.subjects[0], name=title, aliases=())
    placed = tuple(replace(item, subject=whole) for item in found.placed)
    return replace(found, title=title, subjects=(whole,), placed=placed)


def heading_name(text: str) -> str:
    """What a heading names: folded, without what follows its colon or its amount."""
    name = re.split(r":\s|:$|\s[–—-]\s*(?=[\d$€£])|(?<!\S)(?=(?:[A-Z]{0,3}\s?[$€£]))", text, maxsplit=1)[0]
    name = re.sub(r"^\s*(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,4}\.|[A-Z]\.)\s+", "", name)
    return " ".join(fold(name).split()).strip(" .:-–—")


def without_running_heads(blocks: list[Block]) -> list[Block]:
    """The blocks less the headings that only repeat at page turns."""
    counts = Counter(fold(b.text) for b in blocks if b.kind is BlockKind.HEADING)
    heads: set[str] = set()
    for before, block, after in zip(blocks, blocks[1:], blocks[2:], strict=False):
        name = fold(block.text)
        if block.kind is not BlockKind.HEADING or counts[name] < 2 or ":" in block.text or leading_territory(name):
            continue
        breaks_list = before.kind is after.kind is BlockKind.ITEM and (
            before.text.rstrip().endswith((";", ",")) or after.text[:1].islower()
        )
        unfinished = before.text.rstrip()[-1:] not in ".!?:;"
        breaks_sentence = before.kind is after.kind is BlockKind.PARAGRAPH and after.text[:1].islower() and unfinished
        if breaks_list or breaks_sentence:
            heads.add(name)
    titles = {fold(b.text) for b in blocks[:4] if b.kind is BlockKind.HEADING}
    kept: list[Block] = []
    for number, block in enumerate(blocks):
        name = fold(block.text)
        repeated = bool(kept) and kept[-1].kind is block.kind is BlockKind.HEADING and fold(kept[-1].text) == name
        if block.kind is BlockKind.HEADING and (name in heads or repeated):
            continue
        if block.kind is BlockKind.PARAGRAPH and (name in titles or is_page_number(blocks, number, titles)):
            continue
        kept.append(block)
    return kept


def is_page_number(blocks: list[Block], number: int, titles: set[str]) -> bool:
    """Whether a paragraph is only a number: beside a running head, or in the middle of a list or sentence."""
    if not re.fullmatch(r"\W{0,3}\d{1,4}\W{0,3}", blocks[number].text) or not 0 < number < len(blocks) - 1:
        return False
    before, after = blocks[number - 1], blocks[number + 1]
    beside = fold(before.text) in titles or fold(after.text) in titles
    return beside or before.kind is after.kind is BlockKind.ITEM or after.text[:1].islower()


def joined_paragraphs(blocks: list[Block]) -> list[Block]:
    """The blocks with a paragraph that breaks off ("... Therefore the") joined to the next."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before and before.kind is block.kind is BlockKind.PARAGRAPH and breaks_off(before.text, block.text):
            shift = len(before.text) + 1
            joined[-1] = replace(
                before,
                end=block.end,
                text=f"{before.text} {block.text}",
                offsets=(*before.offsets, before.end, *block.offsets),
                marks=(*before.marks, *(replace(mark, at=mark.at + shift) for mark in block.marks)),
                wraps=(*before.wraps, *block.wraps),
                links=(*before.links, *block.links),
            )
        else:
            joined.append(block)
    return joined


def breaks_off(text: str, following: str) -> bool:
    """Whether a paragraph ends in the middle of a sentence that the next one goes on with."""
    words = tokens(text)
    if not words or text.rstrip()[-1] in ".!?:;":
        return False
    return words[-1] in FUNCTION_WORDS["en"] or (following[:1].islower() and len(words) > 4)


def word_forms(blocks: list[Block]) -> dict[str, str]:
    """How running text writes each word, most often: what headings in capitals are set back to."""
    written: Counter[str] = Counter()
    for block in blocks:
        if block.kind is BlockKind.HEADING or mostly_capitals(block.text):
            continue
        written.update(word.strip("()[]:;,.“”\"'–-") for word in block.text.split())
    forms: dict[str, tuple[str, int]] = {}
    for core, count in written.items():  # in the order in which they were first seen: of equals, the first stays
        if core and not core.isdigit() and count > forms.get(word := fold(core), ("", 0))[1]:
            forms[word] = core, count
    return {word: form for word, (form, _) in forms.items()}


def mostly_capitals(text: str) -> bool:
    """Whether more than half of a text's letters are capitals."""
    letters = "".join(filter(str.isalpha, text))
    return sum(map(str.isupper, letters)) > 0.5 * len(letters)


def title_of(reading: Reading, blocks: list[Block], fallback: str, seen: dict[str, str]) -> tuple[str, list[str]]:
    """The document's title and the run of headings it opens with."""
    run: list[str] = []
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            break
        if heading_name(block.text) in vocabulary().front_matter | vocabulary().facets and run:
            break
        run.append(heading_case(block.text.strip(" :"), seen))
    title = reading.title if is_title(reading.title) else ""
    if not title:
        first = next((b for b in blocks if b.kind is BlockKind.HEADING), None)
        near_top = first is not None and blocks.index(first) <= 3
        title = run[0] if run else heading_case(first.text, seen) if first and near_top else fallback
    if len(run) == 1 and (below := only_child(blocks)):
        run.append(heading_case(below.text.strip(" :"), seen))
    return title, run[:3]


def only_child(blocks: list[Block]) -> Block | None:
    """The one heading of the second level under a first heading that stands alone: a title's second half."""
    headings = [b for b in blocks if b.kind is BlockKind.HEADING]
    levels = sorted({b.level for b in headings})
    if len(levels) < 2 or len(headings) < 3:
        return None
    first, second = ([b for b in headings if b.level == level] for level in levels[:2])
    alone = len(first) == 1 and len(second) == 1 and headings[:2] == [first[0], second[0]]
    name = heading_name(second[0].text)
    return second[0] if alone and name not in vocabulary().facets | vocabulary().front_matter else None


def is_title(text: str) -> bool:
    """Whether a title from metadata was meant as one: programs leave file names there."""
    return len(text.split()) >= 2 and not re.search(
        r"\.(?:docx?|indd|pdf|xlsx?|qxd)\b|^Microsoft Word|^untitled", text, re.I
    )


def subject_title(run: list[str], title: str) -> str:
    """What a document with one subject is about: the last heading of the run it opens with, or its title."""
    if len(run) < 2:
        return title
    return run[1] if len(run[0].split()) > SHORT_TITLE else f"{run[0]} – {run[1]}"


def leading_territory(text: str) -> str:
    """The country that a heading is, or begins with before a colon or dash."""
    return territory_of(re.split(r"\s*[:–—]\s*|\s+-\s+", text)[0])


def subject_starts(blocks: list[Block], title_names: set[str]) -> tuple[list[tuple[int, int, bool]], frozenset[str]]:
    """Where subjects start: (first heading, title heading, whether it is back matter instead), and the facets."""
    words = vocabulary()
    headings = [(at, heading_name(b.text)) for at, b in enumerate(blocks) if b.kind is BlockKind.HEADING]
    counts = Counter(name for _, name in headings if name and not leading_territory(name) and name not in title_names)
    recurring = {name for name, count in counts.items() if count >= 2}
    if len(recurring) < MINIMUM_RECURRING:
        return [], frozenset()
    facets = frozenset(recurring | words.facets)
    starts: list[tuple[int, int, bool]] = []
    pending: list[int] = []
    seen: set[str] = set()
    in_back = False
    for at, name in headings:
        territory = bool(leading_territory(blocks[at].text))
        if (name in words.back_matter or any(name.startswith(f"{w} ") for w in words.back_matter)) and starts:
            starts.append((at, at, True))
            pending, in_back = [], True
        elif name in facets and not territory:
            if pending and not (in_back and not any(leading_territory(blocks[p].text) for p in pending)):
                has_territory = any(leading_territory(blocks[p].text) for p in pending)
                if not starts or has_territory or name in seen:
                    starts.append((*subject_heading(blocks, pending), False))
                    seen, in_back = set(), False
            pending = []
            seen.add(name)
        else:
            if territory and starts and not in_back and tells_without_facets(blocks, pending, at):
                starts.append((*subject_heading(blocks, pending), False))
                pending, seen = [], set()
            pending.append(at)
    if starts and not in_back and tells_without_facets(blocks, pending, len(blocks)):
        starts.append((*subject_heading(blocks, pending), False))
    subjects = [start for start in starts if not start[2]]
    return (starts, facets) if len(subjects) >= 2 else ([], frozenset())


def tells_without_facets(blocks: list[Block], pending: list[int], until: int) -> bool:
    """Whether headings that no facet follows are a subject all the same: a country's, with a title and some text."""
    if len(pending) < 2 or not leading_territory(blocks[pending[-2]].text):
        return False
    return sum(len(b.text.split()) for b in blocks[pending[-1] + 1 : until]) >= TELLING


def subject_heading(blocks: list[Block], pending: list[int]) -> tuple[int, int]:
    """The first heading that belongs to a subject and its title heading, of the headings before its first facet."""
    last = pending[-1]
    for earlier, at in reversed(list(pairwise(pending))):
        between = sum(len(b.text.split()) for b in blocks[earlier + 1 : at])
        if leading_territory(blocks[earlier].text) and between <= 2 * SHORT_TEXT:
            return earlier, last
        name = heading_name(blocks[earlier].text)
        contents = any(CONTENTS_ENTRY.search(b.text) for b in blocks[earlier + 1 : at])
        short = len(blocks[earlier].text.split()) <= SHORT_HEADING and between <= SHORT_TEXT
        if name in vocabulary().front_matter or contents or not short:
            return at, last
    return pending[0], last


def make_subject(
    document_id: str, number: int, group: list[Block], seen: dict[str, str]
) -> tuple[Subject, tuple[str, ...]]:
    """The subject that a group of headings (and the text between them) introduces, and its path."""
    names = [heading_case(b.text.strip(" :"), seen) for b in group if b.kind is BlockKind.HEADING]
    territory = next((code for name in names if (code := leading_territory(name))), "")
    title = names[-1]
    groups = names[:-1]
    if territory and territory_of(title):  # the country is the title
        name = title
    elif groups:
        name = f"{title} ({groups[-1]})" if fold(groups[-1]) not in fold(title) else title
    else:
        name = title
    return Subject(f"{document_id}#{number}", document_id, name, territory=territory), tuple(names)


def with_aliases(subject: Subject, blocks: list[Block], facets: frozenset[str]) -> Subject:
    """The subject with the names its own text gives it: country, site, abbreviations of its title and description."""
    aliases: list[str] = [display_name(subject.territory)] if subject.territory else []
    aliases += TITLE_TOKEN.findall(subject.name)
    head = 0
    for block in blocks:
        if block.kind is BlockKind.HEADING and heading_name(block.text) in facets:
            head += 1
        if head <= 1:
            aliases += [m.group(1) for m in ACRONYM.finditer(block.text)]
        if head == 0:
            aliases += sites(block.text)
            aliases += CAMEL.findall(block.text)
            aliases += [site for link in block.links for site in sites(link)]
    aliases += sites(subject.name)
    unique = list(dict.fromkeys(a for a in aliases if a and len(a) > 1))
    return replace(subject, aliases=tuple(unique[:12]))


def whole_aliases(blocks: list[Block], title: str, run: list[str]) -> tuple[str, ...]:
    """The names of a document as a whole: the sites and abbreviations in its title, and its title's other half."""
    text = " ".join([title, *run])
    aliases = [*run, *sites(text), *TITLE_TOKEN.findall(title if not title.isupper() else "")]
    return tuple(dict.fromkeys(a for a in aliases if a))


def place(
    blocks: list[Block],
    owner: dict[int, tuple[Subject, tuple[str, ...]]],
    whole: Subject,
    seen: dict[str, str],
    title_run: list[str],
) -> list[Placed]:
    """Every block with its path and subject."""
    subject, base = whole, tuple[str, ...]()
    stack: list[tuple[int, str]] = []
    heading: Block | None = None
    column_heading: Block | None = None
    placed: list[Placed] = []
    titles = {fold(t) for t in title_run}
    for at, block in enumerate(blocks):
        if at in owner:
            new_subject, new_base = owner[at]
            if new_subject is not subject or new_base != base or not new_base:
                stack, heading = [], None
            subject, base = new_subject, new_base
        if block.kind is BlockKind.NOTE:
            placed.append(Placed(block, base, subject, heading))
            continue
        if block.kind is BlockKind.HEADING:
            level = block.level or 6
            display = heading_label(heading_case(block.text, seen))
            in_base = at in owner and bool(base)
            if in_base or fold(block.text.strip(" :")) in titles:
                placed.append(Placed(block, base, subject, block))
                heading = block
                continue
            if is_beneficiary(block.text) and stack:
                while len(stack) > 1 and is_beneficiary(stack[-1][1]):
                    stack.pop()
                level = max(level, stack[-1][0] + 1)
            if (
                heading is not None
                and stack
                and any(c.isdigit() for c in heading.text)
                and heading_label(heading_case(heading.text, seen)) == stack[-1][1]
            ):
                stack.pop()  # a heading with its amount says something itself; nothing else stands under it
            while stack and stack[-1][0] >= level:
                stack.pop()
            placed.append(Placed(block, (*base, *(n for _, n in stack)), subject, block))
            stack.append((level, display))
            heading = block
            if block.table >= 0 and block.column >= 0 and block.level <= 2:
                column_heading = block
            continue
        path = [n for _, n in stack]
        if block.lifted and column_heading and stack:
            placed.append(Placed(block, (*base, *path[:1]), subject, column_heading))
            continue
        placed.append(Placed(block, (*base, *path), subject, heading))
    return placed


def is_beneficiary(text: str) -> bool:
    """Whether a heading only says for whom ("GOVERNMENT: US$ 11 million a year")."""
    name = heading_name(text)
    words = tokens(name)
    found = vocabulary().beneficiaries_in(name)
    return bool(words) and sum(f.last - f.first + 1 for f in found) == len(words)


def heading_label(text: str) -> str:
    """A heading as a path shows it: without its amount."""
    before, colon, after = text.partition(":")
    if colon and (not after.strip() or re.search(r"\d", after)):
        return before.strip()
    return text.strip(" :")
