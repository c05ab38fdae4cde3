"""Follow-ups: a question that leans on what was said before, made to stand by itself.

In this order:

1. An answer to what we offered ("2", "the second one", words of one of the choices) is that choice.
2. "Where does it say that?" asks the question before once more.
3. "In more detail" asks for the items of the last figure; "how much is the third one?" for the third of those listed.
4. "Which of them ...?" is about the subjects that the last turns named; "the other one" about the one of the same name.
5. Another period ("and in 2021?", "the year before?") keeps everything else.
6. A fragment that names another subject ("and Norway?") keeps the measure and changes the subject.
7. A question that names nobody is about the subject last named, if it points there, is short, or its best passages are
   that subject's; what it leaves out of the measure is taken over too.
8. Where the talk is about no subject, its last turns' telling words go with the question as its topic.
9. A question that stands by itself stays as it is. What was taken over stands in brackets at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import Figure, Role, Subject, Turn
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, stem, word_set
from factdesk.qa.library import Library, Token, tokenize
from factdesk.qa.patterns import (
    COMPARE,
    COUNT,
    DATE,
    DURATION,
    EVERY,
    LEAST,
    MOST,
    MUCH,
    SUBJECTS,
    TEXTUAL,
    WHAT,
    WHICH,
    YES_NO,
    ways,
)
from factdesk.qa.question import SCAFFOLD_STEMS, TOPIC, Operation, Query, Style, understand
from factdesk.qa.translate import spoken

Item = TypeVar("Item")

FRAGMENT_WORDS = 7
"""A question of more words than these says by itself what it is about."""
TURNS = 8
"""Earlier turns that are looked back to."""
TOPIC_TURNS = 2
"""Turns whose words make the topic of a talk: further back it was often another one."""
TOPIC_WORDS = 10
RARE_NAMES = 5
"""Subjects that a question can be about at once."""
MOST_WHOLE = 2
"""A name that more documents than these answer to tells them not apart."""
FILLER = (
    r"ok(?:ay)?|so|wait|hey|sorry|oops|no(?=\s*[,.;:!]|\s+i (?:meant|mean)\b)|nope|yes|well|oh|hm+|actually|"
    r"thanks?(?: you)?|please|i (?:meant|mean)|rather|entonces|perd[oó]n|quise decir|quer[ií]a decir|digo|ent[aã]o|"
    r"desculpe|quis dizer|quero dizer"
)
JOINT = r"and|but|or|also|what about|how about|y|pero|qu[eé] hay de|qu[eé] tal|e quanto a|e|mas"
FILLING = lazily(rf"^(?:\W*(?:{FILLER})\b(?!-))+[\s,.:;]*(?=\w)", re.I)
"""Words that open a turn and mean nothing."""
OPENING = lazily(rf"^(?:\W*(?:{FILLER}|{JOINT})\b(?!-))+[\s,.:;]*", re.I)
"""Words that open a turn and say nothing; what is left tells what it asks for."""
CHANGES = lazily(r"^\W*(?:and|but|what about|how about|y|pero|e|mas|qu[eé] hay de|e quanto a)\b(?!-)", re.I)
POINTING = lazily(
    r"(?<!-)\b(?:it|its|that|this|there|they|them|their|these|those|here|he|she|her|his|one|ones|after that|"
    r"eso|esto|ese|esa|ello|ellos|isso|isto|ele|ela|eles|elas|dele|dela|deles|delas|l[aá]|ah[ií]|all[ií]|"
    r"(?:la|los|las|o|os) (?:hizo|cuesta|costó)|\w+(?:arlo|erlo|irlo|arla|erla|irla|[aei]-l[oa]))\b(?!-)",
    re.I,
)
WHEN = (
    r"(?:since when|from when to when|when|until when|for how long|in (?:what|which) (?:years?|period)|"
    r"over (?:what|which) (?:time|period|years)|(?:desde |hasta )?cu[aá]ndo|(?:desde |at[eé] )?quando|"
    r"en qu[eé] (?:a[nñ]o|per[ií]odo)|em que (?:ano|per[ií]odo))"
)
BARE_WHEN = lazily(
    rf"^\W*(?:(?:and|y|e) )?{WHEN}(?: (?:was|is|were|did|does) (?:that|it|this)(?: \w+)?)?\W*$|"
    rf"^\W*(?:that|it|this|eso|esto|isso|isto) (?:was|is|were|fue|foi|es|é) {WHEN}\W*$",
    re.I,
)
ABOUT_LAST = lazily(
    r"\b(?:is|was|are|were) (?:that|this|it|they) (?:per|a|each|for)\b|^\W*(?:per|a|each|in a|por|al|ao) "
    r"(?:month|year|day|week|mes|a[nñ]o|d[ií]a|m[eê]s|ano|semana)\W*$|\bper (?:month|year|day)\?*$|"
    r"\bhow is (?:that|it|this) (?:calculated|measured|defined)|\bdoes that (?:cover|include|mean)|"
    r"^\W*(?:why|por qu[eé]|por que)(?: (?:is that|not|so))?\W*$|\bwhat does .{1,30} mean here|"
    r"^\W*in (?:us )?(?:dollars|euros|pesos|reais|pounds|usd|eur|gbp)\W*$",
    re.I,
)
WHERE_SAID = lazily(
    r"^\W*(?:where|(?:on|in) (?:what|which) (?:page|document)|d[oó]nde|onde|en qu[eé] p[aá]gina|em que p[aá]gina)"
    r"\b.{0,20}\b(?:say|says|said|stated?|states|written|stands?|dice|pone|diz|consta)\b.{0,12}\W*$|"
    r"^\W*where(?:'s| is| does| did| do) (?:that|this|it|you|they)(?: \w+)? (?:come |get (?:that|this|it) )?from\W*$|"
    r"^\W*where (?:did|do|have) (?:you|they) (?:read|see|seen|find|found|get|got|take|taken|learn|hear)\b.{0,12}\W*$|"
    r"^\W*de d[oó]nde (?:sale|viene)(?: eso| esto)?\W*$|^\W*de onde (?:vem|sai)(?: isso| isto)?\W*$|"
    r"^\W*(?:the |your )?(?:source|fuente|fonte)s?\W*$|"
    r"^\W*(?:what(?:'s| is) (?:the|your) source|says who|who says(?: so| that)?)\W*$",
    re.I,
)
DETAIL = lazily(
    r"^\W*(?:(?:in |with )?(?:some )?more details?|details?|on what|what for|break (?:it|that|this) down|breakdown|"
    r"what(?:'s| is) (?:it|that) (?:made (?:up )?of|composed of)|what does (?:it|that) (?:consist of|include|cover)|"
    r"what(?:'s| is) in (?:it|that)|"
    r"m[aá]s detalles?|con m[aá]s detalle|desgl[oó]sa(?:lo|r)?|de qu[eé] se compone|en qu[eé] consiste|"
    r"mais detalhes?|detalhe|em que consiste|do que se comp[oõ]e)(?: please| por favor)?\W*$",
    re.I,
)
OF_THEM = lazily(
    r"\b(?:which|who|what)\b.{0,20}\b(?:of (?:them|these|those|the (?:two|three|four|both))|one)\b|"
    r"\bcu[aá]l de (?:ellos|ellas|los|las|estos)\b|\bqual (?:deles|delas|dos|das|destes)\b|"
    r"^\W*(?:which|who|cu[aá]l|qual|quem|qui[eé]n) (?!cas|countr|project|document|system)\w+ "
    r"(?:\w+ )?(?:more|less|most|least|m[aá]s|menos|mais)\W*$",
    re.I,
)
OTHER = lazily(
    r"\bthe other(?: \w+)? (?:one|case|project|programme|program|system|portal)\b|\bthe other(?=\W*$)|"
    r"\b(?:el|la|o|a) (?:otr[oa]|outr[oa])(?: (?:caso|pro[yj]e[ct]to|sistema|portal))?(?=\W*$)",
    re.I,
)
YEAR_BESIDE = lazily(
    r"\b(?:(?:the |in the )?(next year|year after|following year)|(?:the )?(?:year before|previous year|prior year|"
    r"year earlier|preceding year|last year)|(a[nñ]o siguiente|ano seguinte)|a[nñ]o anterior|ano anterior)\b",
    re.I,
)
"""The year after (in a group) or the year before the one asked about."""
EACH_CASE = ways(
    r"(?:all|every|each|how many|todos|todas|cu[aá]ntos|quantos) (?:of )?(?:the |los |las |os |as )?"
    r"(?:other |otros |outros )?(?:cases?|countries|projects?|casos?|pa[ií]ses|pro[yj]e[ct]tos?)"
)
"""Asks of every case rather than of one."""
SAME_YEAR = ways(r"(?:that|the same) (?:year|period)|(?:ese|el mismo) a[nñ]o|(?:nesse|no mesmo) ano")
PART_OF_IT = lazily(r"\b(how much) (of (?:that|it|this))\b", re.I)
CHEAP = ways(
    r"cheap\w*|pric(?:ey|ier|iest)|expensive|costl\w+|bigg\w+|small\w+|large\w*|bar[au]t[ao]s?|car[ao]s?|more|less|low\w+|high\w+|great\w+|first|last"
)
NUMBER = {
    "first": 1, "1st": 1, "primero": 1, "primera": 1, "primer": 1, "primeiro": 1, "primeira": 1,
    "second": 2, "2nd": 2, "segundo": 2, "segunda": 2, "third": 3, "3rd": 3, "tercero": 3, "tercera": 3,
    "terceiro": 3, "terceira": 3, "fourth": 4, "4th": 4, "cuarto": 4, "cuarta": 4, "quarto": 4, "quarta": 4,
    "fifth": 5, "5th": 5, "quinto": 5, "quinta": 5, "last": -1, "ultimo": -1, "ultima": -1,
}  # fmt: skip
ORDINAL = lazily(
    rf"\b(?:the|el|la|o|a)? ?\b({'|'.join(NUMBER)}|últim[oa])"
    r"(?: (?:one|case|item|option|project|caso|opci[oó]n|op[cç][aã]o))?\b",
    re.I,
)
NUMERAL = lazily(r"^\W*(?:(?:number|option|no|n[uú]mero|opci[oó]n|op[cç][aã]o)\W*)?(\d{1,2})\W*$", re.I)
IDLE = frozenset(
    map(
        stem,
        word_set(
            "ok okay there one ones other same too also then well sorry meant mean thanks thank please yes no oh wow "
            "case project system country alone again instead rather only just now detail about many much number people "
            "end beginning start mid middle early late"
        ),
    )
)
"""Stems that, beside the name of a subject, ask for nothing of their own."""
POLITE = word_set(
    "thanks thank please sorry hello hi hey yes yeah okay ok wow sure apologies understand understood interesting "
    "great good nice wait see sounds sound heard hear mean meant tell know think thought want able explain question "
    "information terrible interested gracias perdon hola obrigado obrigada desculpe ola"
)
"""Words of a turn that are no topic."""


@dataclass(slots=True)
class Said:
    """What was said: turns that stand by themselves, oldest first; what is found out about one is kept.

    `outcome` gives a turn with what answered it, `owners` the subjects of the passages that fit a question best.
    """

    library: Library
    outcome: Callable[[Turn], Turn]
    owners: Callable[[Query], set[str]]
    turns: list[Turn] = field(default_factory=list)
    _queries: dict[str, Query] = field(default_factory=dict)
    _outcomes: dict[str, Turn] = field(default_factory=dict)

    def add(self, turn: Turn) -> None:
        """Let a turn follow; what was said long before is forgotten."""
        self.turns = [*self.turns, turn][-TURNS:]

    def understand(self, question: str) -> Query:
        """The question of this turn, or what is left of it, taken apart in the language of the talk."""
        return understand(question, self.library, language_after(self.turns, question))

    def query(self, turn: Turn) -> Query:
        """A turn's question, taken apart once."""
        if turn.resolved not in self._queries:
            earlier = self.turns[: self.turns.index(turn)]
            self._queries[turn.resolved] = understand(
                turn.resolved, self.library, language_after(earlier, turn.question)
            )
        return self._queries[turn.resolved]

    @property
    def last(self) -> Turn:
        """The last turn with what answered it."""
        turn = self.turns[-1]
        if turn.resolved not in self._outcomes:
            self._outcomes[turn.resolved] = self.outcome(turn)
        return self._outcomes[turn.resolved]

    @property
    def context(self) -> Query:
        """The last question that named a subject, else the last one."""
        for turn in reversed(self.turns):
            if self.query(turn).named.matches:
                return self.query(turn)
        return self.query(self.turns[-1])

    @property
    def figures(self) -> list[Figure]:
        """The figures that answered the last turn."""
        found = [self.library.catalogue.figure(identity) for identity in self.last.figures]
        return [figure for figure in found if figure is not None]


