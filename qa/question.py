"""A question, taken apart: what it asks for, of which measure, for whom, when, and what is left of its words.

Patterns are plain: one line, one way of asking. The words that none of them explains are the query's terms, which a
figure or passage has to account for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from factdesk.corpus.quantities import Quantity, locale_of, scan
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, WORD, fold, language_of
from factdesk.qa.translate import to_english
from factdesk.qa.library import Library, Named, Token, tokenize


class Operation(StrEnum):
    """What is to be done with the figures."""

    LOOKUP = "lookup"
    MOST = "most"
    LEAST = "least"
    RANK = "rank"
    COMPARE = "compare"
    SUM = "sum"
    AVERAGE = "average"
    DIFFERENCE = "difference"
    FACTOR = "factor"
    SHARE = "share"
    POINTS = "points"
    GROWTH = "growth"
    PAYBACK = "payback"
    RATIO = "ratio"
    PRODUCT = "product"
    BREAKDOWN = "breakdown"
    SUBJECTS = "subjects"
    """Which subjects there are."""
    MENTIONS = "mentions"
    """Whether a document speaks of something."""
    WHICH = "which"
    """Which of the subjects state a measure at all, or in a certain way."""


class Style(StrEnum):
    """What form of answer the question's words ask for."""

    FIGURE = "figure"
    TEXT = "text"
    LIST = "list"
    OPEN = "open"
    """A bare phrase: whichever fits better."""


@dataclass(frozen=True, slots=True)
class Period:
    """Years that a question asks about, both included; `words` as written."""

    first: int
    last: int
    words: str
    iso: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question, taken apart. `text` is what it was understood by: spelled right, in English."""

    text: str
    language: str
    """The language it was asked in."""
    tokens: tuple[Token, ...]
    named: Named
    style: Style
    operation: Operation
    measures: tuple[str, ...] = ()
    beneficiaries: tuple[str, ...] = ()
    wanted: str | None = None
    """The kind of value asked for: "money", "percent", "count", "duration", "date"; None if open."""
    nouns: tuple[str, ...] = ()
    """Stems of what is to be counted ("how many ENTITIES")."""
    periods: tuple[Period, ...] = ()
    per: str | None = None
    currency: str | None = None
    values: tuple[Quantity, ...] = ()
    """Numbers that the question itself states."""
    terms: tuple[Token, ...] = ()
    """The words that neither names, nor measures, nor the question's form explain."""
    yes_no: bool = False
    definition: bool = False
    result_unit: str | None = None
    """The unit in which a result is asked for ("in days")."""


SCAFFOLD = frozenset(
    "cost amount figure number total sum value spend money much many case project system country programme program "
    "document report text compendium state mention tell name find exactly roughly approximately currently today now "
    "present year month day week annual annually yearly monthly daily per hour minute second time period average mean "
    "go please know want need word concern regard accord relate question answer thing way good new old actual actually "
    "amount make have be do get give happen come take together alone still already ever each every share percentage "
    "percent proportion part fraction factor time date kind spent work exist since ago until stand behind report state "
    "call name term refer whole entire plus higher lower greater smaller more less fewer altogether together goes went going "
    "highest lowest largest biggest smallest greatest most least cheapest costliest maximum minimum top early late "
    "gone point someone somebody anyone exact precise stated keep item expensive cheap big small large high low bigger smaller larger vs versus payback last long reach obtain via".split()
)
"""Words that ask rather than tell; stems are compared."""

DATE = re.compile(
    r"\b(?:when|since when|until when|what year|which year|what date|what day|in what year|in which year|"
    r"(?:launch|start|starting|publication|release|opening|creation|implementation|end) (?:date|year)|date of|year of|"
    r"cu[aá]ndo|desde cu[aá]ndo|en qu[eé] a[nñ]o|quando|desde quando|em que ano)\b", re.I)
