"""Lines of a PDF page to tables, by where their numbers stand.

1. A page in two columns is taken column by column.
2. Rows with numbers that stand under one another are a table, with the rows of words between them. A line that runs
   through the columns, a row of years or heads, or a wide gap ends it.
3. Columns are where the numbers' extents touch; where two numbers of a row touch the same column, right edges tell.
4. What stands left of the first column is the row's label. A label's line without numbers is part of the next row if
   that goes on in small letters, part of the row before if it does so itself, and else a row of its own.
5. Rows right above the first row of numbers that stand over the columns are heads. A head stands over the columns
   that it is centred on.
6. One column of page numbers, numbers without labels, and years alone are no tables.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from factdesk.ingest.pdf_columns import parts_of
from factdesk.ingest.pdf_lines import Run
from factdesk.ingest.pdf_rows import Band, Segment, bands_of
from factdesk.ingest.pdf_words import Word

ROWS_APART = 5.0
"""Rows of a table are no further apart than so many times their size."""
HEAD_APART = 3.2
"""A head is no further above what it stands over than so many times its size."""
SUM_ASIDE = 1.2
"""A number without a label ends where its column does, give or take so many times its size: else it is a page's."""
SUM_BELOW = 2.6
"""A number without a label is no further below the row before than so many times its size: else it is a page's."""
WORDY_ROWS = 6
"""So many rows without a number may stand between two rows of a table."""
WORDY_HEADS = 2
"""So many rows of words in the label's column may stand between two rows of heads."""
HALF_LINE = 0.85
"""A row of numbers no further from a line of words than this share of its size stands in the middle of its label."""
TIGHT = 0.85
"""Lines of one label stand nearer to one another than rows do: by this share of the usual distance at most."""
LINE_APART = 1.7
"""The lines of one label are no further apart than so many times their size."""
LABEL_INDENT = 3.0
"""A number that begins no further right than so many times its size from the leftmost label is a label itself."""
INDENT_SLACK = 0.35
"""Labels whose left edges differ by less than this share of their size have one indent."""
CENTRED = 1.0
"""A head is centred on its columns if their middles differ by less than so many times its size."""
CENTRED_SHARE = 0.06
"""... or by this share of the columns' width."""
GROUP_CENTRED = 2.0
"""A head that tells a period or heads a group is centred on its columns if their middles differ by less than this."""
PERIOD = re.compile(
    r"\b(?:months?|years?|quarters?|weeks?|fiscal|ended|ending|unaudited|q[1-4]|[1-4]q|ytd|"
    r"as (?:of|at)|in (?:milli|thous|billi))",
    re.I,
)
STICKS_OUT = 4.0
"""A line that begins further left of the columns than so many times its size is a title, and no head of theirs."""
MOST_COLUMNS = 60
"""No table of a page has more; what seems to is hostile, or no table."""
LEADING_ROWS = 3
"""A table of one column has at least so many rows of numbers."""
YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d(?:[EAFP*†]|\(\w\))?")
IN_BRACKETS = re.compile(r"(?:\([^()]*\)\s*)+|\([^()]*")
GOES_ON = re.compile(
    r"(?:\b(?:and|or|of|the|to|in|for|on|by|from|with|at|net|a|an|per|including|than)|[,;(/—–&-])$", re.I
)
HYPHENATED = re.compile(r"[^\W\d_]-$")


@dataclass(slots=True)
class Cell:
    """A cell of a row: its words in reading order and its columns."""

    words: list[Word]
    column: int
    column_span: int = 1
    header: bool = False
    level: int = 0
    doubt: str = ""


@dataclass(slots=True)
class Row:
    """A row of a table."""

    number: int
    cells: list[Cell]
    left: float
    baseline: float
    size: float


@dataclass(slots=True)
class Table:
    """A table of a page, and the bands of the page that it takes up."""

    rows: list[Row]
    bands: list[Band] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    """Where a column's numbers stand."""

    left: float
    right: float


