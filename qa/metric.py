"""What a question about financial statements wants worked out: a formula, over which years, and in which form.

1. A definition that the question gives ("X is defined as A / B") comes before the vocabulary's.
2. The formula is read from the first item or ratio that the question names; "A as a % of B" and "A margin" are shares.
3. "Three year average" is the mean of the formula over years, "growth" its relative change, "increase" the difference.
4. Every other word of the question has to be one that only asks. A word that is left over tells that something else is
   meant, and then the question is none for this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from factdesk.corpus.patterns import lazily
from factdesk.corpus.statements import statements
from factdesk.corpus.times import DATE, days_in
from factdesk.corpus.words import FUNCTION_WORDS, fold, word_set
from factdesk.qa.formula import YEAR_WORD, Formula, Number, Of, Operation, Reader, prepared


class Over(StrEnum):
    """What is done with a formula's values over years."""

    ONE = "one"
    AVERAGE = "average"
    GROWTH = "growth"
    COMPOUND = "compound"
    """Growth a year, compounded."""
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Metric:
    """A formula to be worked out: of which years, and how the result is told."""

    name: str
    """What the question calls it."""
    formula: Formula
    years: tuple[int, ...]
    """The years asked about, in order; for a mean all of them, for a change the first and the last."""
    over: Over = Over.ONE
    unit: str = "money"
    """"%", "times", "days" or "money"."""
    decimals: int | None = None
    """How many decimals are asked for; None: the usual ones."""
    day: str = ""
    """The day that the question names, as ISO: of a state, or the last of a year."""


DEFINED = lazily(
    r"\b(?:is|are|be)? ?(?:defined|calculated|computed|measured) as\s*:?\s*|(?<=\w) = (?=[\w(])|"
    r"\bis\b(?=[^?]*(?:/|\bdivided by\b)[^?]*$)",
    re.I,
)
DEFINE = lazily(
    r"\b(?:define|calculate|compute|measure) (?P<name>[^.?!:]{2,80}?) (?:as|using|by)\b\s*:?\s*(?P<rest>.+)", re.I
)
SENTENCE = lazily(r"(?<=[.?!])\s+(?=[A-Z\"“(])")
ASKS = lazily(r"\b(?:what|how|which|who|when|did|does|do|is|are|was|were|has|have)\b|\?", re.I)
PARTS = lazily(
    r"\b(?:segments?|divisions?|business(?:es)?(?: lines?| units?)?|regions?|geograph\w+|product lines?|markets?)\b",
    re.I,
)
"""What reports part their numbers by."""
LEAD_IN = lazily(r"^[^?]*,\s*(?=(?:what|how much|how many|which|did|does|do|is|are|was|were|has|have)\b)", re.I)
"""What stands before the question in its own sentence: where to look, for whom, when."""
YEARS = lazily(rf"\b{YEAR_WORD}\b|\bFY\s?'?(?P<short>\d\d)\b", re.I)
TIMES = lazily(r"\bhow many times\b", re.I)
COMPUTE = lazily(r"\b(?:calculate|compute|work out|determine)\b", re.I)
QUARTER = lazily(
    r"\bQ[1-4]\b|\b[1-4]Q\b|\bquarter|\bsix months|\bnine months|\bthree months|\bhalf|\b(?:year-to-date|ytd)\b", re.I
)
MEAN = lazily(r"\b(\d+|two|three|four|five)[- ]years? (?:average|mean)(?: of)?\b", re.I)
NUMBER_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5}
GROWTH = lazily(
    r"\bgrowth(?: rate)?\b|\b(?:percent(?:age)?|%) (?:change|increase|decrease|decline|growth)\b|\bgr[eo]w\b|\bgrown\b",
    re.I,
)
COMPOUND = lazily(r"\bcagr\b|\bcompound(?:ed)? annual growth", re.I)
CHANGE = lazily(r"\byear[- ]over[- ]year\b|\byoy\b|\bchang\w+|\bincreas\w+|\bdecreas\w+|\bdeclin\w+|\bimprov\w+", re.I)
IN_PERCENT = lazily(r"\b(?:in )?(?:units? of )?percents?\b|%|\bpercentage\b", re.I)
UNITS_OF_PERCENT = lazily(r"\b(?:in|as) (?:units of )?(?:an? )?percent(?:s|ages?)?\b", re.I)
SHARE = lazily(r"\b(?:as|to) an? (?:%|percent(?:age)?|share|fraction) of\b", re.I)
DECIMALS = lazily(r"\b(one|two|three|four|no|\d) decimal", re.I)
DIGITS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4}
ASKING = word_set(
    "fy fiscal year years ended ending end year-end amount total value usd us dollar dollars million millions billion "
    "billions thousand thousands company report reported reports pay paid pays generate generated generates spend "
    "spent spends earn earned earns make made have had has record recorded records incur incurred show shown shows "
    "annual "
    "annually full unadjusted percent percentage percents unit units many much what how which did does do answer "
    "question give figure number calculate compute extract state stated worth roughly approximately about around "
    "exactly measured place places decimal decimals round rounded inc corp co plc ltd level please tell me find get "
    "metric key three two four five recent latest current during as at over compared versus vs positive negative its "
    "directly outlined explicitly quantity out company's using data based"
)
"""Words that ask, and say nothing of what is asked for."""
MEANING = word_set(
    "other another before after prior previous last without not no excluding except only per each both than more most "
    "least less same and or but if while until average mean net"
)
"""Small words that make of an item another one: they are never passed over."""
SAID_BESIDE = lazily(
    r"\b(?:cash[ -]?flows? statements?|income statements?|statements? of (?:consolidated )?[a-z]+(?: [a-z]+){0,2}|"
    r"balance sheets?|p&l(?: statements?)?|profit and loss(?: statements?)?|(?:growth|rate of) (?:rate|growth)|"
    r"margin profile|profile|"
    r"(?:is|are) an?\b.{0,20}\bbusiness)\b",
    re.I,
)
"""What may stand beside an item and says no more than where it stands, or what is done with it."""
WORD = lazily(r"[^\W_][\w&'’%-]*")