FROM_TO = re.compile(r"\b(?:from when to when|over (?:what|which) period|what period|which period|de cu[aá]ndo a cu[aá]ndo)\b", re.I)
DURATION = re.compile(
    r"\b(?:how long|how many (?:minutes|hours|days|weeks|months|years)|(?:wait(?:ing)?|resolution|service|processing|response|"
    r"average|travel|delivery|building|planning) times?|times? (?:to|for) \w+|hours? (?:it|does|do|did)|cu[aá]nto tiempo|cu[aá]ntos (?:minutos|d[ií]as|meses|a[nñ]os)|"
    r"quanto tempo|quantos (?:minutos|dias|meses|anos))\b", re.I)
PERCENT = re.compile(
    r"\b(?:percentage|percent|per cent|share of|what share|which share|proportion|fraction|what part|porcentaje|qu[eé] parte|"
    r"porcentagem|percentual|que parte)\b|%", re.I)
COUNT = re.compile(r"\b(?:how many|number of|count of|cu[aá]nt[ao]s|n[uú]mero de|quant[ao]s)\b", re.I)
NOT_COUNT = re.compile(r"\b(?:tele)?(?:phone|fax|reference|identification|id|account|serial|contact|case|ticket)\s+numbers?\b", re.I)
MUCH = re.compile(
    r"\bhow much\b(?!\s+(?:time|longer|of the time|paper))|\bcu[aá]nto (?!tiempo)|\bquanto (?!tempo)|\bhow expensive\b|\bat what cost\b|"
    r"\bwhat (?:did|does|do|was|has|would|will)\b.*\b(?:cost|spend|spent|invest|invested|save|saved|pay|paid)\b|"
    r"\bin (?:us )?(?:dollars|reals|reais|euros|pesos|usd)\b|\bat (?:what|which) price\b|\bcosts? (?:of|to)\b|\bhow costly\b", re.I)
HOW_MUCH_OF = re.compile(r"\bhow much ((?!money|did|does|do|was|is|has|would|will|of|more|less|it|the)[^\W\d_]+\d?)\s+(?:is|are|was|were|did|does|do|has|have|gets?|can|per|in)\b", re.I)
"""Asks how much of something there is, which need not be money."""
TEXTUAL = re.compile(
    r"^(?:and |but |so )?(?:why|how(?! (?:much|many|long|often|old|far|large|big|high|expensive|costly))|who|whom|whose|where|"
    r"por qu[eé]|c[oó]mo|qui[eé]n|d[oó]nde|por que|como|quem|onde|can|could|does|do|is|are|was|were|has|have|did|will|would|should|"
    r"what (?:is|are) (?!the\b|a\b|an\b)|what (?:happens|happened)|what (?:can|could|may|should|must)|tell me|explain|describe|"
    r"what (?:is|was|are|were) [a-z]+ed\b|what (?:was|were) (?:bought|done|made|built|paid|spent on|learnt)|"
    r"qu[eé] (?:es|son|significan?)|o que (?:é|são|significam?))\b", re.I)
CONSISTS = re.compile(
    r"\b(?:consist|compris|made up|make up|include[sd]?|composed|cover(?:s|ed)? by the cost|come from|comes from|stem from|based on|"
    r"used for|spent on|(?:spend|invest)\b.{0,60}\bon\W*$|go(?:es)? (?:to|into)|mean|means|consisten|incluyen?|incluem?|vienen de)\b", re.I)
YES_NO = re.compile(r"^(?:and |but |so )?(?:can|could|does|do|is|are|was|were|has|have|did|will|would|should|es|son|est[aá]|tiene|é|são|tem)\b", re.I)
DEFINITION = re.compile(
    r"^(?:what|who) (?:is|are|was|were) (?:the |a |an )?|^(?:what does|what do) .{1,60} (?:mean|stand for|do)\b|"
    r"^(?:qu[eé]|qui[eé]n) (?:es|son) (?:el |la |los |las )?|^(?:o que|quem) (?:é|são) (?:o |a |os |as )?", re.I)
