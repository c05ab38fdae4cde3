"""Which subjects and documents a question names.

1. An alias (a number, a site, an abbreviation) names its subjects, however it is punctuated.
2. A country or its adjective names the subjects of that country; the words of the titles choose among them, and
   where they cannot, all of them stay.
3. Words of a title name its subject if they are most of what tells it from others.
4. A word that is nearly one of those names is taken for it, and that is said; a name that is not in the documents
   is never replaced.
5. A country that is named and that no document mentions is missing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from factdesk.corpus import numberwords
from factdesk.corpus.records import Subject
from factdesk.corpus.remembered import Remembered
from factdesk.corpus.territories import display_name, mentions, territory_of
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, LANGUAGES, fold, stem, strip_possessive, word_set
from factdesk.index.catalogue import Catalogue
from factdesk.qa.documents import OWNER_AFTER, TIME_WORD, DocumentMatch, DocumentsNamed, Shelf
from factdesk.qa.patterns import COMPARE

if TYPE_CHECKING:
    from factdesk.qa.question import Query

TITLE_SHARE = 0.5
"""Share of a title's telling words that a question must have to name it by them alone."""
TITLE_MARGIN = 0.18
"""By so much of its title must one subject of a country be nearer to the question than the next."""
GUESS_SCORE = 70
"""rapidfuzz ratio from which a word may have been meant for a name: "malta" and "malmo" have 60."""
RARE = 12
"""Passages in which a proper name may stand and still point to a subject."""
ALIAS_SCORE, TERRITORY_SCORE, TITLE_SCORE, PROPER_SCORE = 1.0, 0.8, 0.5, 0.45
"""How surely a subject is meant by each of these; the share of its title comes on top."""
OWN_SHARE = 0.5
"""Share of the words that name a title which must not be another subject's already."""
TITLES_TRIED = 3
TYPO_LENGTH = 5
"""Letters that a name must have to be recognised though misspelt."""
SHORTEST_SLIP = 3
LONG_WORD = 7
"""Letters from which on two slips still leave a word that can be told."""
SLIPS_TRIED = 8
REMEMBERED = 20_000
"""Misspelt words whose meanings are kept in memory."""
SMALL_TALK = sorted(
    {w for w in FUNCTION_WORDS["en"] if len(w) >= SHORTEST_SLIP}
    | word_set(
        "month monthly year yearly annual annually week weekly daily time times total average people number "
        "priciest pricier costliest dearest cheapest"
    )
)
"""Words that people ask with, whatever the documents say."""
UNDERSTOOD = 500
"""Questions that are kept taken apart: a talk comes back to its own again and again."""
SELDOM = 3
"""Passages below which a name that somebody asks about is only mentioned."""
MONTHS = frozenset(numberwords.MONTHS)
SMALL_LIBRARY = 3000
"""Passages up to which every word of the library is known to the speller."""
PLACED = word_set("in at of from near en em desde")
"""Words before the name of a place."""
NEW = re.compile(r"\b(?:New|Nuevo|Nueva|Novo|Nova) ([A-Z]\w+)")
SHORT_PHRASE = 4
"""In a phrase of at most so many words the first word's capital may tell a name."""
HEADLINE_SHARE = 0.6
"""From this share of capitals on they tell nothing: a headline, or a language that writes nouns so."""
CURRENCY = re.compile(
    r"\s+(?:dollars?|reals?|reais|pesos?|pounds?|euros?|won|shillings?|francs?|rand|rupees?|ye[ns]\b)", re.I
)
POSSESSIVE = re.compile(r"['’]s?$")
TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?(?:-[^\W_]+)*", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a question: where it stands, folded, without a possessive, and its stem."""

    start: int
    end: int
    word: str
    stem: str


