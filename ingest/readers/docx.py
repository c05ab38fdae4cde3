"""Word: mammoth makes HTML of the document, `hypertext` blocks of the HTML.

Deleted words, comments, running heads and pictures are not read; inserted words are, and so are text boxes. Word keeps
no pages, so there are none. A footnote is a note under its number.
"""

from __future__ import annotations

import io

from factdesk.corpus.records import Reading
from factdesk.ingest.composed import Composer, damaged

SUFFIXES = (".docx", ".docm")
MAIN_PART = "word/document.xml"
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Heading 7'] => h6:fresh
p[style-name='heading 7'] => h6:fresh
p[style-name='Heading 8'] => h6:fresh
p[style-name='heading 8'] => h6:fresh
p[style-name='Heading 9'] => h6:fresh
p[style-name='heading 9'] => h6:fresh
"""


def read(data: bytes, name: str) -> Reading:
    """Read a Word document. Spans are positions in its text as it is put together here.

    Raises InputError: DAMAGED, PASSWORD_NEEDED, TOO_BIG.
    """
    import mammoth

    from factdesk.ingest.archives import check_parts, open_archive
    from factdesk.ingest.hypertext import read_hypertext
    from factdesk.ingest.packages import core_title

    archive = open_archive(data, name)
    if MAIN_PART not in archive.namelist():
        raise damaged(name, "it has no document part")
    check_parts(archive, name)
    try:
        made = mammoth.convert_to_html(io.BytesIO(data), style_map=STYLES, convert_image=lambda image: [])
    except (RecursionError, MemoryError) as error:
        raise damaged(name, "its parts are nested too deep") from error
    except Exception as error:  # what mammoth raises on a document that breaks Word's rules is not declared
        raise damaged(name, f"{type(error).__name__} while reading it") from error
    composer = Composer(name)
    read_hypertext(str(made.value), composer)
    return composer.reading(title=core_title(archive, name))