LISTING = re.compile(
    r"\b(?:list|which (?!case|country|project|portal|system|one|of)\w+(?:s|ies)\b|what (?:are|were) the|what (?:benefits|principles|components|"
    r"areas|tools|programs|groups|conditions|lessons|indicators|websites|formats|lines)|enumerate|name (?:all|the)|for which \w+s|"
    r"lista|enumera|cu[aá]les son|quais s[aã]o)\b", re.I)
RUNNING = re.compile(
    r"\b(?:costs?|spend|spent|expens\w+|pay|paid|price)\b.{0,60}\b(?:run|running|operate|operating|maintain|keep \w+ (?:going|running)|upkeep|keep)\b|"
    r"\b(?:run|running|operate|operating|keep \w+ running)\b.{0,40}\bcosts?\b", re.I)
"""Asks for what something takes to run, in other words than the vocabulary's."""
SET_UP = re.compile(
    r"\b(?:costs?|spend|spent|pay|paid|money)\b.{0,60}\b(?:to (?:set ?up|build|launch|create|develop|introduce|start)|upfront|up front|initially|put into)\b|"
    r"\b(?:set-?up|start-?up|launch|initial) costs?\b", re.I)
"""The same for what it took to set up."""
GAINS = re.compile(r"\b(?:gain|gains|gained|benefit financially|get back|gets back|saving|returns?)\b", re.I)
AMOUNT_NOUN = re.compile(r"\b(?:costs?|price|prices|fees?|salary|salaries|wages?|stipends?|fares?|tariff|grant|rent|funding|debt|bill)\b", re.I)
"""Words for an amount of money; a bare phrase with one asks for it."""
EXPENSIVE = re.compile(r"\b(?:expensive|costly|costlier|cheaper|caro|cara|barato|barata)\b", re.I)
COSTS_MORE = re.compile(r"\bcosts? (?:more|less|most|least)\b", re.I)
MORE_NOUN = re.compile(r"\b(?:more|fewer|than)\s+((?:[^\W\d_]+\s?){1,2})", re.I)
BREAKDOWN = re.compile(
    r"\b(?:break ?down|broken down|made up of|make up|composed of|composition|consists? of|items? of|split of|split up|components? of the (?:cost|invest)|"
    r"desglose|se compone|compõe|detalhamento)\b", re.I)
WHICH = re.compile(
    r"\b(?:which|what|in which|in what|how many) (?:of the )?(?:cases?|countries|projects?|systems?|subjects?|programmes?|companies|documents)\b|"
    r"\bqu[eé] (?:casos?|pa[ií]s(?:es)?|proyectos?)\b|\b(?:que|quais|qual) (?:casos?|pa[ií]s(?:es)?|projetos?)\b", re.I)
MOST = re.compile(r"\b(?:most|highest|largest|biggest|greatest|costliest|top|maximum|m[aá]s|mayor|maior|mais)\b", re.I)
LEAST = re.compile(r"\b(?:least|lowest|smallest|cheapest|minimum|fewest|menos|menor|m[ií]nim[oa])\b", re.I)
RANK = re.compile(r"\b(?:rank(?:ed|ing)?|ordered|order by|sorted|compare all|all (?:the )?(?:operating|invest|sav)\w*|clasifica|ordena)\b", re.I)
COMPARE = re.compile(
    r"\bvs\.?\b|\bversus\b|\bcompared? (?:to|with)\b|\bcompare\b|\b(?:more|less|bigger|smaller|larger|higher|lower|fewer|cheaper|costlier)\b.*\b(?:than|or)\b|"
    r"\bor\b.{1,60}\b(?:more|less|higher|lower|bigger|smaller|larger|cheaper|most)\s*\??$|\bthe same\b|\bequal\b|"
    r"\bwho (?:saves|spends|pays|invests|gains) (?:more|less|most)\b|\bwhat costs (?:more|less)\b|\bsame .* as\b|\bcosts more\b|"
    r"\bcomparad[oa]\b|\bm[aá]s que\b|\bmais que\b", re.I)
