"""Tables: what the place of a cell says of its number.

1. A row's label is the text left of its numbers; a row that is only a label is a group, and holds for the rows below
   it until their total, another group of its depth, or a row further out. A short label is told with its group.
2. A column's heads are the header cells above it, spanning ones included. What they say of time is the period; the
   rest is the facet ("Change", the name of a segment). A head without a year takes the caption's, if that has but one.
3. The caption is made of the short lines right above. Scale and currency are the row's, else the column's, else those
   of the caption or of the first header cell; a currency sign in one cell holds for the table.
4. Shares, ratios and counts of people have no scale; amounts per share keep the currency; shares the scale alone.
5. A row is a total if its label says so, or if it is the sum of the rows above it; the last of a table is its total,
   the others are subtotals.
6. A number is doubted if its reader doubts its cell, if no head stands over it although others have one, or if it is
   money in a table that states no scale.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby, pairwise

from factdesk.corpus.quantities import stated_scale
from factdesk.corpus.records import Aggregate, Block, BlockKind, Page
from factdesk.ingest.progress import advance
from factdesk.ingest.structure import Placed
from factdesk.ingest.table_periods import TIME_WORDS, YEAR, is_timed, part_of, period_of, spelled

CAPTION_BLOCKS = 5
"""Lines above a table that may be its caption."""
CAPTION_LENGTH = 200
"""A longer text above a table is prose."""
SHORT_LABEL = 2
"""A label of so few words ("Basic", "Other, net") says little without its group."""
FACET_LETTERS = 2
"""Letters from which on what heads say beside time is a facet: one is a footnote's mark."""
FORECAST = re.compile(r"(?<=(?:19|20)\d\d)(?:[EFPB]|\s?\([EFPB]\)|\s[EFPB]|[efpb])(?!\w)")
"""The letter after a year that says that its numbers are none of what was: "2023E"."""
FORECAST_WORDS = {"E": "estimate", "F": "forecast", "B": "budget"}
"""What the letters stand for, where they stand for one thing: P may be projected or preliminary."""
DOUBTED_ROWS = 2
"""Rows from which on a table of money is expected to state a scale."""
SUM_ROWS = 2
"""Rows that a sum must have: one row repeated below is no sum."""
LETTERS_IN_NUMBER = 3
"""Letters that a cell with a number may hold beside the words for its scale and currency ("5 km", "2.5x")."""

GENERAL = re.compile(
    r"\btabular (?:dollars|amounts)|\b(?:unless|except (?:as|where)) otherwise (?:noted|stated|indicated|specified)|"
    r"\b(?:all|tabular) .{0,30}\b(?:amounts|figures) .{0,40}\bin (?:thousands|millions|billions)",
    re.I,
)
"""What a statement of scale says that holds for the tables of a chapter."""
GENERAL_REACH = 60
LINES_BETWEEN = 2
SHORT_LINE = 60
"""Between the parts of one table stand at most so many lines of so many characters."""