def with_tables(lines: list[Run]) -> list[Run | Table]:
    """The lines of a page, and its tables in the place of theirs."""
    bands = bands_of(lines)
    if parts := parts_of(bands):
        return [element for part in parts for element in placed_tables(part, bands_of(part))]
    return placed_tables(lines, bands)


def placed_tables(lines: list[Run], bands: list[Band]) -> list[Run | Table]:
    """Lines that are read one after the other, and the tables among them in the place of theirs."""
    tables = tables_of(bands)
    if not tables:
        return list(lines)
    table_of = {id(run): table for table in tables for band in table.bands for run in band.runs}
    out: list[Run | Table] = []
    placed: set[int] = set()
    for line in lines:
        table = table_of.get(id(line))
        if table is None:
            out.append(line)
        elif id(table) not in placed:
            placed.add(id(table))
            out.append(table)
    return out


def tables_of(bands: list[Band]) -> list[Table]:
    """The tables among the bands of a page."""
    found: list[Table] = []
    top = 0
    for first, last in regions(bands):
        table = table_of(bands, top, first, last)
        if table is not None:
            found.append(table)
            top = bands.index(table.bands[-1]) + 1
    return found


def is_head(band: Band) -> bool:
    """Whether a row's numbers are years alone: it heads columns."""
    values = band.values
    if len(band.segments) > 1 and IN_BRACKETS.fullmatch(band.segments[0].text):
        return all(is_year(value) or not has_digit(value) for value in values)
    if not values or not all(is_year(value) for value in values):
        return False
    label = band.segments[0]
    return len(values) > 1 or label.is_value or IN_BRACKETS.fullmatch(label.text) is not None


def is_year(segment: Segment) -> bool:
    """Whether a segment is a year and no more."""
    return YEAR.fullmatch(segment.text.replace(" ", "")) is not None


def has_digit(segment: Segment) -> bool:
    """Whether a segment has a digit."""
    return any(character.isdecimal() for character in segment.text)


def is_body(band: Band) -> bool:
    """Whether a row holds numbers that are no heads."""
    return not is_head(band) and any(has_digit(value) or value is not band.segments[0] for value in band.values)


def regions(bands: list[Band]) -> Iterator[tuple[int, int]]:
    """The first and last band of each stretch of rows whose numbers stand under one another."""
    first = last = -1
    extents: list[Column] = []
    for number, band in enumerate(bands):
        if first >= 0 and not goes_on(bands, last, number, extents):
            yield first, last
            first = -1
        if not has_numbers(band):
            continue
        if first < 0 and is_body(band):
            first, extents = number, []
        if first >= 0:
            last = number
            extents = touching([*extents, *(Column(v.core_left, v.right) for v in column_values(band))])
    if first >= 0:
        yield first, last


def has_numbers(band: Band) -> bool:
    """Whether a row has numbers or what stands for them, and is no head."""
    return bool(band.values) and not is_head(band)


def column_values(band: Band) -> list[Segment]:
    """A row's numbers but for one that opens it before others: that may be its label."""
    values = band.values
    return values[1:] if len(values) > 1 and band.segments[0].is_value else values


def goes_on(bands: list[Band], last: int, number: int, extents: list[Column]) -> bool:
    """Whether a row may be part of the table whose last row of numbers is `last`."""
    band, before = bands[number], bands[number - 1]
    if before.baseline - band.baseline > ROWS_APART * max(band.size, before.size):
        return False
    if is_head(band) or number - last > WORDY_ROWS:
        return False
    edge = min(column.left for column in extents)
    if len(band.segments) == 1 and band.segments[0].is_value:
        right = band.segments[0].right
        if before.baseline - band.baseline > SUM_BELOW * band.size:
            return False
        return any(abs(right - column.right) <= SUM_ASIDE * band.size for column in extents)
    if band.values:
        return any(touches(value, column) for value in band.values for column in extents)
    return not runs_through(band, extents, edge) or is_long_label(bands, number, extents)