SUM = re.compile(r"\b(?:together|plus|combined|sum(?: of)?|add(?:ed)? up|in total|altogether|total(?! of \d)|in all|overall|en total|suma|juntos|no total|soma)\b", re.I)
AVERAGE = re.compile(r"\b(?:average|mean) (?:of (?:all|the)|investment|operating|saving)|\bon average across\b|\bpromedio de\b|\bm[eé]dia d[eoa]s\b", re.I)
DIFFERENCE = re.compile(
    r"\b(?:difference|gap between|how much (?:more|less|cheaper|higher|lower)|by how much|how many (?:more|fewer)|still (?:missing|not|to)|missing from|"
    r"remain(?:ing|s)?|left (?:to|out)|not yet|are not|have not|diferencia|diferença|faltan|faltam)\b", re.I)
FACTOR = re.compile(r"\b(?:by what factor|what factor|how many times|times (?:more|as|larger|bigger|higher|cheaper)|ratio|multiple|cu[aá]ntas veces|quantas vezes)\b", re.I)
POINTS = re.compile(r"\b(?:percentage points|how many points|puntos porcentuales|pontos percentuais)\b", re.I)
GROWTH = re.compile(
    r"\b(?:growth|grow|grew|rise|rose|increase[ds]?|fell|fall|decrease[ds]?|drop(?:ped)?|change[ds]?|declin\w+|creci[oó]|cresceu|aument\w+)\b", re.I)
PAYBACK = re.compile(r"\b(?:pay ?back|pays? (?:itself|for itself|off)|amorti[sz]\w+|break[- ]?even|recoup\w*|recover(?:ed)? the invest\w+|recuper\w+|retorno)\b", re.I)
SUBJECTS = re.compile(
    r"\b(?:which|what|list(?: all)?(?: the)?|name(?: all)?(?: the)?|how many) (?:countries|cases|projects|companies|systems|subjects|programmes|programs|nations)\b"
    r".{0,40}\b(?:cover(?:ed|s)?|includ(?:ed|es)|describ(?:ed|es)|present(?:ed|s)|analy[sz]ed|there|appear|featured|in the (?:compendium|report|documents?)|document(?:s|ed)?|compendium)\b", re.I)
MENTIONS = re.compile(r"^\W*(?:do|does|did|is|are)\b(.{3,80}?)\b(?:mention(?:ed)?|talks? about|refers? to|says? anything about|speaks? of)\b(.{3,80}?)\W*$", re.I)
WHAT_OF = re.compile(
    r"^\W*(?:(?:on|over|in|for|by|from|under|with|at) (?:what|which) (?!price|cost|year|month|date|day|percentage|rate|share|case|countr|project|amount|period)\w+|"
    r"what (?!is|are|was|were|does|do|did|has|costs|shares|percentages|times)\w+s the)\b", re.I)
"""Asks for a thing or a circumstance, though the words after it may name a measure ("on what assumption ...")."""
PER_UNIT = re.compile(
    r"\b(?:per|for each|for every) (?!year|month|week|day|hour|cent|quarter|annum)"
    r"([a-z]+(?: (?!in|at|of|on|for|the|with|by|from|to|a)[a-z]+){0,3})", re.I)