def resolve(question: str, said: Said) -> str:
    """The question as one that stands by itself, given what was said before."""
    if not said.turns or all(token.word in POLITE for token in tokenize(question)):
        return question
    asked = said.understand(question := FILLING.sub("", question))
    for step in (chosen, repeated, detailed, numbered, among, other, dated, switched, leaning):
        if (found := step(question, asked, said)) is not None:
            return found
    return question


def language_after(turns: Sequence[Turn], question: str) -> str:
    """The language of a question that comes after some turns: its own words tell, else the turns before."""
    language = "en"
    for said in (*(turn.question for turn in turns), question):
        language = spoken(said, language)
    return language


# The steps: each returns the question made to stand by itself, or None where it has nothing to say.


def chosen(question: str, asked: Query, said: Said) -> str | None:
    """The choice that a turn makes among those that were offered."""
    numeral, ordinal = NUMERAL.match(question), ORDINAL.search(question)
    core = OPENING.sub("", question)
    bare = bool(ordinal) and not content(core.replace(ordinal.group() if ordinal else "", " "))
    words = set(content(core))
    short = len(asked.tokens) <= FRAGMENT_WORDS
    own = any(way.search(core) for way in (TEXTUAL, YES_NO, WHAT, WHICH, COUNT, DATE, MUCH))
    if not (numeral or bare or (short and words and not asked.measures and not own)):
        return None
    offered = said.last.suggestions if numeral or bare or may_offer(said) else ()
    if not offered:
        return question if numeral else None
    if numeral or bare:
        return nth(offered, int(numeral.group(1)) if numeral else number_of(ordinal)) or question
    telling = words - {word for word in words if all(word in content(s) for s in offered)}
    fitting = [s for s in offered if telling & set(content(s))]
    if len(fitting) != 1:
        return None
    return fitting[0] if words <= set(content(fitting[0])) else with_words(fitting[0], core.strip(" ?¿.,"))


