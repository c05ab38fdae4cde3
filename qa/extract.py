"""Answers out of passages: the sentences, bullets or rows that answer, in reading order, and no more.

1. The best unit leads. A unit that introduces others brings them; a bullet asked for as one of a list brings its list.
2. Another unit joins if it is nearly as good, or explains words of the question that the first does not.
3. Neighbouring units are one quote.
4. An answer must explain enough of the question's own words, or be near enough to it; else there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import BlockKind, Kind
from factdesk.corpus.words import FUNCTION_WORDS, fold, stem, word_set
from factdesk.qa.cite import Citer
from factdesk.qa.compose import Draft
from factdesk.qa.lexicon import Terms
from factdesk.qa.patterns import ways
from factdesk.qa.question import Query, Style
from factdesk.qa.retrieval import Retriever, Scored, ScoredUnit, UnitScores, stems_of
from factdesk.qa.trust import (
    PASSAGE_TRUST,
    SURE,
    TALK_TRUST,
    PassageSigns,
    TalkSigns,
    trust_in_passage,
    trust_in_talk,
)
from factdesk.qa.wording import say

CHANCE = 0.05
"""Below this nearness even shared words are chance."""
TYPE_STEMS = frozenset(
    map(stem, word_set("email e-mail address telephone phone website url link company firm supplier vendor"))
)
"""Words for the form of the answer: it has them as a form ("x@y"), not as words."""
NEARLY, NEARLY_UNSURE = 0.82, 0.7
"""Another unit this near to the best one's score is shown too."""
SHARES = 0.5
"""... and that explains at least so much of what the best one explains, or is nearer than it."""
MOST_UNITS = 3
LONG_LIST = 16
LONG_QUOTE = 780
"""Characters from which on a list is quoted item by item."""
FUNCTION_STEMS = frozenset(map(stem, FUNCTION_WORDS["en"]))
HEADING_BONUS = 0.15
"""For each heading above a unit that the question names ("the benefits for the government")."""
LIST_BONUS = 0.15
"""For a sentence that introduces a list, where a list is asked for."""
FAVOURED = 0.3
"""For a passage under the headline that a question is about."""
KEY_BONUS = 0.22
"""For a unit that opens with the question's words as a label ("Principles implemented: ...")."""
KEY = lazily(r"\W{0,4}([^\W\d_][^:.;]{2,40}):\s")
SEQUENCE = (
    (
        ways(
            r"before|prior|previously|formerly|used to|antes",
        ),
        ways(
            r"prior to|previously|before|formerly|until then|following",
        ),
    ),
    (
        ways(
            r"after|afterwards|once|happens?|happened|next|then|despu[eé]s|depois",
        ),
        ways(
            r"after|following|once|upon|then|subsequently|immediately",
        ),
    ),
)
"""Words of a question about an order of events, and the words of a text that tells one."""
WHO = lazily(r"^\W*(?:who|which (?:body|agency|institution|organi[sz]ation|ministry)|qui[eé]n|quem)\b", re.I)
BODY = lazily(
    r"\b(?:[A-Z]\w+ )*(?:Agency|Ministry|Directorate|Office|Commission|Unit|Department|Institute|Council|"
    r"Secretariat|Government|team|Authority|Agencia|Minist[eé]rio)\b",
)
MEANS = lazily(
    r"\bwhat (?:does|do|is meant by) (?:the (?:word|term) )?(.{2,40}?)(?: (?:mean|stand for|refer to).*|"
    r"\?|$)|why (?:is|are|was|were) .{1,60}? called (.{2,40}?)\W*$",
    re.I,
)
COMPANY = lazily(r"\b(?:which|what) (?:company|firm|supplier|vendor|contractor|manufacturer|provider)\b", re.I)
COMPANY_NAMED = lazily(
    r"\b(?:compan|firm|supplier|vendor|contractor|manufactur|provider|Inc\b|Ltd\b|GmbH|Corp)",
    re.I,
)
WHY = ways(
    r"because|due to|thanks to|in order to|so that|so as|since|as a result|aims?|objective|purpose",
    r"following",
)
TELEPHONE = lazily(r"\b(?:tele)?(?:phone|fax) (?:numbers?|nos?\b)|\bwhat number\b", re.I)
PHONE_NUMBER = lazily(r"\+?\d[\d\s().-]{6,}\d")
EMAIL = lazily(r"\be-?mail\b", re.I)
CONTRARY = (
    (
        ways(r"shut|closed?|cancel(?:l?ed)?|fail(?:ed)?|stop(?:ped)?|abandon\w*|withdr\w+"),
        ways(
            r"shut\w*|clos\w*|cancel\w*|fail\w*|stop\w*|abandon\w*|withdr\w*",
            r"end(?:ed|s)?|terminat\w*|discontinu\w*|replac\w*|not|without",
        ),
    ),
    (
        ways(r"fall|fell|drop|dropped|declined?|decreased?|lost|lose|worse"),
        ways(
            r"fall|fell|fall(?:en|ing)|drop\w*|declin\w*|decreas\w*|reduc\w*|few(?:er)?|less|lower|los[ets]\w*",
            r"worse\w*|not|no|without",
        ),
    ),
)
"""Words of a question for an end or a loss, and the words of a text that tells one: else the premise is not there."""

