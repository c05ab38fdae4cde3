"""Questions in Spanish and Portuguese, word by word."""

from __future__ import annotations

import pytest

from factdesk.qa.translate import glossary, to_english


@pytest.mark.parametrize(
    "language, text, english",
    [
        ("es", "¿Cuánto se invirtió en Noruega?", "how much invested in Norway?"),
        ("es", "¿Cuál es el costo operativo mensual?", "what is the operating cost monthly?"),
        ("es", "¿Cuántos empleados?", "how many employee?"),
        ("es", "los ahorros del gobierno por año", "the savings of government per year"),
        ("es", "¿Qué significa ABC?", "what does ABC mean?"),
        ("es", "¿Qué significan ABC?", "what does ABC mean?"),
        ("es", "Xyzzy", "Xyzzy"),
        ("pt", "Quanto foi investido na Irlanda?", "how much was invested in Ireland?"),
        ("pt", "Qual foi a economia anual do governo?", "which was the savings annual of government?"),
        ("pt", "o que significa ABC?", "what does ABC mean?"),
        ("de", "Was kostet das?", "Was kostet das?"),  # no glossary: as it is
        ("es", "", ""),
    ],
)
def test_a_question_is_put_into_english(language: str, text: str, english: str) -> None:
    assert to_english(text, language) == english


@pytest.mark.parametrize("language", ["es", "pt"])
def test_the_glossary_holds_phrases_of_folded_words(language: str) -> None:
    entries = glossary(language)
    assert len(entries) > 200
    assert all(phrase and all(word == word.casefold() for word in phrase) for phrase in entries)