def repeated(question: str, _: Query, said: Said) -> str | None:
    """The question before, where the turn asks where its answer stands."""
    return said.turns[-1].resolved if WHERE_SAID.search(question) else None


def detailed(question: str, asked: Query, said: Said) -> str | None:
    """A question for the items of the last figure, or for more about it."""
    if not DETAIL.search(question) or asked.named.matches:
        return None
    for figure in said.figures[:1]:
        fellows = said.library.catalogue.figures(subjects=[figure.subject_id])
        if figure.role is Role.HEADLINE and any(f.parent == figure.id for f in fellows):
            measure = (figure.measure or figure.label).replace("_", " ")
            return f"what is the {measure} {figure.beneficiary or ''} made up of ({figure.subject})?".replace("  ", " ")
    return None


def numbered(question: str, _: Query, said: Said) -> str | None:
    """A question about the n-th of the figures that were listed: "how much is the third one?"."""
    ordinal = ORDINAL.search(question)
    if any(way.search(question) for way in (DATE, DURATION, TEXTUAL, YES_NO)):
        return None
    if ordinal is None or content(OPENING.sub("", question).replace(ordinal.group(), " ")):
        return None
    figures = said.figures
    items = [f for f in figures if f.role is not Role.HEADLINE] or figures
    figure = nth(sorted(items, key=lambda f: f.start) if len(items) < len(figures) else items, number_of(ordinal))
    return f"how much is {figure.label} ({figure.subject})?" if figure else None