DASH = re.compile(r"[—–‒―-]+ ?(?:%|\)|[$€£])?")
"""A squeezed cell that says that there is nothing."""
WORDS_OF_NUMBERS = re.compile(
    r"\b(?:US|[A-Z]{3}|millions?|billions?|thousands?|trillions?|mn|bn|mio|mil|miles|millones|milh[oõ]es|mil millones|"
    r"dollars?|euros?|pounds?|pesos?|reais)\b"
)
"""What may stand in a cell beside its number: a currency, a scale."""
PARTED = re.compile(r"\d\s*[/:]\s*\d")
"""A date, a time or a ratio, which is no plain number."""
NUMBERLIKE = re.compile(r"[^\W\d_]+")
PER_SHARE = re.compile(r"\bper (?:\w+ ){0,3}share\b|\bpor acci[oó]n\b|\bpor a[cç]ão\b|\bEPS\b", re.I)
PAR_VALUE = re.compile(r"\bpar value\b|\bstated value\b|\bvalor nominal\b", re.I)
"""The price printed on a share: a label that has it is not one of amounts per share."""
TITLE_WORDS = 3
"""Words from which on a line that stands alone above the heads is a title."""
PAGE_LINE = re.compile(r"^\W*(?:table of contents|index|\w+ of contents)\W*$", re.I)
SHARES = re.compile(
    r"^\W*(?:shares|acciones|a[cç]ões)\W*$|"
    r"\b(?:weighted|average|numbers?|diluted|basic|dilutive|n[uú]mero|promedio|média)\b(?:(?!\bper\b).){0,60}?"
    r"\b(?:shares|acciones|a[cç]ões)\b|"
    r"\bshares (?:\w+ ){0,3}?(?:outstanding|issued|authori[sz]ed|used)\b|"
    r"\b(?:acciones|a[cç]ões) em? circula[cç](?:ión|ão)\b",
    re.I,
)
"""What counts shares; "Preferred shares" alone is what they are worth."""
MONEY_OF_SHARES = re.compile(
    r"\b(?:repurchases?|purchases?|proceeds|issuances?|issue|costs?|value|price|paid|dividends?|income|earnings|loss|"
    r"profit|attributable|available)\b|\d (?:million |thousand )?(?:\w+ )?shares\b",
    re.I,
)
"""What says, up to the word for shares, that money is meant, or that the label itself has the number of shares."""
UNSCALED = re.compile(
    r"\(number\)|\(n[uú]mero\)|\bnumber of\b|\bn[uú]mero de\b|\bheadcount\b|\bratio\b|\bn[uú]mero\b|"
    r"^\W*(?:(?:total|average|full|part|time|permanent|temporary|active|all|our)[\s-]){0,3}employees\b"
    r"(?: (?:at|as of|on) [^()]{0,40}| \([^()]{0,40}\))?\W*$",
    re.I,
)
"""Counts of what is no money; "Salaries of employees" is money."""
PERCENT = re.compile(
    r"(?<!\d)(?<!\d )%|(?<!\d )(?:\bpercent|\bporcentaje|\bpor ciento|\bpercentagem|\bpor cento)", re.I
)
"""What says that a row's numbers are percentages; in "4.5% notes" it belongs to the label's own number."""
RATE = re.compile(r"\b(?:margins?|rates?|margen|margem|tasa|taxa)(?: ?\([^()]*\))*\W*$", re.I)
"""The end of a label whose numbers may be percentages, or money: "Gross margin"."""
NO_RATE = re.compile(
    r"\b(?:at|effects?|impacts?|changes?|differences?|exchange|due|benefit|expense|provision|"
    r"hourly|daily|day|room|rental|charter|wage|pay|freight)\b",
    re.I,
)
"""What says that a rate is but the reason for an amount ("Tax at the statutory rate"), or a price."""
LARGE = re.compile(r"\d,\d|\d{4}|[$€£¥]")
"""In a row of percentages stands no currency sign and no number of a thousand or more."""
MOST_OF_RATE = 100
"""A larger margin without a percent sign is an amount."""
TOTAL = re.compile(r"^\W*(?:sub)?totals?\b|^\W*(?:grand|overall) total\b|\btotals?$|^\W*suma\b|^\W*soma\b", re.I)
Scale = tuple[Decimal | None, str | None]
"""A factor and a currency; None where there is none."""


@dataclass(frozen=True, slots=True)
class CellPlace:
    """What the place of a cell says of its number."""

    label: str
    facet: str
    caption: str
    period: str | None
    period_words: str | None
    scale: Scale
    unit: str | None
    """"%" or "shares" where the place says so; money is told by the scale's currency."""
    aggregate: Aggregate | None
    doubt: str | None
    row_start: int
    """Where its row starts in the document."""
    numeric: bool
    """Whether the cell is a number, and not words that may hold one."""
    heading: bool = False
    """Whether it heads a column, or is the label of a row with numbers: its digits are no figures."""
    dash: bool = False