TO_BE = lazily(r"^.*?\b(?:is|are|was|were|es|son|é|são)\b\s*(?:the|a|an|el|la|los|las|o|os|as)?\s*", re.I)
"""What stands before the term in a question for its definition."""
LONGEST_TERM = 80
NUMBER = lazily(r"(?<!\d)(?!(?:19|20)\d\d\b)\d[\d.,]*")
"""A number that is no year: what two documents say of two years is no contradiction."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit with its passage and its score among all units of all ranked passages."""

    score: float
    unit: ScoredUnit
    passage: Scored


def answer(
    query: Query, ranked: list[Scored], retriever: Retriever, citer: Citer, favoured: frozenset[int] = frozenset()
) -> Draft | None:
    """An answer in the documents' own words, if they have one; `favoured` are rows of passages known to be meant."""
    candidates = order(query, ranked, favoured)
    trust = trusted(query, candidates, retriever) if candidates else 0.0
    if trust < (TALK_TRUST if query.context else PASSAGE_TRUST):
        return None
    chosen = choose(query, candidates, retriever, sure=trust >= SURE)
    groups = shortened(grouped(chosen), citer)
    listed = any(sum(u.unit.kind in (BlockKind.ITEM, BlockKind.CELL) for u in units) > 1 for _, units in groups)
    draft = Draft(Kind.LIST if listed else Kind.PASSAGE)
    draft.confidence = round(trust, 2)
    for passage, units in groups:
        draft.lines += written(units, cited(passage, units, citer))
    for other in contradicting(chosen, candidates):
        (first, *more) = written([other.unit], cited(other.passage, [other.unit], citer))
        draft.lines += [say(query.language, "but_elsewhere", words=first), *more]
    return draft


def cited(passage: Scored, units: list[ScoredUnit], citer: Citer) -> int:
    """The number of the citation of units that stand together."""
    start, end = units[0].unit.start, max(u.unit.end for u in units)
    return citer.cite(passage.passage.document, start, end, passage.passage.section)


def contradicting(chosen: list[Candidate], candidates: list[Candidate]) -> list[Candidate]:
    """Units of other documents that say the same with other numbers: neither is to pass for the truth."""
    said = {without_numbers(c.unit.unit.text): c for c in chosen if NUMBER.search(c.unit.unit.text)}
    documents = {c.passage.passage.document for c in said.values()}
    texts = {c.unit.unit.text for c in chosen}
    found: list[Candidate] = []
    for candidate in candidates if said else ():
        text = candidate.unit.unit.text
        if documents == {candidate.passage.passage.document} or text in texts:  # spares taking most texts apart
            continue
        same = said.get(without_numbers(text)) if NUMBER.search(text) else None
        if same is not None and candidate.passage.passage.document != same.passage.passage.document:
            texts.add(text)
            found.append(candidate)
    return found[:MOST_UNITS]


def without_numbers(text: str) -> str:
    """A text with every number but years replaced by the same sign, its white space and case aside."""
    return " ".join(NUMBER.sub("#", text).casefold().split())


