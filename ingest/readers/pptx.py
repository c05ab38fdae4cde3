"""PowerPoint: a slide plays the page.

1. The title is a heading; the other shapes follow from the top and, side by side, from the left. Groups are read from
   within, footers and slide numbers not.
2. Bullets are items; a table is a table; a chart is a table of its series under its title; what a diagram says is
   items.
3. Speaker's notes follow the slide, marked as notes. Hidden slides are not read, and the warnings say so.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from factdesk.corpus.errors import InputError
from factdesk.corpus.records import BlockKind, Reading
from factdesk.ingest.composed import Composer, Gathered, Words, damaged, words

SUFFIXES = (".pptx", ".pptm")
MAIN_PART = "ppt/presentation.xml"
SLIDE_LEVEL = 2
"""Of a slide's title: the presentation's is above."""
SAME_LINE = 228_600
"""Shapes whose tops differ by less than a quarter of an inch stand side by side."""
GROUP_DEPTH = 20
"""Groups within groups that are looked into."""
NOTES = "Notes: "
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
RUNNING = ("DATE", "FOOTER", "SLIDE_NUMBER", "HEADER")
"""Placeholders that stand on every slide."""
LISTS = ("BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT")
"""Placeholders whose paragraphs are bullets unless they say otherwise."""


def read(data: bytes, name: str) -> Reading:
    """Read a presentation. Spans are positions in its text as it is put together here.

    Raises InputError: DAMAGED, PASSWORD_NEEDED, TOO_BIG.
    """
    from factdesk.ingest.archives import check_parts, open_archive
    from factdesk.ingest.packages import core_title

    archive = open_archive(data, name)
    if MAIN_PART not in archive.namelist():
        raise damaged(name, "it has no presentation part")
    check_parts(archive, name)
    composer = Composer(name)
    try:
        told = write_slides(data, composer)
    except InputError:
        raise
    except (RecursionError, MemoryError) as error:
        raise damaged(name, "its parts are nested too deep") from error
    except Exception as error:  # what python-pptx raises on a file that breaks the rules is not declared
        raise damaged(name, f"{type(error).__name__} while reading it") from error
    return composer.reading(title=core_title(archive, name), warnings=tuple(told))


def write_slides(data: bytes, composer: Composer) -> list[str]:
    """Write the slides; what is to be warned of."""
    from pptx import Presentation

    told: list[str] = []
    for number, slide in enumerate(Presentation(io.BytesIO(data)).slides, start=1):
        composer.page(str(number))
        if slide._element.get("show") in ("0", "false"):
            told.append(f"hidden slide not read: {number}")
            continue
        title = slide.shapes.title
        if title is not None:
            composer.add(BlockKind.HEADING, words(title.text_frame.text), SLIDE_LEVEL)
        for shape in in_order(slide.shapes, 0):
            if title is None or shape.shape_id != title.shape_id:
                told += [f"slide {number}: {what}" for what in write_shape(shape, slide, composer)]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            lead = NOTES
            for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
                if said := words(paragraph.text):
                    composer.add(BlockKind.PARAGRAPH, Words(lead + said.text))
                    lead = ""
    return told


def in_order(shapes: Any, depth: int) -> Iterator[Any]:
    """The shapes as one reads them, groups from within."""
    for shape in sorted(shapes, key=place_of):
        if hasattr(shape, "shapes"):
            if depth < GROUP_DEPTH:
                yield from in_order(shape.shapes, depth + 1)
        elif not (shape.is_placeholder and kind_of(shape) in RUNNING):
            yield shape


def place_of(shape: Any) -> tuple[int, int]:
    """Sorts shapes from the top, and those of one line from the left; what has no place comes first."""
    return int(shape.top or 0) // SAME_LINE, int(shape.left or 0)


def kind_of(shape: Any) -> str:
    """The name of a placeholder's kind."""
    kind = shape.placeholder_format.type
    return str(kind.name) if kind is not None else ""


def write_shape(shape: Any, slide: Any, composer: Composer) -> list[str]:
    """Write what a shape says; what of it could not be read."""
    if getattr(shape, "has_table", False):
        write_table(shape.table, composer)
    elif getattr(shape, "has_chart", False):
        return write_chart(shape.chart, composer)
    elif shape.has_text_frame:
        listed = shape.is_placeholder and kind_of(shape) in LISTS
        for paragraph in shape.text_frame.paragraphs:
            write_paragraph(paragraph, composer, listed=listed)
    else:
        write_diagram(shape, slide, composer)
    return []