def among(question: str, asked: Query, said: Said) -> str | None:
    """A comparison of the subjects that the talk has come to."""
    compares = MOST.search(question) or LEAST.search(question) or COMPARE.search(question) or CHEAP.search(question)
    if asked.named.matches or not OF_THEM.search(question) or not compares:
        return None
    subjects: dict[str, str] = {}
    for turn in reversed(said.turns):
        query = said.query(turn)
        subjects = {m.subject.id: m.subject.name for m in reversed(query.named.matches)} | subjects
        if len(subjects) > 1 or not (asked.measures or set(query.measures) == set(said.context.measures)):
            break
    if len(subjects) < 2:
        subjects = {f.subject_id: f.subject for f in said.figures}
    if not len(subjects) > 1:
        return None
    measure = "" if asked.measures else measure_words(said, said.context)
    return with_words(question, f"{measure} {'; '.join(list(subjects.values())[:RARE_NAMES])}".strip())


def other(question: str, asked: Query, said: Said) -> str | None:
    """The question, or the one before, about the other subject of the same name."""
    if not OTHER.search(question):
        return None
    context = said.context
    known = set(context.named.ids)
    others = [m.subject for m in asked.named.matches if m.subject.id not in known]
    if asked.named.matches and not (asked.named.ambiguous and len(others) < len(asked.named.matches)):
        return None
    for match in () if others else context.named.matches:
        others = others or siblings(match.subject, said.library)
    if not others:
        return None
    kept = "" if asked.measures or asked.wanted else measure_words(said, context)
    covered = {asked.text[t.start : t.end] for i, t in enumerate(asked.tokens) if i in asked.named.covered}
    rest = " ".join(w for w in OTHER.sub("", OPENING.sub("", question)).strip(" ?¿.,").split() if w not in covered)
    return with_words(rest if content(rest) else "", f"{kept} {'; '.join(s.name for s in others)}".strip())