PER = (
    ("year", re.compile(r"\b(?:per|a|each|every|by|one) (?:whole |full |entire )?(?:year|annum)\b|/year|\bannual(?:ly)?\b|\byearly\b|\b(?:por|al|cada) a[nñ]o\b|\banual(?:es|mente)?\b|\bpor ano\b|\bao ano\b|\banuais\b", re.I)),
    ("month", re.compile(r"\b(?:per|a|each|every|by) month\b|/month|\bmonthly\b|\b(?:por|al|cada) mes\b|\bmensual(?:es|mente)?\b|\bpor m[eê]s\b|\bao m[eê]s\b|\bmensa(?:l|is)\b", re.I)),
    ("week", re.compile(r"\b(?:per|a|each|every) week\b|\bweekly\b|\bpor semana\b|\bsemanal\b", re.I)),
    ("day", re.compile(r"\b(?:per|a|each|every) day\b|\bdaily\b|\b(?:por|al) d[ií]a\b|\bdiari[oa]\b|\bpor dia\b", re.I)),
)
CURRENCY = (
    ("BRL", re.compile(r"\bin (?:brazilian )?rea(?:l|ls|is)\b|\bem reais\b|\ben reales\b", re.I)),
    ("EUR", re.compile(r"\b(?:in|en|em) euros?\b", re.I)),
    ("USD", re.compile(r"\bin (?:us )?dollars?\b|\bin usd\b|\ben d[oó]lares\b|\bem d[oó]lares\b", re.I)),
    ("GBP", re.compile(r"\bin pounds\b", re.I)),
)
RESULT_UNIT = re.compile(r"\b(?:in|how many) (days|weeks|months|years|hours|minutes|percent|%)\b", re.I)
FUTURE = re.compile(r"\b(?:will|going to|forecast|expected to|plans? to)\b", re.I)
NOUN_PHRASE = re.compile(r"\b(?:how many|number of|cu[aá]nt[ao]s|n[uú]mero de|quant[ao]s)\s+((?:[^\W\d_]+[\s-]?){1,4})", re.I)
STOP_NOUN = frozenset(
    "do does did is are was were have has had can could will use used share shared participate stand went go in on of for to at "
    "from by the still not been be there with through per come take".split()
)


def understand(text: str, library: Library) -> Query:
    """Take a question apart, misspelt words set right."""
    spoken = language_of(text)
    english = to_english(text, spoken) if spoken != "en" else text
    query = understand_english(english, library, foreign=spoken != "en")
    return replace(query, language=spoken)


def understand_english(text: str, library: Library, *, foreign: bool = False) -> Query:
    """Take an English question apart, misspelt words set right; `foreign`: it was put into English by the glossary."""
    language = "en"
    text, spelled = library.spelled(text, language)
    named = library.named_in(text, language)
    tokens = tuple(tokenize(text, language))
    words = vocabulary()
    style, operation = style_of(text), Operation.LOOKUP
    measures = tuple(dict.fromkeys(f.name for f in words.measures_in(text, language)))
    beneficiaries = tuple(dict.fromkeys(f.name for f in words.beneficiaries_in(text, language)))
    quantities, _ = scan(text, locale_of(text, language))
    periods = tuple(p for q in quantities if q.kind == "date" for p in [period_of(q)] if p)
    values = tuple(q for q in quantities if q.kind not in ("date", "ordinal", "time"))
    query = Query(
        text=text,
        language=language,
        tokens=tokens,
        named=named,
        style=style,
        operation=operation,
        measures=measures,
        beneficiaries=beneficiaries,
        periods=periods,
        values=values,
        per=next((unit for unit, pattern in PER if pattern.search(text)), None),
        currency=next((code for code, pattern in CURRENCY if pattern.search(text)), None),
        yes_no=bool(YES_NO.search(text)),
        definition=bool(DEFINITION.search(text)),
        result_unit=(m.group(1).lower() if (m := RESULT_UNIT.search(text)) else None),
    )
    query = replace(query, measures=implied_measures(query))
    wanted, nouns = wanted_of(query)
    query = replace(query, wanted=wanted, nouns=nouns)
    query = replace(query, operation=operation_of(query))
    query = replace(query, terms=terms_of(query, quantities))
    if foreign:  # what the glossary does not have is no English word that a figure would have to explain
        known = library.catalogue.term_document_frequencies([t.word for t in query.terms])
        query = replace(query, terms=tuple(t for t in query.terms if known.get(t.word)))
    named = replace(query.named, corrected=(*spelled, *query.named.corrected))
    return replace(query, named=named, style=refine_style(query))