def is_long_label(bands: list[Band], number: int, extents: list[Column]) -> bool:
    """Whether a line through the columns is a label: the next row's numbers stand in several of the columns."""
    if len(bands[number].segments) > 1 or number + 1 >= len(bands) or len(extents) == 1:
        return False
    band, below = bands[number], bands[number + 1]
    if band.baseline - below.baseline > HEAD_APART * band.size or not has_numbers(below):
        return False
    starts = abs(band.segments[0].left - below.segments[0].left) <= LABEL_INDENT * band.size
    held = [any(touches(value, column) for column in extents) for value in below.values]
    return starts and not below.segments[0].is_value and len(held) > 1 and all(held)


def runs_through(band: Band, extents: list[Column], edge: float) -> bool:
    """Whether a row of words stands in the columns: prose, or the heads of another table."""
    over = [segment for segment in band.segments if segment.right > edge + band.size]
    if not over:
        return False
    if len(band.segments) > 1:
        return not all(any(touches(s, c) for c in extents) for s in band.segments if s.middle > edge) or len(over) > 1
    reached = sum(over[0].right > column.left + band.size for column in extents)
    return over[0].middle > edge or reached > 1 or len(extents) == 1


def touches(segment: Segment, column: Column) -> bool:
    """Whether a number stands in a column's extent."""
    return segment.core_left <= column.right and segment.right >= column.left


def touching(extents: list[Column]) -> list[Column]:
    """The extents, those that touch made one, from left to right."""
    found: list[Column] = []
    for extent in sorted(extents, key=lambda extent: extent.left):
        if found and extent.left <= found[-1].right:
            found[-1] = Column(found[-1].left, max(found[-1].right, extent.right))
        else:
            found.append(extent)
    return found


def table_of(bands: list[Band], top: int, first: int, last: int) -> Table | None:
    """The table of the bands from `first` to `last`, with the heads above it but not above band `top`."""
    body = bands[first : last + 1]
    columns, label_column = columns_of(body)
    if not is_table(body, columns, label_column) and not is_headed(bands[first - 1 : first], body, columns):
        return None
    left = min(band.segments[0].left for band in body)
    columns_seen = with_signs(body, columns, label_column)
    edge = heads_edge(body, columns_seen, label_column, left)
    heads_from, body_from = heads_above(bands, top, first, edge, left, columns[0].left)
    while heads_from < body_from and is_caption(bands[heads_from], columns_seen, edge):
        heads_from += 1
    heads = bands[heads_from:body_from]
    body = bands[body_from : last + 1]
    if heads_from == body_from and len(columns) > 1 and sum(bool(b.values) for b in body) < 2:
        return None
    rows: list[Row] = []
    group = 0
    for band in reversed(heads):
        rows.insert(0, head_row(band, columns_seen, edge, group, bool(rows)))
        columns_seen = with_heads(columns_seen, rows[0])
        group = group or repeated(rows[0], len(columns))
    for number, row in enumerate(rows):
        row.number = number
    drafts = drafts_of(body, columns, label_column)
    while last + 1 < len(bands) and ends_row(drafts[-1], bands[last + 1], columns, label_column):
        join(drafts[-1], draft_of(bands[last + 1], columns, label_column))
        last += 1
    rows += body_rows(drafts, len(heads), body[0].size)
    return Table(rows, bands[heads_from : last + 1])


def ends_row(last: Draft, band: Band, columns: list[Column], bound: float) -> bool:
    """Whether a row of words below the last row of numbers goes on with that."""
    if band.values or (runs_through(band, columns[:1], columns[0].left) and len(band.segments) == 1):
        return False
    return is_one_row(last, draft_of(band, columns, bound))