def switched(question: str, asked: Query, said: Said) -> str | None:
    """A turn that names another subject and asks for the same of it."""
    named = [m for m in asked.named.matches if m.by != "mention"]
    if not (named or asked.named.missing) or (named and not about_subjects(asked, figure=True)):
        return None
    core = OPENING.sub("", question)
    asked = said.understand(core) if core.strip() else asked
    own = [t for t in asked.terms if t.stem not in IDLE]
    opened = core != question
    if TEXTUAL.search(core) or asked.definition:  # "tell me about Norway" asks for something of its own
        return question
    if asked.measures or asked.beneficiaries or own or (len(asked.tokens) > 1 and asked.wanted and not opened):
        return question
    context = said.context if said.context.named.matches else said.query(said.turns[-1])
    return with_words(core, measure_words(said, context, terms=not context.measures) or measure_words(said, context))


def dated(question: str, asked: Query, said: Said) -> str | None:
    """The question before about another period: "and in 2021?", "the year before?"."""
    context = said.query(said.turns[-1])
    own = [t for t in asked.terms if t.stem not in IDLE]
    if asked.named.matches or asked.measures or asked.beneficiaries or own or len(asked.tokens) > FRAGMENT_WORDS:
        return None
    near, years = YEAR_BESIDE.search(question), [p.last for p in context.periods]
    if near and years:
        later = near.group(1) or near.group(2)
        period = f"in {years[-1] + 1 if later else context.periods[-1].first - 1}"
    elif asked.periods:
        period = OPENING.sub("", question).strip(" ?¿.,")
    else:
        return None
    before = said.turns[-1].resolved
    written = [p.words for p in context.periods if p.words in before]
    if context.style is not Style.TEXT and len(written) == 1 and len(asked.periods) <= 1:
        return before.replace(written[0], asked.periods[0].words if asked.periods else period.removeprefix("in "))
    if context.operation is not Operation.LOOKUP or context.per:
        return f"{before.rstrip(' ?')} {period}?"
    kept = " ".join(word for word in measure_words(said, context).split() if not word.isdigit())
    return (
        " ".join(f"{kept} {subject_words(context) or subject_words(said.context)} {period}?".split()) if kept else None
    )