def order(query: Query, ranked: list[Scored], favoured: frozenset[int] = frozenset()) -> list[Candidate]:
    """The units of the ranked passages, best first; bare headings count only for what stands under them."""
    candidates = []
    stems = {t.stem for t in query.tokens}
    listing = wants_list(query)
    acronyms = [
        f"({t.word.upper()}" for t in query.tokens if 3 <= len(t.word) <= 10 and query.text[t.start : t.end].isupper()
    ]
    asks_why = re.match(r"\W*(?:why|por qu[eé]|por que)\b", query.text, re.I) is not None
    asks_meaning = MEANS.search(query.text) is not None
    definition = definition_of(query) if query.definition or asks_meaning else None
    asks_who, asks_email = WHO.search(query.text) is not None, EMAIL.search(query.text) is not None
    sequences = [told for asked, told in SEQUENCE if asked.search(query.text)]
    for passage in ranked:
        around = passage.score - passage.best.score + FAVOURED * (passage.row in favoured)
        headings = 0.0 if passage.row in favoured else HEADING_BONUS * headings_named(stems, passage)
        introduces = not query.terms and passage.own_subject and len(passage.passage.section) <= 2
        for unit in passage.units:
            bonus = headings
            text = unit.unit.text
            if unit.bare or (len(text.split()) < 2 and "@" not in text):
                continue
            if asks_why and WHY.search(text):
                bonus += 0.06
            if definition is not None and definition.search(text):
                bonus += 0.5 if asks_meaning else 0.16
            if (key := KEY.match(text)) and (words := stems_of(key.group(1))) and words <= stems:
                bonus += KEY_BONUS
            if listing and unit.unit.lead and unit.unit.kind is not BlockKind.HEADING:
                bonus += LIST_BONUS
            if any(acronym in text for acronym in acronyms):
                bonus += 0.08
            if any(told.search(text) for told in sequences):
                bonus += 0.15 + 0.1 * any(told.match(text) for _, told in SEQUENCE)
            if asks_who and BODY.search(text):
                bonus += 0.25
            if introduces:
                bonus += 0.14 - 0.02 * unit.index
            if asks_email and "@" in text:
                bonus += 0.2
            candidates.append(Candidate(unit.score + around + bonus, unit, passage))
    candidates.sort(key=lambda c: (-c.score, c.passage.row, c.unit.index))
    return candidates


def headings_named(stems: set[str], passage: Scored) -> int:
    """How many of a passage's headings, its subject's own aside, have all their words in the question."""
    named = 0
    for heading in passage.passage.section[passage.subject_depth :]:
        words = stems_of(heading) - FUNCTION_STEMS
        named += bool(words) and words <= stems
    return named


def definition_of(query: Query) -> re.Pattern[str] | None:
    """How a text reads that defines what is asked: "X is ...", "... (X)"; None if that cannot be told."""
    if means := MEANS.search(query.text):
        words = [
            w
            for w in re.findall(r"\w+", next(g for g in means.groups() if g))
            if w.casefold() not in FUNCTION_WORDS["en"]
        ]
        term = "|".join(map(re.escape, words)) or "-"
        return re.compile(
            rf"^\W*(?:the )?(?:{term})\b.{{0,25}}\b(?:refers?|means?|is|are|denotes?|stands? for)\b", re.I
        )
    asked = TO_BE.sub("", query.text, count=1).strip(" ?¿.!\"'")
    if not asked or len(asked) > LONGEST_TERM:
        return None
    # Where a subject's short name is asked for, a text may define its long one, which has the short one in brackets.
    same = [m.subject for m in query.named.matches if fold(asked) in map(fold, (m.subject.name, *m.subject.aliases))]
    names = (asked, *(name.split(" (")[0] for subject in same for name in (subject.name, *subject.aliases)))
    named = f"(?:{'|'.join(map(re.escape, dict.fromkeys(names)))})"
    return re.compile(
        rf"^\W*(?:the |a |an )?{named}\W{{0,3}}(?:\s*\([^)]*\))?\s*(?:is|are|was|were|refers?|means|:|,)"
        rf"|\(\s*{named}\s*(?:in \w+)?\)",
        re.I,
    )


def own_terms(query: Query, retriever: Retriever) -> Terms:
    """The question's own words with their weights: names of subjects aside."""
    terms = retriever.terms(query)
    own = terms.without({stem(query.tokens[i].word) for i in query.named.covered if i < len(query.tokens)})
    return own or terms


def trusted(query: Query, candidates: list[Candidate], retriever: Retriever) -> float:
    """How far the best units are to be trusted to answer the question rather than to touch it; 0 for what cannot be."""
    best = candidates[0]
    if TELEPHONE.search(query.text) and not any(PHONE_NUMBER.search(c.unit.unit.text) for c in candidates[:5]):
        return 0.0
    if EMAIL.search(query.text) and not any("@" in c.unit.unit.text for c in candidates[:5]):
        return 0.0
    if COMPANY.search(query.text) and not COMPANY_NAMED.search(" ".join(c.unit.unit.text for c in candidates[:3])):
        return 0.0
    text = " ".join((best.unit.unit.text, best.unit.unit.context, *best.passage.passage.section))
    if query.periods and not any(str(year) in text for p in query.periods for year in (p.first, p.last)):
        return 0.0
    told = " ".join(c.unit.unit.text for c in candidates[:2])
    if any(asked.search(query.text) and not tells.search(told) for asked, tells in CONTRARY):
        return 0.0
    if query.definition and not query.terms and best.passage.own_subject:
        return 1.0
    if best.unit.cosine < CHANCE:
        return 0.0
    if query.context:
        return trust_in_talk(talk_signs(candidates))
    return trust_in_passage(signs(query, candidates, retriever))


