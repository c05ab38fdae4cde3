"""Countries by name and adjective, and words that only look like one."""

from __future__ import annotations

import pytest

from factdesk.corpus.territories import common_words, dominant, mentions, names


def codes(text: str) -> list[str]:
    return [mention.code for mention in mentions(text)]


@pytest.mark.parametrize(
    "text, code",
    [
        ("Uruguay", "UY"),
        ("el salvador", "SV"),
        ("Salvador", "SV"),
        ("Korea", "KR"),
        ("korea", "KR"),
        ("e a Coreia?", "KR"),
        ("y Corea", "KR"),
        ("Corea del Norte", "KP"),
        ("Coreia do Sul", "KR"),
        ("Reino Unido", "GB"),
        ("Cidade do Vaticano", "VA"),
        ("Puerto Rico", "PR"),
        ("uruguays", "UY"),
    ],
)
def test_a_country_is_known_by_its_name(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        *("cidade", "ciudad", "a cidade", "la costa", "isla", "islas", "ilha", "puerto", "porto", "reino", "estados"),
        *("estado", "costa", "verde", "marfil", "marfim", "santo", "serra", "sierra", "nieves", "navidad", "africa"),
        *("territorio", "central", "occidental", "sandwich", "venda", "vendas", "series", "mandar", "dual", "basa"),
        *("polish the text", "in English", "Latin America", "the slave trade", "la reunión", "a reunião", "gana"),
    ],
)
def test_a_common_word_of_a_name_is_no_country(text: str) -> None:
    assert codes(text) == []


def test_no_word_of_the_glossary_tells_a_country() -> None:
    words = {word for name in names() for word in name.split()}
    assert len(words & common_words()) > 50
    assert [word for word in words & common_words() if dominant(word)] == []


@pytest.mark.parametrize("text", ["New Mexico", "Nuevo México", "NEW MEXICO", "Nova Irlanda", "Nuevo Panamá"])
def test_a_place_named_after_a_country_is_not_that_country(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text, code",
    [("New Zealand", "NZ"), ("Nova Zelândia", "NZ"), ("Nueva Caledonia", "NC"), ("a new Mexico office", "MX")],
)
def test_a_new_country_of_the_list_is_one(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "code, adjectives",
    [
        ("PA", "panameño panameña panameños panameñas panamenho panamenha panamenhos panamenhas Panamanian"),
        ("EC", "ecuatoriano ecuatoriana ecuatorianos ecuatorianas equatoriano equatoriana equatorianos equatorianas"),
        ("SV", "salvadoreño salvadoreña salvadoreños salvadoreñas salvadorenho salvadorenha salvadorenhos"),
        ("AR", "argentino argentina argentinos argentinas Argentinian"),
        ("MX", "mexicano mexicana mexicanos mexicanas Mexican"),
        ("KR", "coreano coreana coreanos coreanas Korean surcoreano"),
        ("ES", "español española españoles españolas espanhol espanhola espanhóis espanholas Spanish"),
        ("BR", "brasileño brasileña brasileños brasileiro brasileira brasileiros brasileiras Brazilian"),
        ("UY", "uruguayo uruguaya uruguayos uruguaio uruguaia uruguaios uruguaias Uruguayan"),
        ("NO", "noruego noruega norueguês norueguesa Norwegian"),
        ("IE", "irlandés irlandesa irlandeses irlandês Irish"),
        ("EE", "estonio estonia estónios Estonian"),
        ("PL", "Polish polaco polacos"),
    ],
)
def test_adjectives_tell_their_country_in_every_form(code: str, adjectives: str) -> None:
    assert {word: codes(word) for word in adjectives.split()} == {word: [code] for word in adjectives.split()}