def columns_of(body: list[Band]) -> tuple[list[Column], float]:
    """The columns of numbers, and how far right a number must begin to be no label."""
    labels = [band.segments[0] for band in body if not band.segments[0].is_value]
    openers = [band.segments[0] for band in body if band.segments[0].is_value and len(band.segments) > 1]
    left = min(segment.left for segment in (*labels, *openers)) if labels or openers else 0.0
    size = body[0].size
    bound = left + LABEL_INDENT * size if labels else left
    if not labels and openers and all(YEAR.fullmatch(opener.text) for opener in openers):
        bound = left + size
    cells = [[v for v in band.values if not (v is band.segments[0] and v.left < bound)] for band in body]
    extents = [Column(value.core_left, value.right) for row in cells for value in row]
    columns: list[Column] = []
    if len(touched := touching(extents)) > MOST_COLUMNS:
        return [], bound
    for column in touched:
        inside = [[v for v in row if touches(v, column)] for row in cells]
        columns += by_right_edge(inside, size) if max(map(len, inside)) > 1 else [column]
    return with_words(body, columns, bound, size), bound


def heads_edge(body: list[Band], columns: list[Column], bound: float, left: float) -> float:
    """How far right the middle of a head must be to stand over a column: heads may be wider than their numbers."""
    rights = [b.segments[0].right for b in body if b.values and len(b.segments) > 1 and not b.segments[0].is_value]
    first = columns[0].left
    return min(first, max([(left + first) / 2, *(right for right in rights if right < first)]))


def with_signs(body: list[Band], columns: list[Column], bound: float) -> list[Column]:
    """The columns with the currency signs that stand apart before their numbers: as wide as a reader sees them."""
    seen: list[Column] = []
    for column in columns:
        lefts = [v.left for band in body for v in band.values if v.left >= bound and touches(v, column)]
        free = max(min([column.left, *lefts]), seen[-1].right if seen else 0.0)
        seen.append(Column(min(free, column.left), column.right))
    return seen


def by_right_edge(rows: list[list[Segment]], size: float) -> list[Column]:
    """Columns by right edges, for numbers that touch across them."""
    values = sorted((value for row in rows for value in row), key=lambda value: value.right)
    groups = [[values[0]]]
    for before, value in pairwise(values):
        if value.right - before.right > size:
            groups.append([])
        groups[-1].append(value)
    found: list[Column] = []
    for group in groups:
        left = min(value.core_left for value in group)
        if found:
            left = max(left, found[-1].right)
        found.append(Column(min(left, group[-1].right), group[-1].right))
    return found


def with_words(body: list[Band], columns: list[Column], bound: float, size: float) -> list[Column]:
    """The columns, and those of words that stand right of the labels in several rows and in no column of numbers."""
    loose = [
        Column(segment.left, segment.right)
        for band in body
        for segment in band.segments[1:]
        if not segment.is_value and segment.left > bound and not any(touches(segment, column) for column in columns)
    ]
    found = [c for c in touching(loose) if sum(c.left <= e.left <= c.right for e in loose) > 1]
    return sorted([*columns, *(c for c in found if c.right - c.left > 0)], key=lambda column: column.left)


def is_table(body: list[Band], columns: list[Column], bound: float) -> bool:
    """Whether rows of numbers are a table: enough of them, with labels, and no list of pages."""
    rows = [band for band in body if any(v.left >= bound for v in band.values)]
    if not columns or not rows:
        return False
    labelled = sum(any(c.isalpha() for c in band.segments[0].text) or band.segments[0].left < bound for band in rows)
    if 2 * labelled < len(rows):
        return False
    values = [value for band in rows for value in band.values if value.left >= bound]
    if sum(any(touches(value, column) for value in values) for column in columns) == 1:
        if len(rows) < LEADING_ROWS:
            return False
        shown = [band.values[-1].text for band in rows]
        if all(text.isdecimal() for text in shown):
            numbers = [int(text) for text in shown]
            return not all(before <= after for before, after in pairwise(numbers))
    return True