def talk_signs(candidates: list[Candidate]) -> TalkSigns:
    """What speaks for the best units as the answer to a turn in a talk."""
    return TalkSigns(near=nearest(candidates), topic=candidates[0].passage.topic)


def nearest(candidates: list[Candidate]) -> float:
    """The nearness of the nearest of the best units."""
    return max(c.unit.cosine for c in candidates[:3])


def signs(query: Query, candidates: list[Candidate], retriever: Retriever) -> PassageSigns:
    """What speaks for the best units."""
    best = candidates[0]
    terms = own_terms(query, retriever).without(TYPE_STEMS)
    texts = [" ".join((c.unit.unit.text, *c.passage.passage.section, c.unit.unit.context)) for c in candidates[:2]]
    return PassageSigns(
        share=terms.share(stems_of(" ".join(texts))),
        near=nearest(candidates),
        coverage=best.unit.coverage,
        score=best.score,
        passage_near=best.passage.cosine,
        named=float(bool(query.named.matches)),
        words=float(len(terms.weights)),
    )


def choose(query: Query, candidates: list[Candidate], retriever: Retriever, *, sure: bool) -> list[Candidate]:
    """The units that answer: the best, what it brings, and others nearly as good; more of them if it is not sure."""
    best = candidates[0]
    chosen = [best, *brought(query, best, retriever)]
    if query.style is Style.LIST or len(chosen) > 2:
        return chosen[:LONG_LIST]
    terms = own_terms(query, retriever)
    best_own = terms.share(stems_of(best.unit.unit.text))
    for candidate in candidates[1:12]:
        if len(chosen) >= MOST_UNITS:
            break
        if any(c.unit.row == candidate.unit.row for c in chosen):
            continue
        held = stems_of(" ".join(c.unit.unit.text for c in chosen))
        own = terms.share(stems_of(candidate.unit.unit.text))
        if sure and own < SHARES * best_own and candidate.unit.cosine < best.unit.cosine:
            continue
        gains = terms.share(held | stems_of(candidate.unit.unit.text)) - terms.share(held)
        if candidate.score >= (NEARLY if sure else NEARLY_UNSURE) * best.score or (
            gains > 0.12 and candidate.score >= 0.6 * best.score
        ):
            chosen.append(candidate)
            chosen += [c for c in brought(query, candidate, retriever) if all(c.unit.row != o.unit.row for o in chosen)]
    return chosen


def brought(query: Query, best: Candidate, retriever: Retriever) -> list[Candidate]:
    """What a unit brings with it: the items it introduces, or the list it is an item of if a list is asked for."""
    units = best.passage.units
    at = best.unit.index
    position = next(i for i, u in enumerate(units) if u.index == at)
    found: list[ScoredUnit] = []
    if best.unit.unit.lead:
        for unit in units[position + 1 :]:
            if unit.unit.kind not in (BlockKind.ITEM, BlockKind.CELL) or (unit.unit.lead and found):
                break
            found.append(unit)
        else:
            return [*(Candidate(best.score * 0.99, u, best.passage) for u in found), *carried_on(best, retriever)]
    elif best.unit.unit.kind is BlockKind.ITEM and wants_list(query):
        first = last = position
        while first and units[first - 1].unit.kind is BlockKind.ITEM:
            first -= 1
        while last + 1 < len(units) and units[last + 1].unit.kind is BlockKind.ITEM:
            last += 1
        if first and units[first - 1].unit.lead and units[first - 1].unit.kind is not BlockKind.HEADING:
            first -= 1
        found = [u for u in units[first : last + 1] if u.index != at]
    elif wants_list(query) and best.unit.unit.kind is BlockKind.PARAGRAPH:
        found = same_pattern(units, position)
        ahead = units[position + 1 : position + 3]
        lead = next((i for i, u in enumerate(ahead, position + 1) if u.unit.lead), None)
        if not found and lead is not None:
            found = list(units[position + 1 : lead + 1])
            for unit in units[lead + 1 :]:
                if unit.unit.kind is not BlockKind.ITEM:
                    break
                found.append(unit)
    return [Candidate(best.score * 0.99, unit, best.passage) for unit in found]