@cache
def ratio_formulas() -> dict[str, Formula]:
    """The vocabulary's ratios as formulas."""
    names = {name: name for name in statements().items}
    found = {}
    for ratio in statements().ratios.values():
        formula = Reader(ratio.formula, names).formula()
        if formula is None:
            raise ValueError(f"the formula of {ratio.name} cannot be read")
        found[ratio.name] = formula
    return found


def metric_in(question: str, names: Iterable[str] = (), whole: str = "") -> Metric | None:
    """What an English question wants worked out; None if that is something else.

    `names` are the words that name whose statements they are, `whole` the question with its instructions.
    """
    text = whole or question
    try:
        defined = definitions(text)
    except RecursionError:  # thousands of brackets are no formula
        return None
    if defined is None or QUARTER.search(without_definitions(question)):
        return None
    asked = asking_part(question)
    phrases = {**statements().phrases(), **{name: name for name in defined}}
    ratios = {**ratio_formulas(), **defined}
    plain = prepared(without_remarks(asked, phrases))
    years = years_in(plain) or years_in(text)
    if not years:
        return None
    found = first_formula(plain, phrases, ratios)
    if found is not None and TIMES.search(plain) and isinstance(found[0], Of):
        found = ratio_named(text, phrases, ratios)
    if found is None:
        return None
    formula, name, unit, rest = found
    days = {found.isoformat() for _, found in days_in(plain)}
    if len(days) > 1:
        return None
    for done in (DATE, SAID_BESIDE, MEAN, GROWTH, COMPOUND, CHANGE, TIMES, IN_PERCENT):
        rest = done.sub(" ", rest)
    if any(word not in known_words(names) for word in words_left(rest)):
        return None
    if unit == "times" and UNITS_OF_PERCENT.search(text):
        unit = "%"
    metric = Metric(name, formula, years, unit=unit, decimals=decimals_in(text), day=next(iter(days), ""))
    return over_years(metric, plain, IN_PERCENT.search(text) is not None)