def heads_above(bands: list[Band], top: int, first: int, edge: float, left: float, labels_to: float) -> tuple[int, int]:
    """Where the heads above the first row of numbers begin and end; what lies between is part of the body."""
    start = end = first
    pending = 0
    for number in range(first - 1, top - 1, -1):
        band, below = bands[number], bands[number + 1]
        if band.baseline - below.baseline > HEAD_APART * max(band.size, below.size):
            break
        if heads_columns(band, edge, left):
            if start == end:
                end = number + 1
            start, pending = number, 0
        elif is_label_only(band, labels_to):
            if is_bracketed(band.segments[0]) and start == end:
                start, end = number, number + 1
            else:
                pending += 1
        else:
            break
        if pending > (WORDY_ROWS if start == end else WORDY_HEADS):
            break
    return start, end


def is_headed(above: list[Band], body: list[Band], columns: list[Column]) -> bool:
    """Whether rows of numbers without labels fill columns that each have a head right above."""
    if not above or len(columns) < LEADING_ROWS:
        return False
    near = above[0].baseline - body[0].baseline <= HEAD_APART * body[0].size
    counts = {len(above[0].segments), *(len(band.values) for band in body)}
    wordy = any(not is_year(segment) for segment in above[0].segments)
    return near and wordy and counts == {len(columns)}


def is_caption(band: Band, columns: list[Column], edge: float) -> bool:
    """Whether a line above the heads is a title that happens to stand over the columns: it fits none of them."""
    if len(band.segments) > 1 or band.segments[0].middle <= edge or PERIOD.search(band.segments[0].text):
        return False
    head = band.segments[0]
    fits = any(
        off_centre(head, start, end, columns) <= CENTRED * band.size
        for start in range(len(columns))
        for end in range(start, len(columns))
    )
    aligned = any(is_aligned(head, column, band.size) for column in columns)
    if len(columns) > 1 and head.left < columns[0].left - STICKS_OUT * band.size:
        return True
    return head.left < columns[0].left - band.size and not (fits or aligned)


def heads_columns(band: Band, edge: float, left: float) -> bool:
    """Whether a row stands over the columns, but for one stretch over the labels."""
    if any(not is_year(value) for value in band.values):
        return False
    over = [s for s in band.segments if s.middle > edge and s.left > (edge + left) / 2]
    beside = [s for s in band.segments if s.middle <= edge]
    if not over or len(over) + len(beside) != len(band.segments):
        return False
    return not any(s.right > over[0].left for s in beside) and (len(over) > 1 or all(s.right <= edge for s in beside))


def is_label_only(band: Band, edge: float) -> bool:
    """Whether a row has nothing but a label."""
    return len(band.segments) == 1 and band.segments[0].right <= edge + band.size