@dataclass(frozen=True, slots=True)
class SubjectMatch:
    """A subject that a question names, how surely (0 to 1 and above), and by what."""

    subject: Subject
    score: float
    by: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names: subjects, names that are in no document, words that were taken for a name."""

    matches: tuple[SubjectMatch, ...] = ()
    missing: tuple[str, ...] = ()
    covered: frozenset[int] = frozenset()
    """Numbers of the question's tokens that belong to a name."""
    corrected: tuple[tuple[str, str], ...] = ()
    """Words as written, and what they were taken for."""
    guesses: tuple[tuple[str, str], ...] = ()
    """Words that no document has, and the name that each may have been meant for."""
    ambiguous: bool = False
    """Whether several subjects answer to one name."""

    @property
    def ids(self) -> list[str]:
        """The subjects' ids, surest first."""
        return [match.subject.id for match in self.matches]


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text with misspelt words set right, what was changed, and what may have been meant by words that stayed."""

    text: str
    changes: tuple[tuple[str, str], ...] = ()
    guesses: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Naming:
    """What has been found named so far. `shares` says by subject how much of its title the text has, if any."""

    shares: dict[str, float]
    picked: dict[str, SubjectMatch] = field(default_factory=dict)
    covered: set[int] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    ambiguous: bool = False

    def pick(self, candidates: list[Subject], base: float, by: str) -> bool:
        """Take those of some subjects that the text's other words fit best; whether they are several."""
        shares = {subject.id: self.shares.get(subject.id, 0.0) for subject in candidates}
        best = max(shares.values())
        clear = best >= TITLE_MARGIN
        kept = [s for s in candidates if shares[s.id] >= best - TITLE_MARGIN] if clear else candidates
        for subject in kept:
            score = base + shares[subject.id]
            if subject.id not in self.picked or self.picked[subject.id].score < score:
                self.picked[subject.id] = SubjectMatch(subject, score, by)
        return len(kept) > 1


def tokenize(text: str, language: str = "en") -> list[Token]:
    """The tokens of a question."""
    found = []
    for match in TOKEN.finditer(text):
        word = strip_possessive(fold(match.group()))
        word = vocabulary().abbreviations.get(word, word)
        if word:
            found.append(Token(match.start(), match.end(), word, stem(word, language)))
    return found


def compact(text: str) -> str:
    """A name without anything but letters and digits: "3-1-1" is "311"."""
    return re.sub(r"[^a-z0-9]+", "", fold(text))