def carried_on(best: Candidate, retriever: Retriever) -> list[Candidate]:
    """The items of a list that goes on in the passages after the one that introduces it."""
    found: list[Candidate] = []
    row = best.passage.row
    while len(found) < LONG_LIST:
        row += 1
        passage = retriever.snapshot.catalogue.passages([row]).get(row)
        same = passage is not None and passage.document == best.passage.passage.document
        if passage is None or not same or passage.section != best.passage.passage.section:
            break
        items = list(takewhile(lambda u: u.kind is BlockKind.ITEM, passage.units))
        scored = Scored(row, passage, best.score, 0.0, 0.0, UnitScores(), best.passage.own_subject)
        found += [
            Candidate(best.score * 0.98, ScoredUnit(-1 - row * 100 - i, i, u, 0.0, 0.0, 0.0), scored)
            for i, u in enumerate(items)
        ]
        if len(items) < len(passage.units) or not items:
            break
    return found


def same_pattern(units: tuple[ScoredUnit, ...], position: int) -> list[ScoredUnit]:
    """Paragraphs around a unit that begin as it does ("Principle 5 ...", "Principle 6 ...")."""
    words = units[position].unit.text.split()
    heads = {w.strip(":").casefold() for w in words[:4] if w[:1].isupper() and w.casefold() not in FUNCTION_WORDS["en"]}
    found = []
    for step in (-1, 1):
        at = position + step
        while 0 <= at < len(units):
            first = units[at].unit.text.split()[:4]
            if not any(w.strip(":").casefold() in heads and any(c.isdigit() for c in " ".join(first)) for w in first):
                break
            found.append(units[at])
            at += step
    return sorted(found, key=lambda u: u.index)


LISTS = ways(
    r"list|what (?:are|were)|(?:which|what) (?!is|was|does|has)\w+s\b|name (?:all|the)|benefits|advantages",
    r"components|principles|areas|tools|lessons|conditions|indicators|groups|members|for which|enumerate",
    r"lista|cu[aá]les|quais|beneficios|benefícios",
)


def wants_list(query: Query) -> bool:
    """Whether a question asks for several things."""
    return query.style is Style.LIST or bool(LISTS.search(query.text))


def grouped(chosen: list[Candidate]) -> list[tuple[Scored, list[ScoredUnit]]]:
    """The chosen units, neighbours of one passage together, the group of the best unit first."""
    by_passage: dict[int, list[Candidate]] = {}
    for candidate in chosen:
        by_passage.setdefault(candidate.passage.row, []).append(candidate)
    groups: list[tuple[float, Scored, list[ScoredUnit]]] = []
    for members in by_passage.values():
        members.sort(key=lambda c: c.unit.index)
        run: list[Candidate] = []
        for member in members:
            if run and member.unit.index - run[-1].unit.index > 1:
                groups.append((max(c.score for c in run), run[0].passage, [c.unit for c in run]))
                run = []
            run.append(member)
        groups.append((max(c.score for c in run), run[0].passage, [c.unit for c in run]))
    groups.sort(key=lambda g: (-round(g[0], 6), g[1].row))
    return [(passage, units) for _, passage, units in groups]


def shortened(groups: list[tuple[Scored, list[ScoredUnit]]], citer: Citer) -> list[tuple[Scored, list[ScoredUnit]]]:
    """The groups, a long list cut to what introduces it and the first sentence of each item, each cited by itself."""
    out: list[tuple[Scored, list[ScoredUnit]]] = []
    for passage, units in groups:
        items = [u for u in units if u.unit.kind is BlockKind.ITEM]
        if len(items) < 2 or units[-1].unit.end - units[0].unit.start <= LONG_QUOTE:
            out.append((passage, units))
            continue
        source = citer.document(passage.passage.document).text
        kept = [u for u in units if u.unit.kind is not BlockKind.ITEM or opens_item(source, u.unit.start)]
        out += [(passage, [u]) for u in kept]
    return out


def opens_item(source: str, position: int) -> bool:
    """Whether a unit is the first of its list item: a bullet or number stands before it on its line."""
    line = source.rfind("\n", 0, position) + 1
    return re.fullmatch(r"\s*(?:[-*+•·–—]|\(?\w{1,3}[.)])?[\s*_\[(]*", source[line:position]) is not None


def written(units: list[ScoredUnit], n: int) -> list[str]:
    """A group of units as lines: items as bullets, sentences running on, the mark at the end."""
    lines: list[str] = []
    for unit in units:
        if unit.unit.kind in (BlockKind.ITEM, BlockKind.CELL) and len(units) > 1:
            lines.append(f"  • {unit.unit.text}")
        elif lines and not lines[-1].startswith("  •") and unit.unit.kind is BlockKind.PARAGRAPH:
            lines[-1] += f" {unit.unit.text}"
        else:
            lines.append(unit.unit.text)
    lines[-1] += f" [{n}]"
    return lines