@dataclass(slots=True)
class Table:
    """The cells of one table by row and column, and the words above it."""

    cells: list[Block]
    caption: str = ""
    stated: Scale | None = None
    titles: list[Block] = field(default_factory=list)
    """Lines of the caption that stand among the heads."""
    heads: list[Block] = field(default_factory=list)
    rows: list[list[Block]] = field(default_factory=list)


def places_of(placed: Sequence[Placed], pages: Sequence[Page] = ()) -> dict[int, CellPlace]:
    """What the place of every cell says, by `id` of its block; a caption stands on the page of its table."""
    found: dict[int, CellPlace] = {}
    for table in tables_of(placed, [page.start for page in pages]):
        for block, place in read_table(table):
            found[id(block)] = place
    return found


def tables_of(placed: Sequence[Placed], page_starts: Sequence[int]) -> Iterator[Table]:
    """The tables of a document, with their captions. One without heads goes on with those of the one before."""
    before: list[Block] = []
    general: Scale | None = None
    last: Table | None = None
    for number, members in groupby((item.block for item in placed), key=table_number):
        blocks = list(members)
        if number < 0:
            general = next((scale for b in reversed(blocks) if (scale := general_scale(b.text))), general)
            before = [*before, *blocks][-CAPTION_BLOCKS:]
            continue
        page = bisect_right(page_starts, blocks[0].start)
        above = [block for block in before if bisect_right(page_starts, block.start) == page]
        table = made_table(blocks, caption_of(above), general)
        if last is not None and goes_on(last, above, table):
            table.heads = last.heads
            table.stated = table.stated or last.stated
            table.caption = " · ".join(part for part in (last.caption, table.caption) if part)
        yield table
        before, last = [], table


def general_scale(text: str) -> Scale | None:
    """The scale that a text states for all tables that follow: "(tabular dollars in millions, unless noted)"."""
    found = GENERAL.search(text)
    return stated_scale(text[max(0, found.start() - GENERAL_REACH) : found.end() + GENERAL_REACH]) if found else None


def goes_on(last: Table, between: Sequence[Block], table: Table) -> bool:
    """Whether a table without heads is the rest of the one before: as many columns, and at most a line between."""
    if table.heads or not last.heads or len(between) > LINES_BETWEEN:
        return False
    if any(len(block.text) > SHORT_LINE for block in between):
        return False
    return value_columns(table) <= value_columns(last)


def value_columns(table: Table) -> set[int]:
    """The columns that hold numbers."""
    return {c.column for row in table.rows for c in row if c.column > 0 and is_value(c.text)}


def table_number(block: Block) -> int:
    """Which table a block is a cell of; -1 for none."""
    return block.table if block.kind is BlockKind.CELL else -1


def made_table(cells: list[Block], lines: list[str], general: Scale | None = None) -> Table:
    """The table of some cells, rows from top to bottom, under the lines of a caption."""
    heads = [cell for cell in cells if cell.header]
    titles = title_rows(heads)
    lines = [*lines, *(cell.text for cell in heads if cell.row in titles)]
    table = Table(cells, " · ".join(dict.fromkeys(lines)))
    table.titles = [cell for cell in heads if cell.row in titles]
    table.heads = widened([cell for cell in heads if cell.row not in titles])
    for _, row in groupby((c for c in cells if not c.header), key=lambda c: c.row):
        table.rows.append(sorted(row, key=lambda c: c.column))
    said = [*lines, *(c.text for c in table.heads if c.column == 0 or not facet_of([c.text]))]
    table.stated = next((scale for line in reversed(said) if (scale := stated_scale(line[:CAPTION_LENGTH]))), general)
    return table


