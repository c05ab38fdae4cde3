"""Questions in Spanish and Portuguese, word by word, and which of the languages a question is in."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from factdesk.corpus.words import WORD, fold, word_set
from factdesk.qa import translate
from factdesk.qa.translate import cognate, glossary, phrases_to_english, spoken, to_english


@pytest.mark.parametrize(
    "language, text, english",
    [
        ("es", "¿Cuánto se invirtió en Noruega?", "how much was invested in Norway?"),
        ("es", "¿Cuál es el costo operativo mensual?", "what is the operating cost monthly?"),
        ("es", "¿Cuántos empleados?", "how many employee?"),
        ("es", "los ahorros del gobierno por año", "the savings of government per year"),
        ("es", "¿Qué significa ABC?", "what does ABC mean?"),
        ("es", "¿Qué significan ABC?", "what does ABC mean?"),
        ("es", "Xyzzy", "Xyzzy"),
        ("pt", "Quanto foi investido na Irlanda?", "how much was invested in Ireland?"),
        ("pt", "Qual foi a economia anual do governo?", "what was the annual savings of government?"),
        ("pt", "o que significa ABC?", "what does ABC mean?"),
        ("de", "Was kostet das?", "Was kostet das?"),  # no glossary: as it is
        ("es", "", ""),
        ("es", "¿Cuánto cuesta mantener el registro?", "how much does it cost to maintain the registry?"),
        ("pt", "Quanto custa manter o sistema?", "how much does it cost to maintain the system?"),
        ("es", "¿Sale más caro presencial o en línea?", "is more expensive in person or online?"),
        ("es", "¿Cuánto hay que esperar en el ayuntamiento?", "how long is the wait in the city hall?"),
        ("es", "hay que esperar", "wait"),
        ("es", "¿Quién está detrás de Xyzzy?", "who is behind Xyzzy?"),
        ("es", "¿Qué pasa con los dos países?", "what about the two country?"),
        ("es", "¿A cuánto asciende el gasto?", "how much is the cost?"),
        ("es", "¿Cuándo se puso en marcha?", "when launched?"),
        ("pt", "Quando entrou em funcionamento?", "when started?"),
        ("es", "¿Cuántos están satisfechos?", "how many are satisfied?"),
        ("pt", "as despesas operacionais da câmara municipal", "the operating costs of city hall"),
        ("pt", "certidão de nascimento e boletim de ocorrência", "birth certificate and crime report"),
        ("pt", "e a Coreia?", "and the South Korea?"),
        ("pt", "o que é o registro?", "what is the registry?"),
    ],
)
def test_a_question_is_put_into_english(language: str, text: str, english: str) -> None:
    assert to_english(text, language) == english


@pytest.mark.parametrize(
    "language, text, english",
    [
        ("es", "septiembre de 2018", "September 2018"),
        ("pt", "setembro de 2018", "September 2018"),
        ("es", "el 15 de mayo de 2018", "the 15 May 2018"),
        ("es", "mayo del 2018", "May 2018"),
        ("es", "hasta enero", "until January"),
        ("pt", "até março de 2020", "until March 2020"),
        ("es", "entre 2014 y 2018", "between 2014 and 2018"),
        ("pt", "entre janeiro e maio", "between January and May"),
        ("es", "de 2014 a 2018", "from 2014 to 2018"),
        ("pt", "desde 2014 até 2018", "from 2014 until 2018"),
        ("es", "a partir de 2014", "since 2014"),
        ("es", "costos de 2018", "cost of 2018"),
    ],
)
def test_dates_are_written_as_english_writes_them(language: str, text: str, english: str) -> None:
    assert to_english(text, language) == english


@pytest.mark.parametrize("language", ["es", "pt"])
@pytest.mark.parametrize("number", range(12))
def test_every_month_is_known(language: str, number: int) -> None:
    from babel.dates import get_month_names

    name = get_month_names("wide", locale=language)[number + 1]
    assert to_english(name, language) == get_month_names("wide", locale="en")[number + 1]


@pytest.mark.parametrize(
    "language, text, english",
    [
        ("es", "para", "for"),  # "parar" has this stem
        ("pt", "por", "by"),  # so has "porém"
        ("es", "como", "how"),
        ("es", "sin", "without"),
        ("pt", "no governo", "in government"),
        ("es", "no", "not"),
        ("pt", "e", "and"),
        ("pt", "é", "is"),
    ],
)
def test_a_small_word_is_not_taken_for_the_stem_of_another(language: str, text: str, english: str) -> None:
    assert to_english(text, language) == english


@pytest.mark.parametrize(
    "language, text, english",
    [
        ("es", "costos", "cost"),  # the stem of "costoso"
        ("es", "soluciones", "solution"),
        ("es", "iniciativas", "initiative"),
        ("es", "mesas", "desk"),
        ("es", "pasos", "step"),
        ("es", "efectos", "effect"),
        ("pt", "necessárias", "required"),
        ("pt", "etapas", "step"),
        ("pt", "funcionárias", "employee"),
        ("pt", "temas", "topic"),
    ],
)
def test_a_plural_or_feminine_is_that_of_its_own_word(language: str, text: str, english: str) -> None:
    assert to_english(text, language).removesuffix("s") == english


@pytest.mark.parametrize(
    "foreign, english",
    [
        ("inspeccion", "inspection"),
        ("inspecao", "inspection"),
        ("adopcion", "adoption"),
        ("adocao", "adoption"),
        ("comisiones", "commissions"),
        ("comissoes", "commissions"),
        ("privacidad", "privacy"),
        ("universidade", "university"),
        ("oficialmente", "officially"),
        ("efectivamente", "effectively"),
        ("posiblemente", "possibly"),
        ("eficiencia", "efficiency"),
        ("relevancia", "relevance"),
        ("economista", "economist"),
        ("turismo", "tourism"),
        ("publico", "public"),
        ("hospital", ""),  # it is English as it is
        ("sanitario", "sanitary"),
        ("laboratorio", "laboratory"),
        ("laboratorios", "laboratories"),
        ("responsavel", "responsible"),
        ("farmacia", "pharmacy"),
        ("tecnologia", "technology"),
        ("objetivo", "objective"),
        ("metodo", "method"),
        ("xyzacion", ""),
        ("mesa", ""),  # too short to be told
    ],
)
def test_a_cognate_is_the_english_word_that_is_known(foreign: str, english: str) -> None:
    known = word_set(
        "inspection adoption commissions privacy university officially effectively possibly efficiency "
        "relevance economist tourism public hospital sanitary laboratory laboratories responsible pharmacy technology "
        "objective method mes mess"
    )
    assert cognate(foreign, known.__contains__) == english


@pytest.mark.parametrize("language, text", [("es", "la vexillatura"), ("pt", "vexilologista"), ("es", "obsolescencia")])
def test_no_cognate_is_invented(language: str, text: str) -> None:
    assert to_english(text, language).split()[-1] == text.split()[-1]
    assert to_english(text, language, lambda word: word == "another").split()[-1] == text.split()[-1]


def test_a_cognate_is_taken_where_the_glossary_has_nothing() -> None:
    assert to_english("la obsolescencia de Obsolescencia", "es", {"obsolescence"}.__contains__) == (
        "the obsolescence of Obsolescencia"  # a name stays
    )


@pytest.mark.parametrize(
    "language, before, text",
    [
        ("pt", "en", "e a Coreia?"),
        ("pt", "en", "e para manter?"),
        ("es", "en", "gastos operativos anuales del registro civil"),
        ("pt", "en", "custo operacional do registro único de El Salvador"),
        ("es", "en", "inversion de uruguay"),
        ("pt", "en", "quem fundou a Tidewise?"),
        ("es", "en", "y la inversión?"),
        ("es", "en", "¿y presencial?"),
        ("es", "en", "ahorros anuales"),
        ("es", "en", "y Uruguay?"),
        ("pt", "en", "E no Brasil?"),
        ("pt", "en", "Investimento do Brasil"),
        ("es", "en", "cuanto costo"),
        ("pt", "en", "quanto custou"),
        ("es", "en", "CUANTO COSTÓ"),
        ("es", "en", "mas barato"),
        ("pt", "en", "mais caro"),
        ("pt", "en", "funcionários"),
        ("es", "en", "empleados"),
        ("pt", "en", "inspeção sanitária"),
        ("es", "en", "evaluacion"),
        ("pt", "en", "avaliacao"),
        ("pt", "es", "quanto custa?"),
        ("es", "pt", "cuanto cuesta?"),
        ("es", "en", "septiembre de 2018"),
        ("pt", "en", "setembro de 2018"),
        ("es", "en", "¿Qué es el Plan Nacional de Inclusión Digital?"),
    ],
)
def test_a_short_question_without_accents_is_told_by_its_words(language: str, before: str, text: str) -> None:
    assert spoken(text, before) == language


@pytest.mark.parametrize(
    "text",
    [
        "Registro Civil costs",
        "What is a DIGERCIC?",
        "gob.mx visits",
        "El Salvador single registry investment",
        "a e-mail",
        "São Paulo crime report",
        "and in person?",
        "PID savings",
        "Plan Nacional de Inclusión Digital investment",
        "no",
        "2015?",
        "costs",
        "mayor of the city",
        "operating costs of registro civil",
        "Puerto Rico savings",
        "La Paz budget",
        "Los Angeles crime report",
        "real estate",
        "division of labour",
        "",
    ],
)
def test_english_with_foreign_names_is_english(text: str) -> None:
    assert spoken(text) == "en"


@pytest.mark.parametrize("before", ["en", "es", "pt"])
@pytest.mark.parametrize("text", ["2015?", "Tidewise", "El Salvador", "PID", "social", "total", "digital", "?", ""])
def test_what_no_language_owns_is_in_the_language_of_the_talk(text: str, before: str) -> None:
    assert spoken(text, before) == before


@pytest.mark.parametrize("before", ["en", "es", "pt"])
@pytest.mark.parametrize(
    "language, text", [("en", "and the savings?"), ("en", "how much?"), ("es", "¿y cuánto?"), ("pt", "e quanto?")]
)
def test_a_talk_may_change_its_language(language: str, text: str, before: str) -> None:
    assert spoken(text, before) == language


@pytest.mark.parametrize(
    "text, before, language", [("visitas", "pt", "pt"), ("visitas", "es", "es"), ("visitas", "en", "es")]
)
def test_what_both_have_is_in_the_language_of_the_talk(text: str, before: str, language: str) -> None:
    assert spoken(text, before) == language


def entries(language: str) -> list[tuple[str, str]]:
    text = (resources.files("factdesk.corpus") / "glossary.toml").read_text("utf-8")
    return list(tomllib.loads(text)[language].items())


@pytest.mark.parametrize("language", ["es", "pt"])
def test_the_glossary_holds_phrases_of_folded_words(language: str) -> None:
    entries = glossary(language)
    assert len(entries) > 900
    assert all(phrase and all(word == word.casefold() for word in phrase) for phrase in entries)


@pytest.mark.parametrize("language", ["es", "pt"])
def test_phrases_come_before_words_and_no_entry_hides_another(language: str) -> None:
    phrases = [tuple(WORD.findall(fold(phrase))) for phrase, _ in entries(language)]
    assert len(set(phrases)) == len(phrases)
    single = [len(phrase) == 1 for phrase in phrases]
    assert single == sorted(single)


@pytest.mark.parametrize("language", ["es", "pt"])
def test_every_phrase_is_found_whole(language: str) -> None:
    lost = {
        phrase: found for phrase, english in entries(language) if (found := to_english(phrase, language)) != english
    }
    assert lost == {}


@pytest.mark.parametrize(
    "text, english",
    [
        ("cost of the acta de nacimiento", "cost of the birth certificate"),
        ("a boletim de ocorrência", "a crime report"),
        ("the annual plan of the council", "the annual plan of the council"),
    ],
)
def test_foreign_terms_in_an_english_question_are_put_into_english(text: str, english: str) -> None:
    assert phrases_to_english(text) == english


def test_that_a_question_is_english_is_told_without_the_stems_of_the_glossary(monkeypatch: pytest.MonkeyPatch) -> None:
    def stemmed(_: str) -> dict[tuple[str, ...], str]:
        raise AssertionError("the glossary was stemmed")

    monkeypatch.setattr(translate, "glossary", stemmed)
    assert spoken("What did the portal of Uruguay cost to run each month?", "es") == "en"