def write_paragraph(paragraph: Any, composer: Composer, *, listed: bool) -> None:
    """Write a paragraph, or an item where it has a bullet."""
    said = words_of(paragraph)
    properties = paragraph._p.pPr
    signs = {child.tag.removeprefix(DRAWING) for child in properties} if properties is not None else set()
    bullet = "buNone" not in signs and (listed or bool(signs & {"buChar", "buAutoNum", "buBlip"}))
    if bullet:
        composer.add(BlockKind.ITEM, said, paragraph.level)
    else:
        composer.add(BlockKind.PARAGRAPH, said)


def words_of(*paragraphs: Any) -> Words:
    """The words of paragraphs; raised digits and signs are marks."""
    from factdesk.ingest.hypertext import LABEL

    gathered = Gathered()
    for paragraph in paragraphs:
        gathered.add(" ")
        for child in paragraph._p:
            tag = child.tag
            if tag == f"{DRAWING}br":
                gathered.add(" ")
            elif tag in (f"{DRAWING}r", f"{DRAWING}fld"):
                text = child.findtext(f"{DRAWING}t") or ""
                properties = child.find(f"{DRAWING}rPr")
                raised = properties is not None and (properties.get("baseline") or "0").strip("%").isdigit()
                raised = raised and properties.get("baseline") not in ("0", "0%", None)
                label = LABEL.fullmatch(text.strip()) if raised else None
                if label:
                    gathered.mark(label[1])
                else:
                    gathered.add(text)
        for run in paragraph.runs:
            if run.hyperlink.address:
                gathered.links.append(run.hyperlink.address)
    return gathered.words()


def write_table(table: Any, composer: Composer) -> None:
    """Write a table of a slide."""
    from factdesk.ingest.grids import LaidCell, tidy

    cells = []
    for row, line in enumerate(table.rows):
        for column, cell in enumerate(line.cells):
            if cell.is_spanned:
                continue
            said = words_of(*cell.text_frame.paragraphs)
            if said or said.marks:
                high, wide = (cell.span_height, cell.span_width) if cell.is_merge_origin else (1, 1)
                head = bool(table.first_row) and row == 0
                cells.append(LaidCell(said, row, column, high, wide, head=head))
    made = tidy(cells)
    for said in made.above:
        composer.add(BlockKind.PARAGRAPH, said)
    composer.table(made.cells)


def write_chart(chart: Any, composer: Composer) -> list[str]:
    """Write a chart's series as the columns of a table under its title."""
    from factdesk.ingest.composed import Cell
    from factdesk.ingest.numberformats import shown

    if chart.has_title and chart.chart_title.has_text_frame:
        composer.add(BlockKind.PARAGRAPH, words(chart.chart_title.text_frame.text))
    unread = []
    for plot in chart.plots:
        labels = [" · ".join(str(part) for part in path) for path in plot.categories.flattened_labels]
        series = list(plot.series)
        if not labels:
            unread.append("a chart without categories was not read")
            continue
        cells = [Cell(words(one.name), 0, column, header=True) for column, one in enumerate(series, start=1)]
        formats = [one._element.findtext(f".//{{{CHARTS}}}val//{{{CHARTS}}}formatCode") or "General" for one in series]
        values = [list(one.values) for one in series]
        for row, label in enumerate(labels, start=1):
            cells.append(Cell(words(label), row, 0))
            for column, (column_values, code) in enumerate(zip(values, formats, strict=True), start=1):
                value = column_values[row - 1] if row <= len(column_values) else None
                cells.append(Cell(words(shown(value, code)), row, column))
        composer.table(cells)
    return unread


CHARTS = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def write_diagram(shape: Any, slide: Any, composer: Composer) -> None:
    """Write what a diagram says, in the order of its points."""
    from factdesk.ingest.packages import parse_xml

    ids = shape._element.find(f".//{{{DIAGRAM}}}relIds")
    if ids is None:
        return
    root = parse_xml(slide.part.related_part(ids.get(f"{RELATIONS}dm")).blob, composer.name)
    for paragraph in root.iter(f"{DRAWING}p"):
        text = "".join(run.text or "" for run in paragraph.iter(f"{DRAWING}t"))
        composer.add(BlockKind.ITEM, words(text))