def title_rows(heads: Sequence[Block]) -> set[int]:
    """The rows of heads that are lines of the caption: set centred, they stand over some column by chance.

    Such a line stands alone in its row, above the heads, and tells more than a time or a change.
    """
    rows = [(row, list(cells)) for row, cells in groupby(sorted(heads, key=lambda c: c.row), key=lambda c: c.row)]
    alone = [(row, cells[0].text) for row, cells in rows if len(cells) == 1]
    if len(rows) < 2:
        return set()
    last = max(
        (
            row
            for row, text in alone
            if row < rows[-1][0]
            and (len(facet_of([text]).split()) >= TITLE_WORDS or stated_scale(text) or PAGE_LINE.search(text))
            and not (PERCENT.search(text) or RATE.search(text))
        ),
        default=-1,
    )
    first_full = next((row for row, cells in rows if len(cells) > 1), rows[-1][0])
    return {row for row, text in alone if row <= last and row < first_full and not is_time(text)}


def is_time(text: str) -> bool:
    """Whether a head tells a time and nothing else."""
    return is_timed(text) and not facet_of([text])


def widened(heads: list[Block]) -> list[Block]:
    """Heads that stand over groups of columns, as wide as those.

    Where the lowest heads repeat ("2021, 2020, Change, 2021, 2020, Change"), each round of them is a group.
    """
    if not heads:
        return heads
    lowest = max(cell.row for cell in heads)
    ground = sorted((cell for cell in heads if cell.row == lowest and cell.column > 0), key=lambda c: c.column)
    rounds = [cell.column for cell in ground if cell.text == ground[0].text]
    if len(rounds) < 2 or len({b - a for a, b in pairwise(rounds)}) != 1:
        return heads
    width = rounds[1] - rounds[0]
    groups = [range(first, first + width) for first in rounds]
    made = []
    for cell in heads:
        held = [g for g in groups if cell.column < g.stop and g.start < cell.column + cell.column_span]
        if cell.row < lowest and cell.column > 0 and len(held) == 1 and width > 1:
            cell = replace(cell, column=held[0].start, column_span=width)
        made.append(cell)
    return made


def caption_of(before: Sequence[Block]) -> list[str]:
    """The lines of a caption, in order, of the blocks right above a table."""
    lines: list[str] = []
    for block in reversed(before):
        text = block.text.strip()
        if not any(c.isalpha() for c in text):  # a page number
            continue
        introduces = text.endswith(":")
        if block.kind is BlockKind.NOTE or (len(text) > CAPTION_LENGTH and not introduces):
            break
        if text.endswith(".") and not stated_scale(text) and len(text.split()) > SHORT_LABEL:
            break
        if introduces and len(text) > CAPTION_LENGTH:
            text = re.split(r"(?<=[.;])\s+", text)[-1][-CAPTION_LENGTH:]
        lines.insert(0, text.rstrip(":"))
        if introduces or block.kind is BlockKind.ITEM:
            break
    return lines


def is_number(text: str) -> bool:
    """Whether a cell is a number, with its currency, sign and scale at most."""
    if not any(c.isdigit() for c in text) or PARTED.search(text):
        return False
    words = WORDS_OF_NUMBERS.sub(" ", text)
    return sum(map(len, NUMBERLIKE.findall(words))) <= LETTERS_IN_NUMBER


def is_dash(text: str) -> bool:
    """Whether a cell says that there is nothing."""
    return DASH.fullmatch(squeezed(text)) is not None


def squeezed(text: str) -> str:
    """The text with single blanks: patterns that allow any number of them take long over many."""
    return " ".join(text.split())


def is_value(text: str) -> bool:
    """Whether a cell holds a number, or says that there is none."""
    return is_number(text) or is_dash(text)


