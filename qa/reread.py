"""A kept answer as the record it was: what the JSON of the contract holds, read back.

Numbers come back as JSON has them, which is enough to be shown; nothing is calculated with them.
"""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from factdesk.corpus.errors import HistoryUnusable
from factdesk.corpus.records import Answer, Calculation, Citation, CitedFigure, DocumentRef, Figure, Kind, Role
from factdesk.qa.format import Json


def answer_from_json(found: Json) -> Answer:
    """The answer that `format.answer_to_json` was given, without passages and timings.

    Raises HistoryUnusable if it is no such object.
    """
    try:
        return Answer(
            id=found["id"],
            question=found["question"],
            kind=Kind(found["kind"]),
            answer=found["answer"],
            confidence=found["confidence"],
            reason=found["reason"],
            figures=tuple(_cited(item) for item in found["figures"]),
            calculation=_calculation(found["calculation"]),
            citations=tuple(_citation(item) for item in found["citations"]),
            nearest=tuple(_cited(item) for item in found["nearest"]),
            suggestions=tuple(found["suggestions"]),
            resolved=found["resolved"],
            language=found["language"],
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise HistoryUnusable(
            "a kept answer cannot be read", hint="run: factdesk conversations delete, with its id"
        ) from error


def _known(record: type[Figure | Citation], found: Json) -> Json:
    """The fields that the record has: a newer factdesk may have written more."""
    return {field.name: found[field.name] for field in fields(record) if field.name in found}


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _cited(found: Json) -> CitedFigure:
    known = _known(Figure, found)
    known |= {"section": tuple(found["section"]), "footnotes": tuple(found["footnotes"]), "role": Role(found["role"])}
    known |= {"value": _decimal(found["value"]) or Decimal(0), "value_high": _decimal(found["value_high"])}
    return CitedFigure(Figure(**known), found["citation"] or 0)


def _citation(found: Json) -> Citation:
    document = DocumentRef(**found["document"])
    return Citation(**{**_known(Citation, found), "document": document, "section": tuple(found["section"])})


def _calculation(found: Json | None) -> Calculation | None:
    # A value beyond what JSON can say is null; the answer's text has it.
    if found is None or found["value"] is None:
        return None
    value = Decimal(str(found["value"]))
    return Calculation(found["expression"], value, found["unit"], found["per"], tuple(found["operands"]))