def item_of_parts(question: str) -> str | None:
    """The item of which a question asks what part has the most or least ("which segment had the lowest revenue")."""
    if not PARTS.search(question):
        return None
    items = {phrase: name for phrase, name in statements().phrases().items() if name in statements().items}
    found = first_formula(prepared(question), items, {})
    return found[0].item if found and isinstance(found[0], Of) else None


def without_remarks(text: str, phrases: dict[str, str]) -> str:
    """The text without what stands in brackets; a name in brackets that the question defines takes the place of the
    words before it ("days payable outstanding (DPO)")."""

    for match in re.finditer(r"\(([^()]*)\)", text):
        inner = fold(match.group(1))
        if phrases.get(inner) == inner:  # defined here, by this name
            before = [p for p in phrases if fold(text[: match.start()]).rstrip().endswith(p)]
            if before:
                start = match.start() - len(max(before, key=len)) - 1
                return f"{text[:start]} {inner} {text[match.end() :]}"
    return re.sub(r"\([^()]*\)", " ", text)


def ratio_named(text: str, phrases: dict[str, str], ratios: dict[str, Formula]) -> Asked | None:
    """The ratio that a text tells to work out, in words beside its question."""
    only = {phrase: name for phrase, name in phrases.items() if name in ratios}
    for match in COMPUTE.finditer(text):
        if found := first_formula(prepared(text[match.end() :].split(".")[0].split(";")[0]), only, ratios):
            return (*found[:3], "")
    return None


def without_definitions(text: str) -> str:
    """The sentences of a text that define nothing."""
    return " ".join(s for s in SENTENCE.split(text) if not DEFINED.search(s) and not DEFINE.search(s))


def asking_part(text: str) -> str:
    """The sentences of a text that ask, without those that define or instruct."""
    kept = []
    for sentence in SENTENCE.split(text):
        question = sentence.rsplit(": ", 1)[-1] if re.search(r"\bquestion\b", sentence, re.I) else sentence
        if not (DEFINED.search(sentence) or DEFINE.search(sentence)) and ASKS.search(question):
            kept.append(question)
    asking = [s for s in kept if s.rstrip().endswith("?")] or kept
    return LEAD_IN.sub("", asking[0]) if asking else text


def definitions(text: str) -> dict[str, Formula] | None:
    """The formulas that a text defines, by the folded name that it gives them. One may use another's name.

    None if a definition cannot be read whole: then nobody knows what is asked for.
    """
    stated: list[tuple[str, str, bool]] = []
    for sentence in SENTENCE.split(text):
        if match := DEFINE.search(sentence):
            stated.append((match["name"], match["rest"], sentence[match.start() :].lower().startswith("define")))
        elif match := DEFINED.search(sentence):
            stated.append((sentence[: match.start()], sentence[match.end() :], True))
    found: dict[str, Formula] = {}
    for _ in stated:  # a name may be used before it is defined
        known = len(found)
        phrases = {**statements().phrases(), **{name: name for name in found}}
        ratios = {**ratio_formulas(), **found}
        for said, rest, firm in stated:
            name = fold(YEARS.sub("", re.sub(r"\([^()]*\)", "", said))).strip(" ,:")
            reader = Reader(prepared(rest), phrases, ratios)
            formula = reader.formula()
            whole = formula is not None and not words_left(reader.text[reader.at :])
            if formula is not None and whole and (firm or not isinstance(formula, Of)):
                found[name] = formula
            elif firm and len(found) == known:
                return None
        if len(found) == known:
            break
    return found


Asked = tuple[Formula, str, str, str]
"""A formula, what the question calls it, the unit of its result, and the question without its words."""