def leaning(question: str, asked: Query, said: Said) -> str | None:
    """A question that names nobody, with the subject or the topic that it is about."""
    context = said.context
    bare = bool(BARE_WHEN.match(question) or ABOUT_LAST.search(question))
    if about_subjects(context, figure=bare or bool(asked.measures or asked.wanted)):
        if not leans(question, asked) and not at_home(asked, said):
            return question
        added = subject_words(context, timed=not asked.documents.times)
    elif bare and (owner := owner_of(context, said)):
        added = owner.name
    else:
        return with_topic(question, asked, said)
    if asked.wanted == "money" and not asked.measures and context.wanted == "duration":
        question = PART_OF_IT.sub(r"\1 time \2", question)
    other_side = bool(asked.beneficiaries) and not asked.measures
    empty = not (asked.measures or asked.nouns or any(t.stem not in IDLE for t in asked.terms))
    if bare or other_side or empty:
        priced = asked.style is not Style.TEXT
        added = f"{measure_words(said, context, without_beneficiary=other_side, priced=priced)} {added}".strip()
    elif CHANGES.match(question) and not (asked.measures or asked.wanted or TEXTUAL.search(OPENING.sub("", question))):
        added = f"{measure_words(said, context, terms=False)} {added}".strip()
    if (
        asked.measures
        and not asked.periods
        and not context.documents.times
        and (SAME_YEAR.search(question) or any(m.subject.whole for m in context.named.matches))
    ):
        added += "".join(f" {period.words}" for period in said.query(said.turns[-1]).periods)
    return with_words(question, added)


# What the steps are made of.


def may_offer(said: Said) -> bool:
    """Whether the last turn may have been answered with choices: to know, a turn without its outcome is asked again."""
    turn, query = said.turns[-1], said.query(said.turns[-1])
    return bool(turn.suggestions) or (
        not turn.places and (query.named.ambiguous or bool(query.named.guesses) or "savings" in query.measures)
    )


def content(text: str) -> list[str]:
    """The stems of a text's words that mean something, idle ones aside."""
    functional = FUNCTION_WORDS["en"] | FUNCTION_WORDS["es"] | FUNCTION_WORDS["pt"]
    return [t.stem for t in tokenize(text) if t.word not in functional and t.stem not in IDLE]


def number_of(ordinal: re.Match[str] | None) -> int:
    """The number that an ordinal stands for."""
    word = ordinal.group(1).casefold().replace("ú", "u") if ordinal else ""
    return NUMBER.get(word, 0)


def nth(items: Sequence[Item], number: int) -> Item | None:
    """The item of a number that counts from 1, or from the end with -1; None if there is none."""
    if number == -1 and items:
        return items[-1]
    return items[number - 1] if 0 < number <= len(items) else None


def siblings(subject: Subject, library: Library) -> list[Subject]:
    """The other subjects of the same country, else the others of a document that has just two."""
    same = [s for s in library.subjects if s.territory and s.territory == subject.territory and s.id != subject.id]
    if not same:
        parts = [s for s in library.subjects if s.document == subject.document and not library.is_container(s)]
        same = [s for s in parts if s.id != subject.id] if len(parts) == 2 else []
    return [s for s in same if not library.is_container(s)]


def leans(question: str, asked: Query) -> bool:
    """Whether a question needs what was said before."""
    core = OPENING.sub("", question)
    short = len(tokenize(core)) <= FRAGMENT_WORDS
    by_name = any(asked.text[t.start].isupper() and t.start > 0 for t in asked.terms) or asked.named.matches
    if by_name and not CHANGES.search(question) and not POINTING.search(question):
        return False
    pointing = CHANGES.search(question) or POINTING.search(question) or ABOUT_LAST.search(question)
    return bool(pointing or (short and not by_itself(asked)))


def by_itself(asked: Query) -> bool:
    """Whether a question ranges over everything, so that it is about no single subject."""
    ranges = (Operation.MOST, Operation.LEAST, Operation.RANK, Operation.SUBJECTS, Operation.WHICH, Operation.AVERAGE)
    sums = asked.operation is Operation.SUM and EVERY.search(asked.text)
    return bool(asked.operation in ranges or sums or SUBJECTS.search(asked.text) or EACH_CASE.search(asked.text))


def at_home(asked: Query, said: Said) -> bool:
    """Whether the passages that fit a question best are those of the subject that the talk is about."""
    return not by_itself(asked) and not said.owners(asked).isdisjoint(said.context.named.ids)