def implied_measures(query: Query) -> tuple[str, ...]:
    """The measures a question names, or means in other words."""
    text = query.text
    if any(vocabulary().kinds.get(m) == "money" for m in query.measures):
        return query.measures
    if RUNNING.search(text):
        return ("operating_cost", *query.measures)
    if SET_UP.search(text) or (EXPENSIVE.search(text) and COMPARE.search(text) and not query.measures):
        return ("investment", *query.measures)
    if GAINS.search(text) and query.beneficiaries:
        return ("savings", *query.measures)
    return query.measures


def period_of(quantity: Quantity) -> Period | None:
    """The years a date covers."""
    first = int(quantity.value)
    last = int(quantity.value_high) if quantity.value_high is not None else first
    if not 1000 <= first <= 3000:
        return None
    return Period(first, last, quantity.words, quantity.period or str(first))


def style_of(text: str) -> Style:
    """The form of answer by the question's first words."""
    if TEXTUAL.search(text):
        return Style.TEXT
    counted = COUNT.search(text) and not NOT_COUNT.search(text)
    if DATE.search(text) or counted or MUCH.search(text) or PERCENT.search(text):
        return Style.FIGURE
    return Style.OPEN


def wanted_of(query: Query) -> tuple[str | None, tuple[str, ...]]:
    """The kind of value that is asked for, and what is counted."""
    text, words = query.text, vocabulary()
    nouns: tuple[str, ...] = ()
    counted = COUNT.search(text) and not NOT_COUNT.search(text)
    if (of := HOW_MUCH_OF.search(text)) and not query.measures:
        return None, tuple(t.stem for t in tokenize(of.group(1)))
    if FACTOR.search(text) and "money" in [words.kinds.get(name) for name in query.measures]:
        return "money", ()
    if PAYBACK.search(text):
        return "money", ()
    if counted and (phrase := NOUN_PHRASE.search(text)):
        stems = []
        for token in tokenize(phrase.group(1)):
            if token.word in STOP_NOUN or token.word in FUNCTION_WORDS["en"]:
                break
            stems.append(token.stem)
        nouns = tuple(stems)
    if COSTS_MORE.search(text):
        return "money", ()
    if DURATION.search(text):
        return "duration", nouns
    if re.search(r"\bhow many (?:percent|percentage)|percentage points", text, re.I):
        return "percent", ()
    if counted:
        return "count", nouns
    if DATE.search(text) or FROM_TO.search(text):
        return "date", ()
    if PERCENT.search(text):
        return "percent", ()
    if not query.measures and COMPARE.search(text):
        found = [t.stem for m in MORE_NOUN.finditer(text) for t in tokenize(m.group(1))[:1]]
        return None, tuple(found)
    kinds = [words.kinds.get(name) for name in query.measures]
    if MUCH.search(text) or "money" in kinds or (AMOUNT_NOUN.search(text) and query.style is not Style.TEXT):
        return "money", ()
    return next((kind for kind in kinds if kind), None), ()


def operation_of(query: Query) -> Operation:
    """What the question wants done with figures, first match first."""
    text = query.text
    rules: tuple[tuple[Operation, bool], ...] = (
        (Operation.MENTIONS, bool(MENTIONS.search(text)) and bool(query.named.matches)),
        (Operation.SUBJECTS, bool(SUBJECTS.search(text)) and not query.measures),
        (Operation.PAYBACK, bool(PAYBACK.search(text))),
        (Operation.FACTOR, bool(FACTOR.search(text))),
        (Operation.POINTS, bool(POINTS.search(text))),
        (Operation.RATIO, bool(PER_UNIT.search(text)) and not query.yes_no),
        (Operation.BREAKDOWN, bool(BREAKDOWN.search(text)) and not (MOST.search(text) or LEAST.search(text))),
        (Operation.MOST, bool(MOST.search(text)) and bool(WHICH.search(text) or re.search(r"\b(?:item|of all|all cases)\b", text, re.I))),
        (Operation.LEAST, bool(LEAST.search(text)) and bool(WHICH.search(text) or re.search(r"\b(?:item|of all|all cases)\b", text, re.I))),
        (Operation.RANK, bool(RANK.search(text))),
        (Operation.DIFFERENCE, bool(DIFFERENCE.search(text))),
        (Operation.COMPARE, bool(COMPARE.search(text))),
        (Operation.AVERAGE, bool(AVERAGE.search(text))),
        (Operation.SUM, bool(SUM.search(text)) and query.wanted in ("money", "count", None) and bool(query.named.matches or query.measures or query.periods)),
        (Operation.WHICH, bool(WHICH.search(text)) and bool(query.measures)),
        (Operation.GROWTH, bool(re.search(r"\b(?:by what percent|percent(?:age)? (?:growth|increase|decrease|change)|growth rate|how much did .* (?:grow|rise|increase|fall|drop))", text, re.I))),
        (Operation.MOST, bool(MOST.search(text)) and query.wanted == "money"),
        (Operation.LEAST, bool(LEAST.search(text)) and query.wanted == "money"),
    )
    return next((operation for operation, holds in rules if holds), Operation.LOOKUP)