def read_table(table: Table) -> Iterator[tuple[Block, CellPlace]]:
    """Every cell of a table with what its place says."""
    currency = table_currency(table)
    columns = {c.column for row in table.rows for c in row if is_value(c.text) and c.column > 0}
    heads = {column: heads_over(table, column) for column in columns | {0}}
    percents = {column for column in columns if is_percent_column(table, column, heads[column])}
    facets = {column: facet_of(heads[column]) for column in heads}
    corner = [cell.text for cell in table.heads if cell.column == 0 and is_time(cell.text)]
    said = " ".join((table.caption, *corner))  # "Three months ended March 31," may stand over the labels
    periods = {column: period_of(tuple(heads[column]), said) for column in heads}
    scales = {column: column_scale(heads[column]) for column in heads}
    aggregates = aggregates_of(table)
    groups: list[tuple[int, str]] = []
    cents = {column for column in heads if in_cents(table, column)}
    for cell in (c for c in table.cells if c.header):
        yield cell, place_of_head(table, cell)
    label_above = ""
    for number, row in enumerate(table.rows):
        advance()
        label, level = label_of(row), row[0].level
        values = [c for c in row if is_value(c.text) and (c.column > 0 or len(row) == 1 or not label)]
        while groups and (level < groups[-1][0] or (not values and level <= groups[-1][0])):
            groups.pop()
        if not values and len(row) == 1:
            groups.append((level, label.rstrip(":")))
            yield row[0], text_place(table, row[0], label, row[0].start)
            continue
        inherits = not label and len(row) > len(values)
        label = label or (label_above if inherits else "")
        label_above = label or label_above
        if groups and level == groups[-1][0] and ends_group(groups[-1][1], label, values):
            groups.pop()
        group = groups[-1][1] if groups else ""
        percent = is_percent_row(label, currency, values)
        start = min(c.start for c in row)
        numeric = {id(c) for c in values}
        for cell in row:
            if id(cell) not in numeric:
                place = text_place(table, cell, label, start, heading=bool(values) and cell.text in label)
                yield cell, place
                continue
            head = heads.get(cell.column, [])
            scale, unit = scale_of(
                table, currency, label, group, scales.get(cell.column), percent or cell.column in percents
            )
            period, words = periods.get(cell.column, (None, None))
            facet, name = facets.get(cell.column, ""), full_label(label, group)
            if label and not facet_of([label]) and YEAR.search(label):  # the rows are years, the columns tell what
                period, words = period_of((label,), said if part_of(label) else "")
                name, facet = facet or table.caption, ""
            doubt = cell.doubt or doubt_of(table, cell, head, scale, unit, cents=cell.column in cents)
            yield (
                cell,
                CellPlace(
                    label=name,
                    facet=facet,
                    caption=table.caption,
                    period=period,
                    period_words=words,
                    scale=scale,
                    unit=unit,
                    aggregate=aggregates.get(number),
                    doubt=doubt,
                    row_start=start,
                    numeric=True,
                    dash=is_dash(cell.text),
                ),
            )
        if number in aggregates and groups:
            groups.pop()  # what is summed up is over


def place_of_head(table: Table, cell: Block) -> CellPlace:
    """What the place of a header cell says: nothing but that it is one."""
    return text_place(table, cell, cell.text, cell.start, heading=True)


def text_place(table: Table, cell: Block, label: str, start: int, *, heading: bool = False) -> CellPlace:
    """The place of a cell of words: numbers among them may have the scale of the table."""
    head = heads_over(table, cell.column) if cell.column > 0 and not heading else []
    facet = " ".join(head)
    period, words = period_of(tuple(head), "")
    scale = column_scale(head) or table.stated or (None, None)
    own = "" if label == cell.text else label
    return CellPlace(own, facet, table.caption, period, words, scale, None, None, None, start, False, heading)


def label_of(row: Sequence[Block]) -> str:
    """The words of a row left of its numbers."""
    parts = []
    for cell in row:
        if is_value(cell.text):
            if cell.column == 0 and len(row) > 1 and YEAR.fullmatch(cell.text.strip()):
                parts.append(cell.text)  # a year in front is a row's name
                continue
            break
        if any(c.isalnum() for c in cell.text):
            parts.append(cell.text)
    return " · ".join(parts)


def is_short(label: str) -> bool:
    """Whether a label says little without its group."""
    return len(re.findall(r"[^\W\d_]+", label)) <= SHORT_LABEL


def full_label(label: str, group: str) -> str:
    """A row's label; a short one with its group."""
    if group and is_short(label) and not TOTAL.search(label) and group.casefold() not in label.casefold():
        return f"{group}: {label}" if label else group
    return label


