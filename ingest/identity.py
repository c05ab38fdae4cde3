"""Who a document is by or about, which time it reports on, and what kind of document it is.

1. Read are the file's name, the title, and the first pages; what stands further on is about other things as well.
2. The kind is told by the file's name, else by what the first page names first (kinds.toml).
3. The registrant's line of a filing names it, else the "(NYSE: ABC)" behind a name, a heading with a legal suffix, the
   title of a release ("Acme Reports ..."), what stands in the file's name beside period and kind, and, of any other
   report with a year or a kind, its title. All of these are kept, as people use any of them.
4. A symbol of a stock exchange is a name; so is a short form that the text gives in quotes behind the name.
5. A year in the file's name is a fiscal year if the day on which the year ended allows it; else it is that of filing.
6. A year that ends in the first days of January is that of the year before.
7. A document of which nothing tells has no facts: it is found by its subjects alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath

from factdesk.corpus.kinds import DAY, QUARTER, YEAR, glued, kind_of_cover, kind_of_name, kinds, span_of
from factdesk.corpus.records import BlockKind, Reading, Reported, Source
from factdesk.corpus.territories import display_name, mentions
from factdesk.corpus.times import (
    DATE,
    FEW_DAYS,
    QUARTER_NAMED,
    days_in,
    full_year,
    may_be_called,
    quarters_named,
    year_of_end,
)
from factdesk.corpus.words import fold, word_set

COVER = 6_000
"""Characters of the first page, or of a text without pages, that tell of the document as a whole."""
HEAD = 1_500
"""Characters in which a release says of what time it is; after them come comparisons with other times."""
FIRST_PAGES = 6
"""Pages on which a document introduces itself."""
LONGEST_NAME = 9
"""Words of the longest name of an organisation; more are a sentence."""
GAP = r"[^.;:()]{0,40}?"
YEAR_ENDED = re.compile(
    rf"\b(?:fiscal|financial)?\s*year\s*(?:ended|ending)\b(?={GAP}\d)|\b(?:52|53|fifty-(?:two|three))[ -]weeks?\b"
    r"(?: period)?(?: \([^()]*\))? ended\b|\b(?:twelve|12) months ended\b|\bejercicio terminado el\b|"
    r"\bexerc[ií]cio findo em\b",
    re.I,
)
QUARTER_ENDED = re.compile(
    r"\bquarter(?:ly)?(?: period)? ended\b|\b(?:1[234]|twelve|thirteen|fourteen)[ -]weeks?\b(?: period)?"
    r"(?: \([^()]*\))? ended\b|\b(?:three|3) months ended\b",
    re.I,
)
REPORTED_ON = re.compile(r"\bdate of (?:earliest event )?report(?:ed)?\b[^:0-9]{0,60}:?", re.I)
YEAR_NAMED = re.compile(
    r"\b(?:fiscal(?:\s+year)?|full[ -]year|financial year|annual (?:report|accounts)(?:\s+for)?(?:\s+the\s+year)?|"
    r"informe anual|relat[oó]rio anual)\s+(?P<y1>(?:19|20)\d\d)\b(?!-\d\d-)"
    r"|\bFY\s?(?P<y2>(?:19|20)?\d\d)\b"
    r"|\b(?P<y3>(?:19|20)\d\d)\s+(?:annual (?:report|accounts)|full[ -]year|fiscal year|form 10-k)\b",
    re.I,
)
EDITION = re.compile(r"(?<![\d.,/-])(?:19|20)\d\d(?![\d.,/-]*\d)")
FILE_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
FILE_QUARTER = re.compile(
    r"(?<![a-z0-9])(?:(?:fy)?(?P<y1>(?:19|20)\d\d)[-_. ]?q(?P<q1>[1-4])"
    r"|q(?P<q2>[1-4])[-_. ]?(?:fy)?(?P<y2>(?:19|20)?\d\d)"
    r"|(?P<q3>[1-4])q[-_. ]?(?:fy)?(?P<y3>(?:19|20)?\d\d))(?![a-z0-9])",
    re.I,
)
FILE_YEAR = re.compile(r"(?<![a-z0-9])(?:fy[-_. ]?(?P<y1>(?:19|20)?\d\d)|(?P<y2>(?:19|20)\d\d))(?![a-z0-9])", re.I)
LEGAL = (
    r"Inc(?:orporated)?|Corp(?:oration)?|Company|Co|plc|P\.?L\.?C|N\.?V|S\.?A|S\.?p\.?A|A\.?G|SE|Ltd|Limited|LLC|L\.?P|"
    r"L\.?L\.?P|Holdings?|Group|Trust|Bancorp|Partners|GmbH|S\.?A\.? de C\.?V|Ltda|AB|ASA|Oyj|Pty"
)
LEGAL_END = re.compile(rf"(?:,?\s+|\s*&\s*)(?:{LEGAL})\.?,?\)?$", re.I)
NAME_RUN = r"(?:[A-Z0-9][\w.'’\-]*|&)(?:,?\s+(?:(?:&|and|of|de|the)\s+)?[A-Z0-9][\w.'’\-]*){0,7}"
LEGAL_NAME = re.compile(rf"^(?:The\s+)?{NAME_RUN}(?:,?\s+|\s*&\s*)(?:{LEGAL})\.?$", re.I)
LISTED = re.compile(
    rf"(?P<name>{NAME_RUN}(?:\s*(?:&|and)\s*Co\.?)?),?\.?\s*\((?:the\s+)?(?:NYSE|NASDAQ|Nasdaq|OTC\w*|LSE|TSX|AMEX|ASX|"
    r"Euronext|SIX|BMV|B3|JSE|HKEX|SGX|TSE)[\w ]{0,24}:\s*(?P<symbol>[A-Z][A-Z.]{0,5})\b"
)
SYMBOL_TABLE = re.compile(r"\btrading\s+symbols?(?:\(s\))?", re.I)
SYMBOL = re.compile(
    r"(?<![\w.])([A-Z]{1,5}(?:\.[A-Z])?)\s+(?:The\s+)?(?:New York Stock|N(?:asdaq|ASDAQ)|NYSE|Chicago Stock)"
)
SYMBOL_REACH = 400
"""Characters behind the head of a table of symbols in which its first symbol stands."""
CHARTER = re.compile(r"\(?\s*exact\s+name\s+of\s+(?:the\s+)?registrant", re.I)
RELEASE_TITLE = re.compile(
    r"^(?P<name>[^.:;%]{2,70}?)\s+(?:reports|announces|reported|announced|delivers|posts|publishes)\b(?=.{0,90}"
    r"\b(?:results|earnings|quarter|year|sales|income|profit|revenue|dividend)\b)",
    re.I,
)
SMALL_IN_NAMES = frozenset(("and", "of", "the", "de", "y", "e", "plc", "nv", "ag", "se", "sa"))
"""Words that names have in small letters."""
FILED = re.compile(r"\bform\s+[\w-]+\s+for\s+(?P<name>.{2,60}?)\s+filed\b", re.I)
QUOTED = re.compile(r"[“\"]\s*([^”\"]{2,40}?),?\s*[”\"]")
DEFINED = re.compile(rf"(?P<name>{NAME_RUN}),?\.?(?:[^.;()]{{0,80}})?\((?P<inside>[^()]{{3,160}})\)")
FORMERLY = re.compile(rf"\bformerly(?:\s+known\s+as|\s+named|\s+called)?,?\s+(?P<name>{NAME_RUN})")
RULE = re.compile(r"_{3,}|-{3,}|\d{2,}-\d{3,}")
NO_NAME = re.compile(
    r"securities and exchange|commission file|registrant|\bform\b|washington|employer|telephone|incorporation|\bpage\b|"
    r"table of contents|\bexchange act\b|\bn/a\b|not applicable|\bchange\b|\bregistered\b|\bpursuant\b|\bquarter\b|"
    r"\bfull-year\b",
    re.I,
)
NO_ALIAS = word_set(
    "company corporation we us our firm group registrant bank trust partnership issuer parent holdings the "
    "form exchange act board agreement commission sec nyse nasdaq acquisition merger shares stock notes"
)
"""Words that a text takes for itself in quotes and that name nobody to others."""
NO_FILE_NAME = word_set(
    "report reports filing filings form final draft copy document documents doc file scan version v the of for sec "
    "dated edition full year fiscal annual quarterly results new old en english web print signed download untitled"
)
"""Words of a file's name that name nobody."""
COUNTED = 2
"""Letters and digits that a name has at least."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts of identity of a document; see `Document`."""

    names: tuple[str, ...] = ()
    periods: tuple[Reported, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file's name tells."""

    name: str = ""
    periods: tuple[Reported, ...] = ()
    kind: str = ""


@dataclass(slots=True)
class Names:
    """Names found so far, in their order, no two alike."""

    found: list[str] = field(default_factory=list)

    def add(self, *names: str) -> None:
        """Take names that are names."""
        for name in map(tidied, names):
            if is_name(name) and all(glued(name) != glued(known) for known in self.found):
                self.found.append(name)


def identify(reading: Reading, title: str, name: str) -> Identity:
    """The facts of identity of a document that was read; `title` is the one that it is shown with."""
    cover, pages = first_page(reading), first_pages(reading)
    file = file_facts(name)
    headings = [title, reading.title, *headings_of(reading, len(cover))]
    kind = file.kind or kind_of_cover("\n".join((reading.title, cover))) or kind_of_cover(title)
    span = span_of(kind)
    periods = periods_of(cover, pages, (title, reading.title), file.periods, kind, span)
    if not (kind or periods):
        return Identity()
    found = Names()
    lines = [block.text for block in reading.blocks if block.start < COVER * FIRST_PAGES]
    if span:
        found.add(*registrants(lines), *listed(cover), *(h for h in headings if is_legal(h)))
        found.add(*(m["name"] for h in headings for m in [RELEASE_TITLE.match(h)] if m and is_short(m["name"])))
        found.add(*(m["name"] for m in FILED.finditer(reading.title)), *from_metadata(reading.title))
    found.add(file.name)
    if not found.found and is_name(title):
        found.add(*title_names(title, kind))
    if span and found.found:
        found.add(*defined(pages, found.found), *formerly(cover, found.found), *symbols(lines))
    return Identity(tuple(found.found), periods, kind)


def first_page(reading: Reading) -> str:
    """The plain words of the first page that has some, or of a text's beginning."""
    for page in reading.pages:
        words = "\n".join(b.text for b in reading.blocks if page.start <= b.start < page.end)
        if words.strip():
            return words[:COVER]
    return "\n".join(b.text for b in reading.blocks if b.start < COVER)[:COVER] if not reading.pages else ""


def first_pages(reading: Reading) -> str:
    """The plain words of the pages on which a document introduces itself."""
    until = reading.pages[min(FIRST_PAGES, len(reading.pages)) - 1].end if reading.pages else COVER
    return "\n".join(b.text for b in reading.blocks if b.start < until)


def headings_of(reading: Reading, until: int) -> list[str]:
    """The headings within the first characters of a document."""
    return [b.text for b in reading.blocks if b.kind is BlockKind.HEADING and b.start < until]


# Names


def tidied(name: str) -> str:
    """A name without what stands around it."""
    name = " ".join(name.replace("\u2019", "'").split())
    return re.sub(r"^(?:the|and|of)\s+(?=\S+\s)", "", name.strip(" \"“”'’,;:()[]*•-–—☒☐"), flags=re.I).strip()


def is_name(name: str) -> bool:
    """Whether a text may be the name of an organisation, programme or report."""
    words = name.split()
    plain = glued(name)
    if not words or len(words) > LONGEST_NAME or len(plain) < COUNTED or not any(c.isalpha() for c in plain):
        return False
    return NO_NAME.search(name) is None and fold(name) not in NO_ALIAS and DATE.search(name) is None


def is_short(name: str) -> bool:
    """Whether what stands before "reports" is a name: its words have capitals."""
    words = [w for w in name.split() if w[:1].isalpha()]
    return 0 < len(name.split()) <= LONGEST_NAME and all(w[0].isupper() or w in SMALL_IN_NAMES for w in words)


def is_legal(text: str) -> bool:
    """Whether a heading is a name with a legal suffix, and nothing else."""
    return LEGAL_NAME.match(text.strip()) is not None and NO_NAME.search(text) is None and is_short(text)


def registrants(lines: list[str]) -> Iterator[str]:
    """What stands on or before the line that says that it is the registrant's name."""
    for at, line in enumerate(lines):
        if match := CHARTER.search(line):
            for text in (line[: match.start()], lines[at - 1] if at else ""):
                name = tidied(RULE.split(text)[-1])
                if is_name(name):
                    yield name
                    break


def listed(cover: str) -> Iterator[str]:
    """The first name with a symbol of a stock exchange behind it, and the symbol."""
    if match := LISTED.search(" ".join(cover.split())):
        yield match["name"]
        yield match["symbol"]


def from_metadata(title: str) -> Iterator[str]:
    """The parts of a title that are names with a legal suffix: "10-K - 02/07/2019 - Acme Company"."""
    yield from (part for part in re.split(r"\s[-–—|]\s", title) if is_legal(part))


def symbols(lines: list[str]) -> Iterator[str]:
    """The first symbol in a table of those under which shares are traded."""
    text = " ".join(lines)
    head = SYMBOL_TABLE.search(text)
    if head and (match := SYMBOL.search(text[head.end() : head.end() + SYMBOL_REACH])):
        yield match.group(1)


def defined(pages: str, known: list[str]) -> Iterator[str]:
    """The short forms that a text gives a known name in quotes, and its full form where only the short one is known."""
    keys = {glued(without_suffix(name)) for name in known}
    for match in DEFINED.finditer(" ".join(pages.split())):
        name = tidied(match["name"])
        if glued(without_suffix(name)) not in keys:
            continue
        yield name
        for alias in QUOTED.findall(match["inside"]):
            if fold(alias) not in NO_ALIAS and is_short(alias) and is_form_of(alias, name):
                yield alias


def is_form_of(alias: str, name: str) -> bool:
    """Whether a short form is made of a name's own words or initials: what is bought by Acme is not Acme."""
    short, words = (
        glued(alias),
        [w for w in re.findall(r"[^\W_]+", fold(without_suffix(name))) if w not in ("and", "of")],
    )
    return short in "".join(words) or "".join(w[0] for w in words).startswith(short)


def formerly(cover: str, known: list[str]) -> Iterator[str]:
    """A former name that the first page gives right after the present one."""
    text = " ".join(cover.split())
    for match in FORMERLY.finditer(text):
        before = glued(text[max(0, match.start() - 60) : match.start()])
        if any(glued(without_suffix(name)) in before for name in known):
            yield match["name"]


def without_suffix(name: str) -> str:
    """A name without its legal suffixes: "Acme Works Company, Inc." is "Acme Works"; one that is all suffix stays."""
    name = name.rstrip(" ,.")
    while (match := LEGAL_END.search(name)) and match.start() > 0:
        name = name[: match.start()].rstrip(" ,.&")
    return name


def title_names(title: str, kind: str) -> Iterator[str]:
    """The name of a report whose title has a year or a kind: the title without them, and the country that leads it."""
    rest = EDITION.sub(" ", YEAR_NAMED.sub(" ", QUARTER_NAMED.sub(" ", title)))
    if span_of(kind):
        for known in kinds():
            for way in known.cover if known.name == kind else ():
                rest = way.sub(" ", rest)
    rest = re.sub(r"\(\s*\)|[\s:,;–—-]+$|^[\s:,;–—-]+", " ", rest)
    yield " ".join(rest.split())
    leading = re.split(r"\s[-–—]\s|:", rest)[0]
    if leading != rest:
        yield leading
    for mention in mentions(title)[:1]:
        if mention.start == 0:
            yield display_name(mention.code)


# Times


def day_after(text: str, way: re.Pattern[str], reach: int = 60) -> date | None:
    """The first date right behind a phrase."""
    for match in way.finditer(text):
        for at, found in days_in(text[match.end() : match.end() + reach]):
            if at <= reach:
                return found
    return None


def years_named(text: str) -> Iterator[tuple[int, str]]:
    """The years that a text names as those of a report, and where."""
    for match in YEAR_NAMED.finditer(text):
        yield match.start(), str(full_year(match["y1"] or match["y2"] or match["y3"]))


def periods_of(
    cover: str, pages: str, titles: Iterable[str], of_file: tuple[Reported, ...], kind: str, span: str
) -> tuple[Reported, ...]:
    """The times that a document reports on, the surest first."""
    flat, further = " ".join(cover.split()), " ".join(pages.split())
    found: list[Reported] = []
    end: date | None = None
    if span == DAY:
        day = day_after(flat, REPORTED_ON)
        found += [Reported(day.isoformat(), Source.TEXT, day.isoformat())] if day else []
        return distinct((*of_file, *found))
    if not span:
        editions = [m.group() for t in titles for m in EDITION.finditer(t)]
        return distinct((*of_file, *(Reported(year, Source.NAME) for year in editions[:1])))
    if kind == "quarterly_report" or span == QUARTER:
        year_end, quarter_end = day_after(flat, YEAR_ENDED), day_after(flat, QUARTER_ENDED)
        quarter_end = quarter_end or (day_after(further, QUARTER_ENDED) if not year_end else None)
        end = quarter_end or year_end
        said = first_of(quarters_named("\n".join((*titles, flat[:HEAD]))))
        whole = year_end is not None and (quarter_end is None or abs((year_end - quarter_end).days) <= FEW_DAYS)
        if said:
            found.append(Reported(said, Source.TEXT, end.isoformat() if end else ""))
            whole = whole or said.endswith("Q4")
        if whole:
            year = said[:4] if said else first_of(years_named("\n".join((*titles, flat[:HEAD]))))
            found += [Reported(year, Source.TEXT, end.isoformat() if end else "")] if year else []
            found += [Reported(str(year_of_end(end)), Source.END, end.isoformat())] if end else []
        if end and not said:
            found.append(Reported(f"{end.year}Q{(end.month + 2) // 3}", Source.END, end.isoformat()))
    else:
        end = day_after(flat, YEAR_ENDED) or latest(days_behind(further, YEAR_ENDED))
        own = first_of(years_named("\n".join(titles))) or first_of(years_named(flat[:HEAD]))
        if own and (end is None or may_be_called(int(own), end)):
            found.append(Reported(own, Source.TEXT, end.isoformat() if end else ""))
        if end:
            found.append(Reported(str(year_of_end(end)), Source.END, end.isoformat()))
    kept = [p for p in of_file if end is None or span == QUARTER or may_be_called(int(p.label[:4]), end)]
    closed = [Reported(p.label, p.source, p.ended or (end.isoformat() if end else "")) for p in kept]
    return distinct((*closed, *found))


def days_behind(text: str, way: re.Pattern[str]) -> Iterator[date]:
    """The first date behind each place of a phrase."""
    for match in way.finditer(text):
        for _, found in days_in(text[match.end() : match.end() + 30]):
            yield found
            break


def latest(days: Iterable[date]) -> date | None:
    """The latest of some days."""
    return max(days, default=None)


def first_of(found: Iterable[tuple[int, str]]) -> str:
    """What stands first; "" if there is nothing."""
    return min(found, default=(0, ""))[1]


def distinct(periods: Iterable[Reported]) -> tuple[Reported, ...]:
    """The times without those that a surer source has told."""
    kept: dict[str, Reported] = {}
    for period in periods:
        kept.setdefault(period.label, period)
    return tuple(kept.values())


# The file's name


def file_facts(name: str) -> FileFacts:
    """What a file's name tells: whose it is, of what time, of which kind."""
    stem = re.sub(r"(?<=\d)K(?=[A-Z]{3})|(?<=[a-z])(?=[A-Z][a-z])", lambda m: f"{m.group()}_", PurePath(name).stem)
    periods: list[Reported] = []

    def cut(match: re.Match[str]) -> str:
        periods.append(period_in(match))
        return " \x00 "

    for way in (FILE_DAY, FILE_QUARTER, FILE_YEAR):
        stem = way.sub(cut, stem)
    words = re.split(r"[\s_.,()+-]+", stem)
    runs = [w for w in words if w]
    kind, first, last = kind_of_name([w for w in runs if w != "\x00"])
    if kind:
        places = [i for i, w in enumerate(runs) if w != "\x00"]
        runs = [*runs[: places[first]], "\x00", *runs[places[last - 1] + 1 :]]
    told = bool(kind or periods)
    parts = " ".join(runs).split("\x00")
    named = [" ".join(w for w in part.split() if fold(w) not in NO_FILE_NAME and not w.isdigit()) for part in parts]
    owner = next((part for part in named if part), "") if told else ""
    dated = any("-" in p.label for p in periods)
    if dated and span_of(kind) == DAY:  # the year beside a full date is the date's
        periods = [p for p in periods if "-" in p.label]
    elif span_of(kind) in (YEAR, QUARTER):
        periods = [p for p in periods if "-" not in p.label] or periods
    annual = [Reported(p.label[:4], p.source) for p in periods if p.label.endswith("Q4")]
    return FileFacts(owner if is_name(owner) else "", distinct((*periods, *annual)), kind)


def period_in(match: re.Match[str]) -> Reported:
    """The time that a part of a file's name tells."""
    groups = match.groupdict()
    if not groups:
        day = "-".join(match.groups())
        return Reported(day, Source.NAME, day)
    year = next(value for name, value in groups.items() if name[0] == "y" and value)
    quarter = next((value for name, value in groups.items() if name[0] == "q" and value), "")
    return Reported(f"{full_year(year)}{'Q' if quarter else ''}{quarter}", Source.NAME)
