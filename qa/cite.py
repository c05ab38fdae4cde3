"""Citations: numbered as they are used, quotes cut from the documents themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from factdesk.corpus.records import Citation, Document, DocumentRef, Figure, Omission
from factdesk.index.catalogue import Catalogue


@dataclass(slots=True)
class Citer:
    """Collects the citations of one answer. The same span is cited once, and so is one inside another."""

    catalogue: Catalogue
    citations: list[Citation] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)

    def document(self, identity: str) -> Document:
        """The document of an id. Raises KeyError if the catalogue has none."""
        if identity not in self.documents:
            found = self.catalogue.document(identity)
            if found is None:
                raise KeyError(identity)
            self.documents[identity] = found
        return self.documents[identity]

    def cite(self, document: str, start: int, end: int, section: tuple[str, ...]) -> int:
        """The number of the citation of a span, a new one if need be."""
        for citation in self.citations:
            if citation.document.id == document and citation.start <= start and end <= citation.end:
                return citation.n
        source = self.document(document)
        page = source.page_at(start)
        citation = Citation(
            n=len(self.citations) + 1,
            document=DocumentRef(source.id, source.title, source.path),
            page=page.number if page else None,
            page_label=page.label if page else None,
            section=section,
            quote=source.text[start:end],
            start=start,
            end=end,
        )
        self.citations.append(citation)
        return citation.n

    def figure(self, figure: Figure) -> int:
        """The number of the citation of a figure's quote."""
        return self.cite(figure.document, figure.start, figure.end, figure.section)

    def omission(self, omission: Omission) -> int:
        """The number of the citation of a statement that something is not quantified."""
        return self.cite(omission.document, omission.start, omission.end, omission.section)

    def footnote(self, figure: Figure, text: str) -> int | None:
        """The number of the citation of a figure's footnote; None if it is not found again."""
        for passage in self.catalogue.passages_of(document=figure.document).values():
            if text == " ".join(unit.text for unit in passage.units):
                return self.cite(passage.document, passage.start, passage.end, passage.section)
        return None