class Library:
    """The names of a catalogue's subjects, ready to be recognised."""

    def __init__(self, catalogue: Catalogue, is_word: Callable[[str], bool] = lambda _: False) -> None:
        self.catalogue = catalogue
        self.is_word = is_word
        """Whether a folded word is a common one, and so not misspelt."""
        self.shelf = Shelf(catalogue.identities(), is_word)
        self.subjects = catalogue.subjects()
        self.by_id = {subject.id: subject for subject in self.subjects}
        per_document = Counter(subject.document for subject in self.subjects)
        self.parted = {document for document, count in per_document.items() if count > 1}
        self.aliases: dict[str, list[Subject]] = {}
        for subject in self.subjects:
            for alias in subject.aliases:
                key = compact(alias)
                if subject.territory and territory_of(alias) == subject.territory:
                    continue  # countries are told by their mentions, adjectives included
                if len(key) >= 2 and not (self.is_container(subject) and " " not in alias):
                    self.aliases.setdefault(key, []).append(subject)
        self.titles = {subject.id: self._title_stems(subject) for subject in self.subjects}
        self.with_word: dict[str, list[str]] = {}
        """The subjects whose titles have a stem."""
        for identity, title in self.titles.items():
            for word in title:
                self.with_word.setdefault(word, []).append(identity)
        self.pairs = self._title_pairs()
        spread = Counter(s for stems in self.titles.values() for s in stems)
        self.passages = max(1, catalogue.counts().passages)
        self.weights = {s: self._rarity(s) / count for s, count in spread.items()}
        self.understood: Remembered[tuple[str, bool], Query] = Remembered(UNDERSTOOD)
        self.known_stems = frozenset(vocabulary().synonyms).union(*map(vocabulary().measure_words, LANGUAGES))
        self._slips = Remembered[str, tuple[str | None, str | None]](REMEMBERED)
        self.names: dict[str, str] = {
            fold(word): word
            for subject in self.subjects
            for text in (subject.name, *subject.aliases)
            for word in TOKEN.findall(text)
            if len(word) >= TYPO_LENGTH and fold(word) not in FUNCTION_WORDS["en"]
        }

    def is_container(self, subject: Subject) -> bool:
        """Whether a subject is a whole document, parts of which are subjects themselves."""
        return subject.whole and subject.document in self.parted

    @cached_property
    def common(self) -> list[str]:
        """The words that misspelt ones may stand for: those of the measures, and of small libraries all."""
        texts = list(vocabulary().measure_phrases)
        if self.passages <= SMALL_LIBRARY:
            for passage in self.catalogue.passages(self.catalogue.passage_rows().tolist()).values():
                texts += [passage.text, *passage.section]
        words = {fold(w) for text in texts for w in TOKEN.findall(text)}
        return sorted(w for w in words if len(w) >= TYPO_LENGTH and w.isalpha())

    def _title_stems(self, subject: Subject) -> frozenset[str]:
        name = re.sub(r"\([^()]*\)\s*$", "", subject.name) if not subject.whole else subject.name
        own = {t.stem for t in tokenize(name) if t.word not in FUNCTION_WORDS["en"]}
        territory = {t.stem for t in tokenize(display_name(subject.territory))} if subject.territory else set()
        return frozenset(own - territory)

    def _title_pairs(self) -> dict[tuple[str, str], Subject]:
        """The pairs of neighbouring telling words that stand in one title only."""
        found: dict[tuple[str, str], list[Subject]] = {}
        for subject in self.subjects:
            if self.is_container(subject):
                continue
            words = [t.stem for t in tokenize(subject.name) if t.word not in FUNCTION_WORDS["en"]]
            for pair in set(pairwise(words)):
                found.setdefault(pair, []).append(subject)
        return {pair: subjects[0] for pair, subjects in found.items() if len(subjects) == 1}

    def _rarity(self, word: str) -> float:
        frequency = self.catalogue.term_document_frequencies([word]).get(word, 0)
        return math.log(1 + self.passages / (1 + frequency))

    def title_shares(self, stems: set[str]) -> dict[str, float]:
        """Of each subject which share of what tells its title from others a question has, by weight, if it has any.

        Sums are exact, so that no order of words makes one share greater than an equal one.
        """
        shares = {}
        for identity in {identity for word in stems for identity in self.with_word.get(word, ())}:
            title = self.titles[identity]
            if total := math.fsum(self.weights[s] for s in title):
                shares[identity] = math.fsum(self.weights[s] for s in title & stems) / total
        return shares

    def own_aliases(self, identity: str) -> tuple[str, ...]:
        """The aliases of a subject that are its own: its country is not."""
        subject = self.by_id[identity]
        return tuple(a for a in subject.aliases if not subject.territory or territory_of(a) != subject.territory)

    def named_in(self, text: str, language: str = "en") -> Named:
        """The subjects that a text names, surest first."""
        words = tokenize(text, language)
        stems = {t.stem for t in words} | {stem(t.word) for t in words}
        found = Naming(self.title_shares(stems))
        for first, last, subjects in self._aliases_in(words):
            found.covered.update(range(first, last + 1))
            several = found.pick(subjects, ALIAS_SCORE, "alias")
            found.ambiguous = found.ambiguous or several
        self._add_territories(found, words, text)
        self._add_titles(found, words, stems)
        self._miss_other_countries(found, text)
        self._miss_names(found, words, text)
        if not found.picked and not found.missing:
            for at, subject in self._proper_names(words, text):
                by = "name" if words[at].stem in self.titles[subject.id] else "mention"
                found.picked.setdefault(subject.id, SubjectMatch(subject, PROPER_SCORE, by))
                found.covered.add(at)
        for identity in found.picked:
            found.covered.update(i for i, t in enumerate(words) if t.stem in self.titles[identity])
        order = sorted(found.picked.values(), key=lambda m: (-m.score, m.subject.id))
        missing = tuple(dict.fromkeys(found.missing))
        return Named(tuple(order), missing, frozenset(found.covered), ambiguous=found.ambiguous)

    def named_of(self, documents: DocumentsNamed, text: str, language: str = "en") -> Named:
        """The subjects that a text names, given the documents that it names: no others, and not their mere sections.

        A report of a period is a subject as a whole: its headings are no cases that one asks about.
        """
        found = self.named_in(text, language)
        if not documents.sure:
            return replace(found, missing=(*found.missing, *self._strangers(text))) if not found.missing else found
        ids = documents.ids
        parts = {i for i in ids if not self.shelf.is_report(i)}
        matches = tuple(m for m in found.matches if m.subject.document in parts and not self.is_container(m.subject))
        if not matches:
            wholes = {s.document: s for s in self.subjects if s.whole}
            first: dict[str, str] = {}
            for identity in ids:  # of each organisation its surest document
                owner = self.shelf.of(identity)
                first.setdefault(owner.name if owner else identity, identity)
            matches = tuple(SubjectMatch(wholes[i], 1.0, "document") for i in first.values() if i in wholes)
        words = tokenize(text, language)
        covered = {n for n, t in enumerate(words) for start, end in documents.spans if start <= t.start < end}
        covered |= {n for n, t in enumerate(words) for m in matches if t.stem in self.titles[m.subject.id] and parts}
        said = [name for name in found.missing if fold(name) not in {words[n].word for n in covered}]
        missing = tuple(said) if COMPARE.search(text) else ()
        return Named(matches, missing, frozenset(covered), ambiguous=found.ambiguous and bool(parts))

    def documents_beside(self, documents: DocumentsNamed, document: str) -> tuple[DocumentMatch, ...]:
        """Those of the documents named that are of the same organisation as one of them."""
        owner = self.shelf.of(document)
        return tuple(
            m for m in documents.matches if m.document == document or (owner and self.shelf.of(m.document) is owner)
        )

    def _strangers(self, text: str) -> list[str]:
        """Names of organisations that a text asks about and none of whose reports is here."""
        if not self.shelf.has_reports or text.isupper() or text.istitle():
            return []
        words = list(TOKEN.finditer(text))
        found = []
        for at, match in enumerate(words):
            written, own = match.group(), strip_possessive(match.group().replace("’", "'"))
            owner = own != written or (at > 0 and fold(words[at - 1].group()) in OWNER_AFTER)
            name = own[:1].isupper() and own.isalpha() and len(own) > SHORTEST_SLIP and not TIME_WORD.fullmatch(own)
            if not (owner and name) or fold(own) in FUNCTION_WORDS["en"] or mentions(own):
                continue
            seldom = self.catalogue.term_document_frequencies([own])[own] < SELDOM
            if seldom and fold(own) not in self.known_words and not self.catalogue.search_figures([own], 1):
                found.append(own)
        return found

    @cached_property
    def known_words(self) -> frozenset[str]:
        """The words of the measures, and of times: they name nobody."""
        return frozenset(w for phrase in vocabulary().measure_phrases for w in fold(phrase).split()) | MONTHS

    def _add_territories(self, found: Naming, words: list[Token], text: str) -> None:
        """The subjects of the countries that a text names, and the countries that no document mentions."""
        for mention in mentions(text):
            inside = [i for i, t in enumerate(words) if mention.start <= t.start < mention.end]
            own = [s for s in self.subjects if s.territory == mention.code]
            written = text[mention.start : mention.end]
            if own:
                found.covered.update(inside)
                already = [s for s in own if s.id in found.picked and found.picked[s.id].by == "alias"]
                for subject in already:
                    score = found.picked[subject.id].score + TERRITORY_SCORE
                    found.picked[subject.id] = SubjectMatch(subject, score, "alias")
                if not already:
                    found.ambiguous = found.pick(own, TERRITORY_SCORE, "territory")
            elif not self._in_documents(display_name(mention.code)) and not self._in_documents(written):
                found.missing.append(display_name(mention.code))
                found.covered.update(inside)

    def _miss_other_countries(self, found: Naming, text: str) -> None:
        """A country that is named beside another country's subject, which says nothing of it, is missing."""
        for mention in mentions(text):
            if any(s.territory == mention.code for s in self.subjects) or CURRENCY.match(text, mention.end):
                continue
            picked = [match.subject for match in found.picked.values()]
            others = [s for s in picked if s.territory and s.territory != mention.code]
            names = [text[mention.start : mention.end], display_name(mention.code)]
            said = any(self.catalogue.search_passages([n], 1, subjects=[s.id for s in picked]) for n in names if picked)
            if others and len(others) == len(picked) and not said:
                found.missing.append(display_name(mention.code))

    def _miss_names(self, found: Naming, words: list[Token], text: str) -> None:
        """A place or other name that a text writes with a capital, and that is in no document, is missing."""
        written = [text[t.start : t.end] for t in words]
        if sum(w[:1].isupper() for w in written) > max(1.0, HEADLINE_SHARE * len(words)):
            return
        asks_from = max(text.rfind(". "), 0)  # what stands in a sentence before the question is no part of it
        for name in NEW.finditer(text):  # New Norway is not Norway
            if territory_of(name.group(1)) and not territory_of(name.group()) and not self._in_documents(name.group()):
                found.missing.append(name.group())
        for at, token in enumerate(words):
            a_name = written[at][:1].isupper() and token.word.isalpha() and len(token.word) >= TYPO_LENGTH - 1
            if not a_name or at in found.covered or token.word in FUNCTION_WORDS["en"] or token.start < asks_from:
                continue
            placed = at > 0 and written[at - 1].casefold() in PLACED and not numberwords.head_currency(token.word)[0]
            strange = not found.picked and not self.is_word(token.word) and (at > 0 or len(words) <= SHORT_PHRASE)
            if (placed or strange) and not self._in_documents(token.word):
                found.missing.append(POSSESSIVE.sub("", written[at]))

    def _add_titles(self, found: Naming, words: list[Token], stems: set[str]) -> None:
        """The subjects that a text names by the words of their titles."""
        explained = {s for identity in found.picked for s in self.titles[identity]}
        for identity, share in sorted(found.shares.items(), key=lambda item: (-item[1], item[0]))[:TITLES_TRIED]:
            subject, title = self.by_id[identity], self.titles[identity]
            if self.is_container(subject):
                continue
            telling = sum(self.weights[s] for s in (title & stems) - explained)
            if share >= TITLE_SHARE and telling >= OWN_SHARE * share * sum(self.weights[s] for s in title):
                found.pick([subject], TITLE_SCORE, "title")
                explained |= title
        for pair in pairwise(t.stem for t in words if t.word not in FUNCTION_WORDS["en"]):
            subject_of_pair = self.pairs.get(pair)
            if subject_of_pair and not set(pair) <= explained:
                found.pick([subject_of_pair], TITLE_SCORE, "title")
                explained |= self.titles[subject_of_pair.id]

    def _proper_names(self, words: list[Token], text: str) -> Iterable[tuple[int, Subject]]:
        """The proper names in a question that only one subject's passages have, and that subject."""
        for at, token in enumerate(words):
            if len(token.word) < TYPO_LENGTH - 1 or not token.word.isalpha() or token.word in FUNCTION_WORDS["en"]:
                continue
            if token.stem in self.known_stems:  # "CITIZENS" heads a section, it names nobody
                continue
            # Counting is looking up, where searching for a common word scores a large part of a large library.
            if not 0 < self.catalogue.term_document_frequencies([token.word])[token.word] <= RARE:
                continue
            rows = [row for row, _ in self.catalogue.search_passages([token.word], RARE)]
            passages = self.catalogue.passages(rows).values()
            forms = [f for p in passages for f in re.findall(rf"\b{re.escape(token.word)}\b", p.text, re.I)]
            owners = {p.subject for p in passages}
            if forms and all(form[0].isupper() for form in forms) and len(owners) == 1:
                yield at, self.by_id[owners.pop()]

    def _in_documents(self, name: str) -> bool:
        """Whether a name stands in some document, its words one after the other."""
        return bool(self.catalogue.term_document_frequencies([name]).get(name))

    def _aliases_in(self, words: list[Token]) -> Iterable[tuple[int, int, list[Subject]]]:
        keys = [compact(token.word) for token in words]
        at = 0
        while at < len(words):
            for length in range(min(6, len(words) - at), 0, -1):
                key = "".join(keys[at : at + length])
                subjects = self.aliases.get(key)
                if subjects and (length > 1 or words[at].word not in FUNCTION_WORDS["en"]):
                    yield at, at + length - 1, subjects
                    at += length - 1
                    break
            at += 1

    def spelled(self, text: str, language: str = "en", kept: Iterable[tuple[int, int]] = ()) -> Spelling:
        """The text with misspelt words set right; `kept` are stretches that stay as they are.

        A word is misspelt if no document has it, it is no common word, and one of the library's is a slip away from it.
        A word with a capital amid small ones is a name, and only taken for another name; one that is nearly a name, but
        not a slip away, is left and guessed at.
        """
        found = [t for t in tokenize(text, language) if t.word.isalpha() and len(t.word) >= SHORTEST_SLIP]
        known = self.catalogue.term_document_frequencies([t.word for t in found])
        spans = [*((m.start, m.end) for m in mentions(text)), *kept]
        changes: list[tuple[str, str]] = []
        guesses: list[tuple[str, str]] = []
        shift = 0
        for token in found:
            written = text[token.start + shift : token.end + shift]
            if known.get(token.word) or any(start <= token.start < end for start, end in spans):
                continue
            if self._is_spelled_right(token, language):
                continue
            a_name = written[:1].isupper() and token.start > 0
            meant = self._meant(token.word, name=a_name)
            if meant is not None:
                changes.append((written, meant))
                text = text[: token.start + shift] + meant + text[token.end + shift :]
                shift += len(meant) - len(written)
            elif guess := self._guess(token):
                if not a_name and self._fits(guess, found):
                    changes.append((written, guess))
                    text = text[: token.start + shift] + guess + text[token.end + shift :]
                    shift += len(guess) - len(written)
                else:
                    guesses.append((written, guess))
        return Spelling(text, tuple(changes), tuple(guesses))

    def _is_spelled_right(self, token: Token, language: str) -> bool:
        said = token.word in self.aliases or token.word in SMALL_TALK or token.word in FUNCTION_WORDS[language]
        return said or self.is_word(token.word) or token.stem in self.known_stems

    def _meant(self, word: str, *, name: bool) -> str | None:
        """The word that a misspelt one stands for; None if there is none. `name`: only a name will do."""
        slips = self._slips.get(word)
        if slips is None:
            names = slips_from(word, self.names)
            others = slips_from(word, self.common) if len(word) >= TYPO_LENGTH - 1 else {}
            found = names | others | slips_from(word, SMALL_TALK)
            used = self.catalogue.term_document_frequencies(found)
            best = sorted(found, key=lambda w: (found[w], -used.get(w, 0), w))
            nearest = min(names, key=lambda w: (names[w], w), default="")
            slips = (self.names.get(nearest), best[0] if best else None)
            self._slips.put(word, slips)
        meant_name, meant = slips
        if name or meant is None:
            return meant_name if len(word) >= TYPO_LENGTH else None
        return self.names.get(meant, meant)

    def _guess(self, token: Token) -> str | None:
        """A name that a word may have been meant for, though it is too far from it to be taken for it."""
        if len(token.word) < TYPO_LENGTH:
            return None
        found = process.extractOne(token.word, list(self.names), scorer=fuzz.ratio, score_cutoff=GUESS_SCORE)
        best: str = str(found[0]) if found else ""
        return self.names[best] if best[:1] == token.word[0] and stem(best) != token.stem else None

    def _fits(self, name: str, words: list[Token]) -> bool:
        """Whether a text has another word of a title that a name is part of: then that title is meant."""
        own, others = stem(fold(name)), {t.stem for t in words}
        return any(own in title and title & others - {own} for title in self.titles.values())


def slips_from(word: str, words: Iterable[str]) -> dict[str, int]:
    """The words that a slip of the hand makes into a word, with the number of slips: one, or two in a long word.

    A letter left out, put in, taken for another or swapped with its neighbour counts one: optimal string alignment
    (Boytsov, 2011, https://doi.org/10.1145/1963190.1963191), by rapidfuzz.
    """
    most = 1 if len(word) < LONG_WORD else 2
    found = process.extract(word, list(words), scorer=OSA.distance, score_cutoff=most, limit=SLIPS_TRIED)
    return {str(other): int(slips) for other, slips, _ in found if other[0] == word[0] or len(word) >= LONG_WORD}
