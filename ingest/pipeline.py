"""From a file's bytes to everything that ingest knows of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePath

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.kinds import span_of
from factdesk.corpus.records import Document, Parsed
from factdesk.corpus.words import fold, language_of
from factdesk.ingest.characters import bearable
from factdesk.ingest.figures import extract
from factdesk.ingest.folder import entries_under
from factdesk.ingest.identity import Identity, identify
from factdesk.ingest.passages import CountTokens, passages
from factdesk.ingest.progress import advance
from factdesk.ingest.readers import read
from factdesk.ingest.structure import as_one, outline
from factdesk.ingest.tables import places_of

CASES = 2
"""Countries' subjects from which on a document is a compendium, even if it calls itself an annual report."""
SYMBOL = 4
"""Letters up to which a name in capitals is meant so."""
TOKEN_LIMIT = 256
"""What the packaged encoder reads of a text; the rest would be lost."""


def parse(data: bytes, *, name: str, path: str, sha256: str, document_id: str, count_tokens: CountTokens) -> Parsed:
    """Read a file and take it apart.

    Raises InputError if it cannot be read or holds no words.
    """
    reading = bearable(read(data, name))
    advance()
    if not reading.blocks:
        raise InputError(f"{name} has no text", path=path, reason=Reason.NO_TEXT, hint="put text into it or remove it")
    found = outline(reading, document_id, fallback_title(name))
    identity = identify(reading, found.title, PurePath(name).name)
    cases = sum(bool(subject.territory) for subject in found.subjects if not subject.whole)
    if span_of(identity.kind) and cases < CASES:  # a report of a period has sections, but no cases
        found = as_one(found, report_title(found.title, identity))
    document = Document(
        id=document_id,
        title=found.title,
        path=path,
        sha256=sha256,
        format=PurePath(name).suffix.lower().lstrip(".") or "text",
        text=reading.text,
        pages=reading.pages,
        language=reading.language or language_of(reading.text[:20_000]),
        warnings=reading.warnings,
        names=identity.names,
        periods=identity.periods,
        kind=identity.kind,
    )
    advance()
    places = places_of(found.placed, document.pages)
    advance()
    figures = extract(document, found, places)
    advance()
    return Parsed(
        document=document,
        subjects=found.subjects,
        passages=passages(document, found, places, count_tokens, TOKEN_LIMIT),
        figures=figures.figures,
        skipped=figures.skipped,
        omissions=figures.omissions,
        numbers_seen=figures.numbers_seen,
    )


def report_title(title: str, identity: Identity) -> str:
    """The title of a report: its own if that names whose it is, else made of that, its kind and its time."""
    names = [fold(name).split()[0] for name in identity.names if name.split()]
    if not names or any(re.search(rf"\b{re.escape(name)}", fold(title)) for name in names[:1]):
        return title
    whose = identity.names[0]
    name = whose.title() if whose.isupper() and len(whose) > SYMBOL else whose
    when = identity.periods[0].label if identity.periods else ""
    return " ".join(part for part in (f"{name.rstrip(' ,')}:", identity.kind.replace("_", " "), when) if part)


def fallback_title(name: str) -> str:
    """A title from a file's name: "annual_report-2021.pdf" is "annual report 2021"."""
    return re.sub(r"[-_\s]+", " ", PurePath(name).stem).strip() or name


def document_id(path: str) -> str:
    """The id a file's document has by default: its stem, in letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(PurePath(path).stem)).strip("-") or "document"


def files_under(path: Path) -> Iterator[Path]:
    """The readable files of a folder, in order; a file is itself. Hidden files and folders are left out."""
    if path.is_file():
        yield path
        return
    yield from (entry.path for entry in entries_under(path) if entry.reason is None)