def heads_over(table: Table, column: int) -> list[str]:
    """The texts of the header cells that stand over a column, from top to bottom."""
    over = [c for c in table.heads if c.column <= column < c.column + c.column_span and (c.column > 0 or column == 0)]
    return [cell.text for cell in sorted(over, key=lambda c: c.row)]


def facet_of(heads: Sequence[str]) -> str:
    """What heads say beside time and scale."""
    kept = [
        head
        for head in heads
        if sum(map(len, TIME_WORDS.sub(" ", FORECAST.sub("", spelled(head))).split())) >= FACET_LETTERS
    ]
    parts = [" ".join(YEAR.sub("", FORECAST.sub("", head)).split()).strip(" ,:") for head in kept]
    letters = [found.group().strip(" ()").upper() for head in heads for found in FORECAST.finditer(spelled(head))]
    return " · ".join([*parts, *(FORECAST_WORDS.get(letter, letter) for letter in letters)])


def column_scale(heads: Sequence[str]) -> Scale | None:
    """The scale that a column's own heads state."""
    return next((scale for head in reversed(heads) if (scale := stated_scale(head))), None)


def table_currency(table: Table) -> str | None:
    """The currency of a table: the caption's, else that of the first cell that has a sign."""
    if table.stated and table.stated[1]:
        return table.stated[1]
    for row in table.rows:
        for cell in row:
            if is_number(cell.text) and not cell.text.strip("()-–−").lstrip()[:1].isdigit():
                found = stated_scale(cell.text)
                if found and found[1]:
                    return found[1]
    return None


def is_percent_column(table: Table, column: int, heads: Sequence[str]) -> bool:
    """Whether the numbers of a column are percentages: its heads say so, or a cell does and none is money."""
    if any("%" in head or re.search(r"\bpercent", head, re.I) for head in heads):
        return True
    texts = [c.text for row in table.rows for c in row if c.column == column and is_number(c.text)]
    marked = sum("%" in text for text in texts)
    if not marked or any(re.search(r"[$€£¥]", text) for text in texts):
        return False
    return marked * 2 >= len(texts) or "%" in texts[0]  # many tables mark only the first number of a column


def scale_of(
    table: Table, currency: str | None, label: str, group: str, column: Scale | None, percent: bool
) -> tuple[Scale, str | None]:
    """The scale and currency of a cell's number, and its unit where that is neither money nor open."""
    stated = column or table.stated
    factor = stated[0] if stated else None
    own = stated_scale(label) if "(" in label or "," in label else None
    if percent or "%" in PERCENT.findall(label):
        return (None, None), "%"
    if PAR_VALUE.search(f"{group} {label}"):
        return (factor, (column[1] if column else None) or currency), None
    for words in (label, group):
        if counts_shares(words):
            return (factor if not excepts_shares(table) else None, None), "shares"
        if PER_SHARE.search(words):
            return (None, currency), None
    if PER_SHARE.search(table.caption.split(" · ")[-1] if not table.stated else ""):
        return (None, currency), None
    if own and own[1] and own[0] != 1:
        return own, None
    if own and own[1] and currency is None:
        return (factor, own[1]), None
    if UNSCALED.search(label) or (RATE.search(label) and not currency):
        return (None, None), None
    return (factor, (column[1] if column and column[1] else None) or currency), None


def counts_shares(words: str) -> bool:
    """Whether a label is one of numbers of shares, and not of money for shares."""
    found = SHARES.search(words)
    return found is not None and not MONEY_OF_SHARES.search(words, 0, found.end())


def is_percent_row(label: str, currency: str | None, values: Sequence[Block]) -> bool:
    """Whether a row's numbers are percentages by its label and their size, although none has a sign."""
    if any(LARGE.search(cell.text) for cell in values):
        return False
    if PERCENT.search(label):
        return True
    rate = currency is not None and RATE.search(label) and not NO_RATE.search(label)
    return bool(rate) and all(abs(plain_number(cell.text) or Decimal(0)) <= MOST_OF_RATE for cell in values)