def repeated(row: Row, count: int) -> int:
    """After how many columns a row of heads begins anew: 3 for "2021 2020 Change 2021 2020 Change"; 0: never."""
    texts = {cell.column: " ".join(word.text for word in cell.words) for cell in row.cells if cell.column}
    if len(texts) != count or any(cell.column_span > 1 for cell in row.cells):
        return 0
    for group in range(2, count // 2 + 1):
        if count % group == 0 and all(texts[n] == texts[n + group] for n in range(1, count - group + 1)):
            return group
    return 0


def with_heads(columns: list[Column], row: Row) -> list[Column]:
    """The columns, as wide as the heads over one column each."""
    heads = {cell.column - 1: cell for cell in row.cells if cell.column and cell.column_span == 1}
    wider: list[Column] = []
    for number, column in enumerate(columns):
        low = wider[-1].right if wider else -math.inf
        high = columns[number + 1].left if number + 1 < len(columns) else math.inf
        left, right = column.left, column.right
        if number in heads:
            left = max(low, min(left, *(word.left for word in heads[number].words), math.inf))
            right = min(high, max(right, *(word.right for word in heads[number].words), -math.inf))
        wider.append(Column(min(left, column.left), max(right, column.right)))
    return wider


def head_row(band: Band, columns: list[Column], edge: float, group: int, has_below: bool) -> Row:
    """A row of heads; `group` columns under it belong together, if any do; `has_below`: heads stand below it."""
    cells: list[Cell] = []
    over: list[Segment] = []
    for segment in band.segments:
        if segment.middle > edge:
            over.append(segment)
        elif cells:
            cells[0].words = [*cells[0].words, *segment.words]
        else:
            cells.append(Cell(segment.words, 0, header=True))
    for segment, (start, end) in zip(over, spans_of(over, columns, band.size, group, has_below), strict=True):
        cells.append(Cell(segment.words, start + 1, end - start + 1, header=True))
    return Row(0, doubted(cells), band.segments[0].left, band.baseline, band.size)


def spans_of(
    heads: list[Segment], columns: list[Column], size: float, group: int, has_below: bool
) -> list[tuple[int, int]]:
    """The first and last column that each head stands over."""
    reached = [reached_columns(head, columns) for head in heads]
    if has_below and len(heads) > 1 and (tiles := tiling(heads, reached, 0, columns, size)):
        return tiles
    distinct = len({head.text for head in heads}) == len(heads)
    spans: list[tuple[int, int]] = []
    for number, head in enumerate(heads):
        low = spans[-1][1] + 1 if spans else 0
        high = reached[number + 1][0] - 1 if number + 1 < len(heads) else len(columns) - 1
        span = centred_span(head, reached[number], low, high, columns, size)
        spans.append(
            widened(head, span, (low, high), columns, size, group if distinct else 0)
            if has_below or is_bracketed(head)
            else span
        )
    return spans


def tiling(
    heads: list[Segment],
    reached: list[tuple[int, int]],
    start: int,
    columns: list[Column],
    size: float,
    dead: set[tuple[int, int]] | None = None,
) -> list[tuple[int, int]]:
    """Spans of two columns or more, one a head, that cover all columns from `start` on; none if they do not.

    `dead` are numbers of heads left and starts from which there is no way: each is tried once.
    """
    dead = set() if dead is None else dead
    if (len(heads), start) in dead:
        return []
    if len({head.text for head in heads}) < len(heads) and not all(PERIOD.search(head.text) for head in heads):
        return []  # "Gross" over one column each of two groups
    highest = reached[1][0] - 1 if len(reached) > 1 else len(columns) - 1
    lowest = reached[0][1] if len(reached) > 1 else len(columns) - 1
    for end in range(max(lowest, start + 1), highest + 1):
        if reached[0][0] < start or off_centre(heads[0], start, end, columns) > slack_of(start, end, columns, size):
            continue
        if len(heads) == 1:
            return [(start, end)]
        if rest := tiling(heads[1:], reached[1:], end + 1, columns, size, dead):
            return [(start, end), *rest]
    dead.add((len(heads), start))
    return []


def slack_of(first: int, last: int, columns: list[Column], size: float) -> float:
    """How far from the middle of its columns a head may stand that tells a period or heads a group."""
    return max(GROUP_CENTRED * size, CENTRED_SHARE * (columns[last].right - columns[first].left))


def is_bracketed(segment: Segment) -> bool:
    """Whether a segment stands in brackets as a whole: "(unaudited)"."""
    return IN_BRACKETS.fullmatch(segment.text) is not None


def widened(
    head: Segment, span: tuple[int, int], bounds: tuple[int, int], columns: list[Column], size: float, group: int
) -> tuple[int, int]:
    """The columns under a head that tells a period or heads a group of columns: all that it is centred on."""
    (first, last), (low, high) = span, bounds
    wider: list[tuple[int, int]] = []
    if PERIOD.search(head.text) or is_year(head) or is_bracketed(head) or last > first:
        wider += [(start, first + last - start) for start in range(low, first + 1)]
    if group:
        start = first // group * group
        wider.append((start, start + group - 1))
    for start, end in wider:
        fits = low <= start and last <= end <= high
        if fits and off_centre(head, start, end, columns) <= slack_of(start, end, columns, size):
            return start, end
    return span


def reached_columns(head: Segment, columns: list[Column]) -> tuple[int, int]:
    """The first and last column that a head's extent reaches; the nearest if none."""
    touched = [n for n, c in enumerate(columns) if head.left <= c.right and head.right >= c.left]
    if touched:
        return touched[0], touched[-1]
    nearest = min(range(len(columns)), key=lambda n: abs(head.middle - (columns[n].left + columns[n].right) / 2))
    return nearest, nearest


def centred_span(
    head: Segment, reached: tuple[int, int], low: int, high: int, columns: list[Column], size: float
) -> tuple[int, int]:
    """The columns that a head is centred on, of those between `low` and `high`; the fewest that fit."""
    first, last = reached
    best_off = off_centre(head, first, last, columns)
    if best_off <= CENTRED * size or (first == last and is_aligned(head, columns[first], size)):
        return reached
    best = reached
    for start in range(max(low, 0), first + 1):
        for end in range(last, max(high, last) + 1):
            off = off_centre(head, start, end, columns)
            if off < best_off - size / 2 or (off < best_off and end - start < best[1] - best[0]):
                best, best_off = (start, end), off
    return best


def is_aligned(head: Segment, column: Column, size: float) -> bool:
    """Whether a head ends or begins where a column does."""
    return min(abs(head.right - column.right), abs(head.left - column.left)) <= size


def off_centre(head: Segment, first: int, last: int, columns: list[Column]) -> float:
    """How far a head's middle is from that of some columns."""
    return abs(head.middle - (columns[first].left + columns[last].right) / 2)


def doubted(cells: list[Cell]) -> list[Cell]:
    """The cells, with a doubt where two stand in one column."""
    taken: set[int] = set()
    out: list[Cell] = []
    for cell in cells:
        own = set(range(cell.column, cell.column + cell.column_span))
        out.append(replace(cell, doubt=cell.doubt or "overlaps another cell") if own & taken else cell)
        taken |= own
    return out


@dataclass(slots=True)
class Draft:
    """A row of a table's body as it is put together: its label's words, line by line, and its cells."""

    label: list[Word]
    left: float
    cells: list[Cell]
    bands: list[Band]


def drafts_of(body: list[Band], columns: list[Column], bound: float) -> list[Draft]:
    """The rows of the body, lines of one row together."""
    drafts: list[Draft] = []
    tight = TIGHT * usual_drop(body)
    lines = [draft_of(band, columns, bound) for band in body]
    for number, draft in enumerate(lines):
        opens_next = not draft.cells and number + 1 < len(lines) and is_one_row(draft, lines[number + 1])
        if drafts and (is_one_row(drafts[-1], draft) or (is_tight(drafts[-1], draft, tight) and not opens_next)):
            join(drafts[-1], draft)
        else:
            drafts.append(draft)
    return drafts


def usual_drop(body: list[Band]) -> float:
    """How far below a row of numbers the next row stands, in the middle of all; 0 if there are too few."""
    drops = sorted(above.baseline - below.baseline for above, below in pairwise(body) if above.values)
    return drops[len(drops) // 2] if len(drops) >= LEADING_ROWS else 0.0


def is_tight(before: Draft, draft: Draft, tight: float) -> bool:
    """Whether a line of a label stands so near to the next that they are lines of one row."""
    wordy = before.label and draft.label and not (before.cells and draft.cells)
    return bool(wordy) and before.bands[-1].baseline - draft.bands[0].baseline <= tight


def body_rows(drafts: list[Draft], number: int, size: float) -> list[Row]:
    """The rows below the heads, numbered from `number` on."""
    levels = indent_levels([draft.left for draft in drafts if draft.label], size)
    rows: list[Row] = []
    for draft in drafts:
        cells = list(draft.cells)
        if draft.label:
            cells.insert(0, Cell(draft.label, 0))
        cells[0].level = levels.get(draft.left, 0) if draft.label else 0
        band = draft.bands[-1]
        rows.append(Row(number + len(rows), doubted(cells), draft.left, band.baseline, band.size))
    return rows


def draft_of(band: Band, columns: list[Column], bound: float) -> Draft:
    """A row of one band: what stands left of the columns is its label."""
    edge = columns[0].left
    label: list[Word] = []
    cells: list[Cell] = []
    for number, segment in enumerate(band.segments):
        is_opening = number == 0 and (segment.left < bound or not segment.is_value) and segment.left < edge
        if is_opening or (not segment.is_value and segment.right <= edge and not cells):
            label += segment.words
            continue
        column, doubt = column_for(segment, columns, band.size)
        if cells and cells[-1].column == column + 1 and not segment.is_value:
            cells[-1].words += segment.words
        else:
            cells.append(Cell(segment.words, column + 1, doubt=doubt))
    return Draft(label, band.segments[0].left, cells, [band])


def column_for(segment: Segment, columns: list[Column], size: float) -> tuple[int, str]:
    """The column that a cell stands in, and a doubt if that is not plain."""
    touched = [n for n, c in enumerate(columns) if touches(segment, c)]
    if len(touched) == 1:
        return touched[0], ""
    if touched:
        nearest = min(touched, key=lambda n: abs(segment.right - columns[n].right))
        return nearest, "" if abs(segment.right - columns[nearest].right) <= size else "stands over several columns"
    return (
        min(range(len(columns)), key=lambda n: abs(segment.middle - (columns[n].left + columns[n].right) / 2)),
        "stands beside its column",
    )


def is_one_row(before: Draft, draft: Draft) -> bool:
    """Whether two rows are the lines of one."""
    above, below = before.bands[-1], draft.bands[0]
    drop = above.baseline - below.baseline
    size = min(above.size, below.size)
    if before.cells and draft.cells:
        return drop <= LINE_APART * size and is_continuation(before, draft)
    if drop <= HALF_LINE * size and (bool(before.cells) != bool(draft.cells)):
        return True
    if drop > LINE_APART * size or not before.label or not draft.label:
        return False
    opening = draft.label[0].text
    if opening[:1].islower() and draft.left >= before.left - size:
        return True
    words = " ".join(word.text for word in before.label)
    goes_on = GOES_ON.search(words) is not None or words.count("(") > words.count(")")
    return goes_on and not before.cells and draft.left >= before.left - INDENT_SLACK * size


def is_continuation(before: Draft, draft: Draft) -> bool:
    """Whether a row without a label and numbers goes on with the words in the cells above it."""
    if draft.label or draft.bands[0].values:
        return False
    wordy = {cell.column for cell in before.cells if any(word.text.isalpha() for word in cell.words)}
    return all(cell.column in wordy for cell in draft.cells)


def join(before: Draft, draft: Draft) -> None:
    """Add a line to the row that it is part of."""
    if not before.label:
        before.left = draft.left
    if before.label and draft.label:
        draft.label[0].glued = HYPHENATED.search(before.label[-1].text) is not None
    before.label += draft.label
    before.bands += draft.bands
    if before.cells and draft.cells:
        for cell in draft.cells:
            above = next(known for known in before.cells if known.column == cell.column)
            above.words = [*above.words, *cell.words]
    else:
        before.cells += draft.cells


def indent_levels(lefts: list[float], size: float) -> dict[float, int]:
    """The indent level of each left edge."""
    levels: dict[float, int] = {}
    level, known = -1, 0.0
    for left in sorted(set(lefts)):
        if level < 0 or left - known > INDENT_SLACK * size:
            level, known = level + 1, left
        levels[left] = level
    return levels