def terms_of(query: Query, quantities: list[Quantity]) -> tuple[Token, ...]:
    """The tokens that nothing explains yet."""
    words = vocabulary()
    drop = FUNCTION_WORDS["en"]
    spans = [(q.cover_start, q.end) for q in quantities]
    whom = words.beneficiaries_in(query.text) if "savings" in query.measures else []
    explained = {at for found in (*words.measures_in(query.text), *whom) for at in range(found.first, found.last + 1)}
    flat = flat_positions(query.text)
    kept = []
    for number, token in enumerate(query.tokens):
        if token.word in drop or token.stem in SCAFFOLD_STEMS or number in query.named.covered:
            continue
        if any(start <= token.start < end for start, end in spans):
            continue
        if any(start <= token.start < end for at, (start, end) in enumerate(flat) if at in explained):
            continue
        kept.append(token)
    return tuple(kept)


def flat_positions(text: str) -> list[tuple[int, int]]:
    """Where the vocabulary's tokens of a text stand; folding may change lengths, so they are found anew."""
    return [match.span() for match in WORD.finditer(text)]


SCAFFOLD_STEMS = frozenset(t.stem for t in tokenize(" ".join(sorted(SCAFFOLD))))


def refine_style(query: Query) -> Style:
    """The form of answer, now that the measures and the operation are known."""
    text = query.text
    calculating = query.operation not in (Operation.LOOKUP, Operation.BREAKDOWN, Operation.WHICH)
    if query.operation is Operation.BREAKDOWN:
        return Style.LIST
    if query.yes_no and query.per and query.measures:
        return Style.FIGURE
    if PERCENT.search(text) and query.wanted == "percent" and query.style is Style.FIGURE:
        return Style.FIGURE
    if WHAT_OF.search(text) and not MUCH.search(text) and not FROM_TO.search(text):
        return Style.TEXT
    if calculating and (query.measures or query.wanted):
        return Style.FIGURE
    if query.style is Style.TEXT:
        asks_money = MUCH.search(text) and not CONSISTS.search(text) and not YES_NO.search(text)
        return Style.FIGURE if asks_money else Style.LIST if LISTING.search(text) and not query.measures else Style.TEXT
    if CONSISTS.search(text) and query.style is not Style.FIGURE:
        return Style.TEXT
    if CONSISTS.search(text) and re.match(r"^\s*(?:what|where|which|qu[eé]|o que|de d[oó]nde)\b", fold(text)) and not COUNT.search(text):
        return Style.TEXT
    if query.style is Style.FIGURE:
        return Style.FIGURE
    if LISTING.search(text) and not query.measures:
        return Style.LIST
    if query.wanted in ("money", "percent", "duration") or any(m for m in query.measures):
        return Style.FIGURE
    return Style.TEXT if re.match(r"^\s*(?:what|which|qu[eé]|cu[aá]l|o que|qual)\b", fold(text)) else Style.OPEN