def ends_group(group: str, label: str, values: Sequence[Block]) -> bool:
    """Whether a row of a group's own depth is none of its rows: shares are spoken of above it, not in it.

    "Earnings per share: Basic 2.10, Diluted 2.05, Research and development 66": what has a long name has its own.
    """
    if not (PER_SHARE.search(group) or counts_shares(group)) or is_short(label):
        return False
    return not (PER_SHARE.search(group) and any(CENTS.fullmatch(cell.text) for cell in values))


def excepts_shares(table: Table) -> bool:
    """Whether the scale is said not to hold for numbers of shares."""
    said = " ".join([table.caption, *(c.text for c in table.heads if c.column == 0)])
    return bool(re.search(r"except (?:for )?(?:number of )?shares?\b(?! data)", said, re.I))


def aggregates_of(table: Table) -> dict[int, Aggregate]:
    """The rows that are totals, by their number among the rows that are no heads."""
    found: list[int] = []
    values = [row_values(row) for row in table.rows]
    for number, row in enumerate(table.rows):
        if values[number] and (TOTAL.search(label_of(row)) or is_sum(values, number)):
            found.append(number)
    return {number: Aggregate.TOTAL if number == found[-1] else Aggregate.SUBTOTAL for number in found}


def row_values(row: Sequence[Block]) -> dict[int, Decimal]:
    """The plain numbers of a row by column; a dash is none."""
    return {c.column: value for c in row if c.column > 0 and (value := plain_number(c.text)) is not None}


def is_sum(values: Sequence[dict[int, Decimal]], number: int) -> bool:
    """Whether a row is, in every column, the sum of at least two rows right above it."""
    own = values[number]
    if not own or not any(own.values()):
        return False
    sums = dict.fromkeys(own, Decimal(0))
    for count, above in enumerate(reversed(values[max(0, number - MOST_SUMMED) : number]), 1):
        if not above:
            continue
        for column in sums:
            sums[column] += above.get(column, Decimal(0))
        if count >= SUM_ROWS and sums == own:
            return True
    return False


MOST_SUMMED = 30
"""Rows above a sum that are looked at."""

CENTS = re.compile(r"^[\s$€£¥(\-–−]*\d{0,3}\.\d\d[\s)]*")
"""An amount below a thousand with cents."""
PLAIN = re.compile(
    r"(?P<before>[(\-–−])? ?(?:US ?)?[$€£¥]? ?(?P<inner>[(\-–−])? ?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<decimals>\.\d+)? ?\)? ?%? ?\)?"
)
"""A squeezed cell that is a number in English writing."""


def plain_number(text: str) -> Decimal | None:
    """The number of a cell in English writing: "$ (1,577)" is -1577; None for anything else."""
    match = PLAIN.fullmatch(squeezed(text))
    if match is None:
        return None
    value = Decimal(match["digits"].replace(",", "") + (match["decimals"] or ""))
    return -value if match["before"] or match["inner"] else value


def doubt_of(
    table: Table, cell: Block, heads: Sequence[str], scale: Scale, unit: str | None, *, cents: bool
) -> str | None:
    """Why a number is uncertain by its place; None where it is not. `cents`: its column has small ones with cents."""
    if table.heads and not heads:
        return "no head stands over its column"
    money = scale[1] is not None and unit is None
    if money and scale[0] is not None and scale[0] > 1 and cents:
        return "may be an amount per share"
    if money and scale[0] is None and table.stated is None and "." not in cell.text and len(table.rows) >= DOUBTED_ROWS:
        return (
            None
            if stated_scale(cell.text) and re.search(r"[^\W\d_]{2,}|[KMB]\b", cell.text)
            else "its table states no scale"
        )
    return None


def in_cents(table: Table, column: int) -> bool:
    """Whether the numbers of a column are small and have two decimals throughout, as amounts of one share have."""
    texts = [
        c.text for row in table.rows for c in row if c.column == column and is_number(c.text) and "%" not in c.text
    ]
    return len(texts) > 1 and all(CENTS.fullmatch(text) for text in texts)