def first_formula(text: str, phrases: dict[str, str], ratios: dict[str, Formula]) -> Asked | None:
    """The first formula that a text names."""
    folded = text.casefold()
    spots = [
        (match.start(), -len(phrase), phrase)
        for phrase in phrases
        for match in re.finditer(rf"(?<![\w&]){re.escape(phrase)}(?![\w&])", folded)
    ]
    if not spots:
        return None
    start, _, phrase = min(spots)
    reader = Reader(folded[start:], phrases, ratios)
    formula = reader.formula()
    if formula is None:
        return None
    end = start + reader.at
    name, unit = phrase, unit_of(phrases[phrase], formula)
    if share := SHARE.match(folded, end + len(folded[end:]) - len(folded[end:].lstrip())):
        whole = Reader(folded[share.end() :], phrases, ratios)
        if (divisor := whole.formula()) is not None:
            formula, unit = Operation("/", formula, divisor), "%"
            end = share.end() + whole.at
            name = folded[start:end].strip()
    elif margin := re.compile(r"\s*(?:%|percent(?:age)?)?\s*margin\b").match(folded, end):
        formula, unit, end = Operation("/", formula, Of("revenue")), "%", margin.end()
        name = folded[start:end].strip()
    return formula, name, unit, f"{folded[:start]} {folded[end:]}"


def unit_of(name: str, formula: Formula) -> str:
    """The unit of a formula's result."""
    ratio = statements().ratios.get(name)
    if ratio is not None:
        return ratio.unit
    return "money" if dimension(formula) == 1 else "times"


def dimension(formula: Formula) -> int:
    """What power of money a formula is: 1 for an amount, 0 for a ratio of amounts."""
    if isinstance(formula, Number):
        return 0
    if not isinstance(formula, Operation):
        return 1
    left, right = dimension(formula.left), dimension(formula.right)
    if formula.sign == "*":
        return left + right
    return left - right if formula.sign == "/" else max(left, right)


def words_left(text: str) -> list[str]:
    """The words of a text that its years leave; bare numbers count the years of a mean."""
    found = [fold(match.group()) for match in WORD.finditer(YEARS.sub(" ", text))]
    return [word for word in found if not word.isdigit()]


def known_words(names: Iterable[str]) -> frozenset[str]:
    """The words that say nothing of what is asked for."""
    said = [match.group() for name in names for match in WORD.finditer(name)]
    own = {fold(part) for word in said for part in (word, f"{word}'s")}
    return frozenset((ASKING | FUNCTION_WORDS["en"] | {"%", "s"}) - MEANING | own)


def years_in(text: str) -> tuple[int, ...]:
    """The years that a text names, in order."""
    found = []
    for match in YEARS.finditer(text):
        year = int(match.group(1)) if match.group(1) else 2000 + int(match["short"])
        found.append(year)
    return tuple(dict.fromkeys(found))


def decimals_in(text: str) -> int | None:
    """How many decimals a question asks for."""
    match = DECIMALS.search(text)
    if match is None:
        return None
    word = match.group(1).lower()
    return DIGITS.get(word, int(word) if word.isdigit() else 0)


def over_years(metric: Metric, text: str, percent: bool) -> Metric | None:
    """The metric with what is to be done over its years; None where the years do not fit that.

    `percent`: the result is asked for in percents.
    """
    first, last = min(metric.years), max(metric.years)
    if mean := MEAN.search(text):
        count = NUMBER_WORDS.get(mean.group(1).lower(), int(mean.group(1)) if mean.group(1).isdigit() else 0)
        if first == last:
            first = last - count + 1
        if last - first + 1 != count:
            return None
        return replace(metric, over=Over.AVERAGE, years=tuple(range(first, last + 1)))
    if COMPOUND.search(text):
        return replace(metric, over=Over.COMPOUND, years=(first, last), unit="%") if first < last else None
    grows = GROWTH.search(text) or (CHANGE.search(text) and percent and metric.unit == "money")
    if grows or CHANGE.search(text):
        if first == last:
            first -= 1
        over = Over.GROWTH if grows else Over.DIFFERENCE
        return replace(metric, over=over, years=(first, last), unit="%" if grows else metric.unit)
    return metric if first == last or len(metric.years) == 1 else None


def usual_decimals(metric: Metric) -> int:
    """The decimals of a result for which none are asked."""
    return {"%": 1, "money": 2}.get(metric.unit, 2) if metric.decimals is None else metric.decimals