def owner_of(query: Query, said: Said) -> Subject | None:
    """The one subject, a part of a document, whose passages fit a question best; None if there are several."""
    owners = said.owners(query)
    subject = said.library.by_id.get(next(iter(owners))) if len(owners) == 1 else None
    return subject if subject is not None and not subject.whole else None


def about_subjects(context: Query, *, figure: bool) -> bool:
    """Whether a talk is about subjects, so that a question can be held to them, rather than about a topic.

    A whole document is what a figure can be asked of; for anything else it is no narrower than the words said.
    """
    if context.documents.sure:
        return True
    matches = [m for m in context.named.matches if m.by != "mention"]
    if any(m.subject.whole for m in matches):
        return figure and len(matches) <= MOST_WHOLE
    return bool(matches)


def with_topic(question: str, asked: Query, said: Said) -> str | None:
    """The question with the topic of the talk, unless it names a subject and does not lean."""
    named = any(m.by != "mention" for m in asked.named.matches)
    if by_itself(asked) or (named and not leans(question, asked)):
        return None
    own = {t.stem for t in asked.tokens}
    turns = [turn.question for turn in said.turns[-TOPIC_TURNS:]]
    words = topic_words(turns, own, said.library)
    return f"{question.rstrip().rstrip('?').rstrip()} (about: {' '.join(words)})?" if words else None


def topic_words(turns: Iterable[str], without: set[str], library: Library) -> list[str]:
    """The telling words of some turns, the rarest few, in the order they were said."""
    found: dict[str, str] = {}
    for turn in turns:
        for token in tokenize(turn):
            if token.stem not in without and tells(token):
                found.setdefault(token.word, turn[token.start : token.end])
    frequency = library.catalogue.term_document_frequencies(list(found))
    known = sorted((word for word in found if frequency.get(word)), key=lambda word: frequency[word])[:TOPIC_WORDS]
    return [re.sub(r"[()]", "", written) for word, written in found.items() if word in known]


def tells(token: Token) -> bool:
    """Whether a word of a turn says what it is about."""
    return token.word not in FUNCTION_WORDS["en"] and token.word not in POLITE and token.stem not in SCAFFOLD_STEMS


def subject_words(context: Query, *, timed: bool = False) -> str:
    """The names of the subjects that the talk is about, or of those whose documents; `timed`: and of what time."""
    if context.documents.sure:
        return context.documents.about if timed else "; ".join(context.documents.organisations)
    return "; ".join(match.subject.name for match in context.named.matches[:RARE_NAMES])


def measure_words(
    said: Said, context: Query, *, without_beneficiary: bool = False, terms: bool = True, priced: bool = True
) -> str:
    """The measure and beneficiary that the talk is about, what is counted, and with `terms` its other words.

    `priced`: of a question for an amount of money that named no measure, the measure of what answered it.
    """
    kinds = vocabulary().kinds
    names = {t.stem for m in context.named.matches for t in tokenize(m.subject.name.replace("-", " "))}
    nouns = set(context.nouns)
    counted = [context.text[t.start : t.end] for t in context.tokens if t.stem in context.nouns]
    words = [f"how many {' '.join(counted)}"] if terms and context.wanted == "count" and counted else []
    words += [m.replace("_", " ") for m in context.measures if not (words and stem(m) in nouns)]
    words += [b for b in context.beneficiaries if "savings" in context.measures and not without_beneficiary]
    if terms:
        idle = IDLE | names | set(context.nouns)
        words += [context.text[t.start : t.end] for t in context.terms if t.stem not in idle]
    if priced and context.wanted == "money" and not any(kinds.get(measure) == "money" for measure in context.measures):
        answered = said.figures[0].measure if context is said.query(said.turns[-1]) and said.figures else None
        words.append((answered or "cost").replace("_", " "))
    return " ".join(w for w in dict.fromkeys(words) if w)


def with_words(question: str, words: str) -> str:
    """The question with the words it left out."""
    topic = TOPIC.search(question)
    start = (question[: topic.start()] if topic else question).rstrip().rstrip("?").rstrip()
    if not words:
        return question
    end = topic.group() if topic else "?"
    return f"{start} ({words}){end}" if start else f"{words}{end}"
