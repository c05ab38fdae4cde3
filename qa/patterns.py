"""Ways of asking, as patterns: one line, one way. English is complete; of Spanish and Portuguese there is what comes
before the glossary or survives it.
"""

from __future__ import annotations

import re

from factdesk.corpus.patterns import lazily
from factdesk.corpus.words import word_set


def ways(*patterns: str) -> re.Pattern[str]:
    """A pattern that finds any of some phrases as whole words."""
    return lazily(rf"\b(?:{'|'.join(patterns)})\b", re.I)


DATE = ways(
    r"when|since when|until when|in what year|what year|which year|what date|what day|in which year",
    r"(?:launch|start|starting|publication|release|opening|creation|implementation|end) (?:date|year)",
    r"date of",
    r"cu[aá]ndo|desde cu[aá]ndo|en qu[eé] a[nñ]o",
    r"quando|desde quando|em que ano",
)
FROM_TO = ways(
    r"from when to when|over (?:what|which) (?:period|years|time)|what period|which period|de cu[aá]ndo a cu[aá]ndo",
)
DURATION = ways(
    r"how long(?! (?:is|are|was|were) the)|how much time|how many (?:minutes|hours|days|weeks|months|years)",
    r"(?:wait(?:ing)?|resolution|service|processing|response|average|travel|delivery|building|planning) times?",
    r"times? (?:to|for) \w+|hours? (?:it|does|do|did)|cu[aá]nto tiempo",
    r"cu[aá]ntos (?:minutos|d[ií]as|meses|a[nñ]os)|quanto tempo|quantos (?:minutos|dias|meses|anos)",
)
PERCENT = lazily(
    r"\b(?:percentage|percent|per cent|(?<!per )share of|what share|which share|proportion|fraction|what part|"
    r"porcentaje|qu[eé] parte|porcentagem|percentual|que parte)\b|"
    r"%",
    re.I,
)
COUNT = lazily(r"\b(?:how many|number of|count of|cu[aá]nt[ao]s|n[uú]mero de|quant[ao]s)\b", re.I)
NOT_COUNT = lazily(
    r"\b(?:tele)?(?:phone|fax|reference|identification|id|account|serial|contact|case|ticket)\s+numbers?\b",
    re.I,
)
MUCH = lazily(
    r"\bhow much\b(?!\s+(?:time|longer|of the time|paper))|"
    r"\bcu[aá]nto (?!tiempo)|"
    r"\bquanto (?!tempo)|"
    r"\bhow expensive\b|"
    r"\bat what cost\b|"
    r"\bwhat (?:did|does|do|was|has|would|will)\b.*\b(?:cost|spend|spent|invest|invested|save|saved|pay|paid)\b|"
    r"\bin (?:us )?(?:dollars|reals|reais|euros|pesos|usd)\b|"
    r"\bat (?:what|which) price\b|"
    r"\bcosts? (?:of|to)\b|"
    r"\bhow costly\b",
    re.I,
)
HOW_MUCH_OF = lazily(
    r"\bhow much ((?!money|did|does|do|was|is|has|would|will|of|more|less|it|the)[^\W\d_]+\d?)\s+"
    r"(?:is|are|was|were|did|does|do|has|have|gets?|can|per|in)\b",
    re.I,
)
"""Asks how much of something there is, which need not be money."""
LEADING_TIME = lazily(r"^(?:as of|as at|in|for|during|at the end of|since)\b(?=[^,?]*\d)[^,?]{1,40},\s+", re.I)
"""When, said before the question: "As of May 2023, why ..."."""
TEXTUAL = lazily(
    r"^(?:and |but |so )?(?:why|"
    r"how(?! (?:much|many|long|often|old|far|large|big|high|expensive|costly))|"
    r"who|whom|whose|where|por qu[eé]|c[oó]mo|qui[eé]n|d[oó]nde|por que|como|quem|onde|"
    r"can|could|does|do|is|are|was|were|has|have|did|will|would|should|"
    r"what (?:is|are) (?!the\b|a\b|an\b)|"
    r"what (?:happens|happened)|"
    r"what (?:can|could|may|should|must)|"
    r"tell me|explain|describe|"
    r"what (?:is|was|are|were) [a-z]+ed\b|"
    r"what (?:was|were) (?:bought|done|made|built|paid|spent on|learnt)|"
    r"qu[eé] (?:es|son|significan?)|o que (?:é|são|significam?))\b",
    re.I,
)
POSSESSED = lazily(r"^what (?:is|are|was|were) (?:[\w-]+ ){0,4}[\w-]+['’]s? ", re.I)
"""Asks for what somebody has: "what is the city's budget"."""
CONSISTS = ways(
    r"consist|compris|made up|make up|include[sd]?|composed|cover(?:s|ed)? by the cost",
    r"come from|comes from|stem from|based on|used for|spent on",
    r"(?:spend|invest)\b.{0,60}\bon\W*$",
    r"go(?:es)? (?:to|into)|mean|means",
    r"consisten|incluyen?|incluem?|vienen de",
)
YES_NO = lazily(
    r"^(?:and |but |so )?(?:can|could|does|do|is|are|was|were|has|have|did|will|would|should|es|son|"
    r"est[aá]|tiene|é|são|tem)\b",
    re.I,
)
DEFINITION = lazily(
    r"^(?:what|who) (?:is|are|was|were) (?:the |a |an )?|"
    r"^(?:what does|what do) .{1,60} (?:mean|stand for|do)\b|"
    r"^(?:qu[eé]|qui[eé]n) (?:es|son) (?:el |la |los |las )?|"
    r"^(?:o que|quem) (?:é|são) (?:o |a |os |as )?",
    re.I,
)
LISTING = ways(
    r"list|enumerate|name (?:all|the)|for which \w+s",
    r"which (?!case|country|project|portal|system|one|of)\w+(?:s|ies)\b",
    r"what (?:are|were) the",
    r"what (?:benefits|principles|components|areas|tools|programs|groups|conditions|lessons|indicators)",
    r"what (?:websites|formats|lines)",
    r"lista|enumera|cu[aá]les son|quais s[aã]o",
)
RUNNING = ways(
    r"(?:costs?|spend|spent|expens\w+|pay|paid|price)\b.{0,60}"
    r"\b(run|running|operate|operating|maintain|keep \w+ (?:going|running)|upkeep|keep)",
    r"(run|running|operate|operating|keep \w+ running)\b.{0,40}\bcosts?",
    r"^\W*(?:and |but )?(?:to )?(keep (?:it|them|that) (?:running|going|up)|(?:run|operate|maintain) (?:it|them))\b",
)
"""Asks for what something takes to run, in other words than the vocabulary's; the groups hold those words."""
SET_UP = ways(
    r"(?:costs?|spend|spent|pay|paid|money)\b.{0,60}"
    r"\b(to (?:set ?up|build|launch|create|develop|introduce|start)|upfront|up front|initially|put into)",
    r"(set-?up|start-?up|launch|initial) costs?",
    r"(?:money|much|what|how)\b.{0,60}\b((?:went|gone|goes|go|put|paid) (?:\w+ )?into)",
)
"""The same for what it took to set up."""
GAINS = lazily(r"\b(?:gain|gains|gained|benefit financially|gets? (?:more|less|back)|saving|returns?)\b", re.I)
AMOUNT = ways(r"amounts?|how much money|quantity of")
BY_HOW_MUCH = ways(r"by how (?:much|many)|what (?:is|was) the (?:\w+ ){0,2}(?:change|increase|decrease|growth)")
CHANGED = ways(
    r"increas\w+|decreas\w+|rais\w+|rose|risen|up|down|gr[eo]w\w*|growth|fell|declin\w+|reduc\w+|chang\w+|improv\w+|"
    r"more than|less than|higher|lower|from .{1,40} to"
)
"""Says that something has changed."""
TOTAL_ASKED = ways(r"totals?|in total|altogether|overall|combined|aggregate")
AMOUNT_NOUN = ways(
    r"costs?|price|prices|fees?|salary|salaries|wages?|stipends?|fares?|tariff|grant|rent|funding|debt|bill"
)
"""Words for an amount of money; a bare phrase with one asks for it."""
EXPENSIVE = lazily(r"\b(?:expensive|costly|costlier|cheaper|caro|cara|barato|barata)\b", re.I)
AMONG = (
    r"\bwh(?:ich|o) (?:of|one|case|country|project|got|gets|spent|spends|paid|pays|saved|saves|invested|invests|"
    r"is|was)\b.*\b(?:"
)
AMONG_MORE = lazily(
    AMONG + r"more|most|highest|priciest|costliest|largest|biggest|greatest|higher|bigger|larger|greater|costlier)"
    r"\b(?!.*\bthan\b)",
    re.I,
)
"""Asks for the greater of two, "which of them spent more?"; without "than" there is no other to hold it against."""
AMONG_LESS = lazily(
    AMONG + r"less|least|lowest|cheapest|smallest|fewest|fewer|lower|smaller|cheaper)\b(?!.*\bthan\b)",
    re.I,
)
COSTS_MORE = lazily(r"\bcosts? (?:more|less|most|least)\b", re.I)
MORE_NOUN = lazily(r"\b(?:more|fewer|than)\s+((?:[^\W\d_]+\s?){1,2})", re.I)
BREAKDOWN = ways(
    r"break ?down|broken down|made up of|make up|composed of|composition|consists? of|items? of",
    r"split of|split up|components? of the (?:cost|invest)",
    r"desglose|se compone|compõe|detalhamento",
)
WHICH = ways(
    r"(?:which|what|in which|in what|how many) (?:of the )?"
    r"(?:cases?|countries|projects?|systems?|subjects?|programmes?|companies|documents)",
    r"qu[eé] (?:casos?|pa[ií]s(?:es)?|proyectos?)",
    r"(?:que|quais|qual) (?:casos?|pa[ií]s(?:es)?|projetos?)",
)
MOST = lazily(
    r"\b(?:most|priciest|dearest|highest|largest|biggest|greatest|costliest|top|maximum|m[aá]s|mayor|maior|mais)\b",
    re.I,
)
LEAST = lazily(r"\b(?:least|lowest|smallest|cheapest|minimum|fewest|menos|menor|m[ií]nim[oa])\b", re.I)
RANK = ways(
    r"rank(?:ed|ing)?|ordered|order by|sorted|compare all",
    r"clasifica|ordena",
)
ALL_OF = ways(r"all (?:the )?(?:operating|invest|sav)\w*")
"""Asks for every value of a measure."""
COMPARE = lazily(
    r"\bvs\.?\b|\bversus\b|\bcompared? (?:to|with)\b|\bcompare\b|"
    r"\b(?:more|less|bigger|smaller|larger|higher|lower|fewer|cheaper|costlier)\b.*\b(?:than|or)\b|"
    r"\bor\b.{1,60}\b(?:more|less|higher|lower|bigger|smaller|larger|cheaper|most)\s*\??$|"
    r"\bthe same\b|\bequal\b|\bsame .* as\b|"
    r"\bwho (?:saves|spends|pays|invests|gains) (?:more|less|most)\b|"
    r"\bwhat costs (?:more|less)\b|\bcosts more\b|\bor\b.{1,60}\bcosts? (?:more|less)\b|"
    r"\bcomparad[oa]\b|\bm[aá]s que\b|\bmais que\b",
    re.I,
)
SUM = ways(
    r"together|altogether|plus|combined|sum(?: of)?|add(?:ed)? up",
    r"in total|total(?! of \d)|in all|overall",
    r"en total|suma|juntos|no total|soma",
)
AVERAGE = ways(
    r"(?:average|mean) (?:of (?:all|the)|investments?|operating|savings?)",
    r"on average across|promedio de|m[eé]dia d[eoa]s",
)
DIFFERENCE = ways(
    r"difference|gap between|by how much",
    r"how much (?:more|less|cheaper|higher|lower)",
    r"how many (?:more|fewer)",
    r"still (?:missing|not|to)|missing from|remain(?:ing|s)?|left (?:to|out)|not yet|are not|have not",
    r"(?:have|has|had) no|without",
    r"diferencia|diferença|faltan|faltam",
)
FACTOR = ways(
    r"by what factor|what factor|how many times|ratio|multiple",
    r"times (?:more|as|larger|bigger|higher|cheaper)",
    r"cu[aá]ntas veces|quantas vezes",
)
POINTS = lazily(r"\b(?:percentage points|how many points|puntos porcentuales|pontos percentuais)\b", re.I)
GROWTH_RATE = lazily(
    r"\b(?:by what percent|"
    r"percent(?:age)? (?:growth|increase|decrease|change)|"
    r"growth rate|"
    r"how much did .* (?:grow|rise|increase|fall|drop))",
    re.I,
)
PAYBACK = ways(
    r"pay ?back|(?:pays?|paid) (?:itself|for itself|off)|amorti[sz]\w+|break[- ]?even",
    r"recoup\w*|recover(?:ed)? the invest\w+",
    r"recuper\w+|retorno",
)
SUBJECTS = ways(
    r"(?:which|what|list(?: all)?(?: the)?|name(?: all)?(?: the)?|how many) "
    r"(?:countries|cases|projects|companies|systems|subjects|programmes|programs|nations)\b.{0,40}"
    r"\b(?:cover(?:ed|s)?|includ(?:ed|es)|describ(?:ed|es)|present(?:ed|s)|analy[sz]ed|there|appear|featured|"
    r"in the (?:compendium|report|documents?)|document(?:s|ed)?|compendium)",
)
COUNTRIES = ways(r"countries|nations|pa[ií]ses")
MENTIONS = lazily(
    r"^\W*(?:do|does|did|is|are)\b(.{3,80}?)"
    r"\b(?:mention(?:ed)?|talks? about|refers? to|says? anything about|speaks? of)\b(.{3,80}?)\W*$",
    re.I,
)
WHAT_OF = lazily(
    r"^\W*(?:(?:on|over|in|for|by|from|under|with|at) (?:what|which) "
    r"(?!price|cost|year|month|date|day|percentage|rate|share|case|countr|project|amount|period)\w+|"
    r"what (?!is|are|was|were|does|do|did|has|costs|shares|percentages|times)\w+s the)\b",
    re.I,
)
"""Asks for a thing or a circumstance, though the words after it may name a measure ("on what assumption ...")."""
IMPLIED = lazily(
    r"\bhow many\b.*\b(?:impl(?:y|ies)|correspond(?:s)? to|stand(?:s)? for|represent(?:s)?|amount(?:s)? to)\b",
    re.I,
)
"""Asks for the count behind an amount."""
SPENDING = ways(r"spen[dt]s?|spending|paid|pays?|costs?|costed")
"""Says that money went out."""
COST_OF_ONE = ways(r"costs?|price[sd]?|fees?", r"costos?|custos?|pre[cç]os?|precios?|tarifas?")
PER_UNIT = lazily(
    r"\b(?:per|for each|for every) (?!year|month|week|day|hour|cent|quarter|annum)"
    r"([a-z]+(?: (?!in|at|of|on|for|the|with|by|from|to|a)[a-z]+){0,3})",
    re.I,
)
PER = {
    "year": ways(
        r"(?:per|a|each|every|by|one) (?:whole |full |entire )?(?:year|annum)",
        r"annual(?:ly)?|yearly",
        r"(?:por|al|cada) a[nñ]o|anual(?:es|mente)?",
        r"por ano|ao ano|anuais",
        r"(?<=/)year",
    ),
    "month": ways(
        r"(?:per|a|each|every|by) month|monthly",
        r"(?:por|al|cada) mes|mensual(?:es|mente)?",
        r"por m[eê]s|ao m[eê]s|mensa(?:l|is)",
        r"(?<=/)month",
    ),
    "week": ways(r"(?:per|a|each|every) week|weekly|por semana|semanal"),
    "day": ways(r"(?:per|a|each|every) day|daily|(?:por|al) d[ií]a|diari[oa]|por dia"),
}
IN_WORDS = lazily(r"\b(?:in|en|em) ((?:[^\W\d_]+ ){0,2}[^\W\d_]+)", re.I)
"""What may be a currency: "in US dollars"."""
RESULT_UNIT = lazily(r"\b(?:in|how many) (days|weeks|months|years|hours|minutes|percent|%)\b", re.I)
NOUN_PHRASE = lazily(
    r"\b(?:how many|number of|cu[aá]nt[ao]s|n[uú]mero de|quant[ao]s)\s+((?:[^\W\d_]+[\s-]?){1,4})",
    re.I,
)
BARE_NOUN = lazily(r"^\W*([a-z]{3,}s) (?:in|of|at|from|during|by|per|who|that|since|on) ", re.I)
"""A phrase that begins with what is counted: "visitors in 2015"."""
UNTIL = lazily(r"\b(?:until|till|through|up to|by the end of|as of|hasta|at[eé])\b(?=[^?]{0,20}\b\d{4}\b)", re.I)
"""Before a date: the end of a span."""
SAYS = ways(
    r"(?<=cases )state|(?<=countries )state|(?<=projects )state|(?<=documents )state|(?<=reports )state",
    r"(?<=which )state|(?<=that )state|(?<=not )state|states?(?= that)",
)
"""The verb, which is no public body."""
OF_ALL = ways(r"item|of all|all cases")
HOW_MANY_PERCENT = lazily(r"\bhow many (?:percent|percentage)|percentage points", re.I)
WHAT = lazily(r"^\s*(?:what|which|qu[eé]|cu[aá]l|o que|qual)\b", re.I)
WHAT_OR_WHERE = lazily(r"^\s*(?:what|where|which|qu[eé]|o que|de d[oó]nde)\b", re.I)
ITEMS = ways(r"(?:item|part|component|position|partida|componente)s?")
"""Asks for items of a headline."""
INSTEAD = ways(r"instead of|rather than|not separate|en lugar de|em vez de")
LESS = ways(r"less|smaller|lower|fewer|cheaper|menos|menor")
EQUAL = ways(r"same|equal|igual")
PART_ASKED = lazily(
    r"\b(?:share|proportion|fraction|what part|percentage|percent|%) (?:of|goes)\b|"
    r"\bwhat (?:share|percentage|proportion|part)\b|"
    r"\bhow many percent\b",
    re.I,
)
STOP_NOUN = word_set(
    "do does did is are was were have has had can could will use used share shared participate stand went go in on of "
    "for to at from by the still not been be there with through per come take"
)
"""Words that end the noun after "how many"."""
EVERY = ways(r"all|every|each|cases|projects|countries|documents|overall|todos|todas")
"""Says that a sum ranges over everything."""
OPPOSITES = (
    (ways(r"before|prior to|previously"), ways(r"after|afterwards|since then")),
    (
        ways(r"in[- ]person|face[- ]to[- ]face|at (?:the|a) (?:counter|office|desk)|on paper|by hand"),
        ways(r"online|on the (?:web|internet|portal)|digitally|electronically|by phone"),
    ),
)
"""Pairs of ways that are told apart by a number each: that of the one does not answer for the other."""
FISCAL_YEAR = lazily(
    r"\bFY[\s'’]?((?:19|20)?\d\d)(?!\d|Q)\b"
    r"|\b(?:fiscal|financial)(?:[ -]year)?(?: ended| ending)?(?: in)? ((?:19|20)\d\d)\b"
    r"|\b((?:19|20)\d\d) (?:annual report|10-?K|fiscal year|financial year)\b"
    r"|\b(?:annual report|10-?K|full[ -]year)(?: (?:for|of|from))?(?: the year)? ((?:19|20)\d\d)\b",
    re.I,
)
"""A year that is said to be one of a report."""
PLAIN_YEAR = lazily(r"(?<![\d.,$€£/-])(?:19|20)\d\d(?![\d%]|[.,/]\d|-\d\d)")
LOOSE_YEAR = lazily(
    r"\b(?:due|by|until|since|before|after|through|maturing|expir\w+|notes?|target\w*)(?: in)?\W*$", re.I
)
"""Before a year that need not be the time asked about."""
EXPECTED = ways(
    r"expect(?:s|ed|ing|ation|ations)?|guid(?:es?|ed|ance)|outlook|forecast\w*|anticipat\w+",
    r"project(?:ed|s|ion|ions)?(?= to)",
    r"plans? (?:to|for)|going forward",
)
"""Asks for what is said of a time before it is over."""
_STATEMENT = (
    r"(?:balance sheets?|cash ?flows? statements?|income statements?|P&L(?: statements?)?|statements? of [a-z]+"
    r"(?: [a-z]+){0,2}|profit (?:and|&) loss(?: statements?| accounts?)?|financial statements?|line items?|data|"
    r"details|information)"
)
INSTRUCTION = lazily(
    r"^\W*(?:(?:please|kindly|now|then)[ ,]+)*(?:"
    r"(?:assum|imagin|suppos|pretend)\w* (?:that )?you(?:['’]re| are| were)\b|"
    r"you(?:['’]re| are) (?:an? |the )?(?:\w+ ){0,4}(?:analyst|banker|investor|accountant|auditor|consultant|expert|"
    r"assistant|advisor|adviser|journalist|economist)\b|"
    r"(?:act|answer|respond|reply) as (?:if|though|an?)\b|"
    r"(?:respond|reply) to (?:the|this) question\b|"
    r"(?:give|provide|formulate|write) (?:a |an |your |the )?(?:response|answer|solution|reply) to (?:the|this) "
    r"question\b|"
    r"(?:approach|address|tackle|treat|consider|answer|solve) (?:the|this) (?:following )?question\b|"
    r"(?:base|basing) your (?:judg(?:e?)ments?|answer|response|analysis|calculations?)\b|"
    r"(?:calculate|compute|derive|extract|determine|find|work out)(?: \(?(?:or|and) (?:extract|calculate|compute)\)?)?"
    rf" (?:what (?:was|is) asked|(?:the|your) answer)\b.*\b{_STATEMENT}|"
    rf"(?:use|utili[sz]e|using|rely|make use)\b.*\b{_STATEMENT}|"
    r"if .{3,120}\b(?:not|n['’]t)\b.{0,80}\b(?:state|say|explain|answer|report)\b)",
    re.I,
)
"""A sentence to whoever answers: which part to play, where to look, what to say where the question makes no sense."""
QUESTION_FOLLOWS = lazily(
    r"^[^:?]*\b(?:(?:following|this|next) question|(?:here(?:['’]s| is)|answer) (?:the|my|this) question|the question)"
    r"\b[^:?]*:\s+(?=(?:what|how|which|who|when|where|why|is|are|was|were|does|do|did|has|have|can|could|in|by|for|at|"
    r"as|of|on|if|the [^.]*\?)\b)",
    re.I,
)
"""What leads up to a question in its own sentence."""
LEADING_SOURCE = lazily(
    r"^\W*(?:bas(?:ing|ed)|us(?:ing|e)|consider(?:ing)?|rely(?:ing)?|look(?:ing)?|judging|going|drawing|taking|with|from)\b"
    rf"[^,?:]*\b{_STATEMENT}\b(?: (?:and|or) (?:the )?{_STATEMENT})*"
    r"(?: only| alone| provided| shown| below)?,\s+(?=(?:what|how|which|who|when|where|why|is|are|was|were|does|do|did|"
    r"has|have|can|could|by|in)\b)",
    re.I,
)
"""The source that a question tells to look at before it asks."""
ANSWER_FORM = lazily(
    r"(?:(?<=[.?!] )|^|(?<=; ))(?:please )?(?:answer|round|express|state|give|report|provide|quote)"
    r"(?: (?:your|the) (?:answer|response|result|value|ratio))?"
    r" (?:in (?:units of )?|to |as |with |rounded )[^.?!]*(?:\.(?=\s|$)|[?!]|$)"
    r"|\(\s*in (?:units of )?(?:USD|US\$|EUR|GBP|\$|percent|%|millions?|billions?|thousands?)[^()]*\)"
    r"|\b(?:and )?round(?:ed|ing)?(?: (?:your|the) answer)? to \w+ decimal places?",
    re.I,
)
"""In which unit and with how many decimals to answer."""
STATEMENTS = {
    "balance_sheet": ways(r"balance sheets?|statements? of financial (?:position|condition)"),
    "cash_flow": ways(r"cash[ -]?flows? statements?|statements? of cash[ -]?flows?"),
    "income_statement": ways(
        r"income statements?|statements? of (?:consolidated )?(?:income|operations|earnings|profit)|"
        r"P ?& ?L|PnL|profit (?:and|&) loss"
    ),
}
"""The statements of a report, as questions name them."""
