"""The words of the number grammar: scales, currencies, units of time, months, comparators, references.

All are tables in English, Spanish and Portuguese. Names of currencies come from CLDR through Babel, loaded at
the first number that may need them; spelled-out numbers are read by text2num, loaded at the first number word.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import lru_cache

from factdesk.corpus.words import word_set

LANGUAGES = ("en", "es", "pt")


def _table(text: str) -> dict[str, str]:
    """Read "value: phrase, phrase; value: ..." as phrase → value."""
    table: dict[str, str] = {}
    for entry in text.split(";"):
        value, _, phrases = entry.partition(":")
        for phrase in phrases.split(","):
            table[" ".join(phrase.split())] = value.strip()
    return table


SCALES: dict[str, Decimal] = {
    word: Decimal(10) ** int(power)
    for word, power in _table(
        """3: thousand, thousands, mil, miles, k, th, tsd, thsd;
        5: lakh, lakhs, lac, lacs;
        6: million, millions, mn, mln, mio, mill, millón, millon, millones, milhão, milhao, milhões, milhoes, mm, m;
        7: crore, crores, cr;
        9: billion, billions, bn, bln, mrd, md, mds, milliard, milliards, millardo, millardos, bilhão, bilhao,
           bilhões, bilhoes, b;
        12: trillion, trillions, trn, tn, billón, billon, billones, trilhão, trilhões, trilhoes, t;
        15: quadrillion, quadrillions; 18: trillón, trillones"""
    ).items()
}
"""A scale word → what it multiplies by. A Spanish "billón" is a million millions."""

SHORT_SCALES = frozenset({"k", "m", "b", "t", "mm", "cr", "th", "md", "mds", "mill", "tn", "mil"})
"""Scales that are too short to be believed everywhere: a money amount is asked for, or a certain spelling."""

GLUED_SCALES: dict[str, Decimal] = {
    spelling: SCALES[spelling.lower()]
    for spelling in sorted(word_set("k K m M mm MM mn Mn MN mln b B bn Bn BN bln t T tn trn cr Cr Mio Mrd"))
}
"""Scales as they are written against the digits: "940K", "1.5bn"."""

PERCENT = {
    "%": "%",
    **dict.fromkeys(("percent", "per cent", "per centum", "pct", "por ciento", "por cento", "percentage"), "%"),
    **dict.fromkeys(
        (
            "percentage points",
            "percentage point",
            "percent points",
            "pp",
            "ppt",
            "ppts",
            "puntos porcentuales",
            "punto porcentual",
            "pontos percentuais",
            "ponto percentual",
        ),
        "percentage points",
    ),
    **dict.fromkeys(("basis points", "basis point", "bps", "puntos básicos", "pontos-base"), "basis points"),
}

DURATIONS = _table(
    """hours: hour, hours, hr, hrs, hora, horas;
    minutes: minute, minutes, min, mins, minuto, minutos;
    seconds: seconds, sec, secs, segundos, second;
    days: day, days, día, días, dia, dias;
    weeks: week, weeks, wk, wks, semana, semanas;
    months: month, months, mo, mos, mes, meses, mês;
    quarters: quarters, trimestres;
    years: year, years, yr, yrs, año, años, ano, anos;
    decades: decade, decades, década, décadas, decenio, decenios"""
)

GLUED_UNITS = _table(
    """hours: h, hr, hrs; minutes: min, mins; seconds: s, sec; km: km; kg: kg; g: g; cm: cm; mm²: mm²; m²: m², m2;
    km²: km², km2; ha: ha; GB: GB; TB: TB; MB: MB; KB: KB; Mbps: Mbps; Gbps: Gbps; MW: MW; GW: GW; kW: kW; kWh: kWh;
    MWh: MWh; GWh: GWh; MHz: MHz; GHz: GHz; °C: °C; °F: °F; times: x, ×"""
)

DURATION_ADJECTIVES = word_set(
    """business working calendar full consecutive additional more extra work man person staff labor labour school
    light long short whole entire"""
)

PER_UNIT = _table(
    """hour: hour, hr, h, hora; day: day, dia, día; week: week, wk, semana; month: month, mo, mth, mes, mês;
    quarter: quarter, qtr, trimestre; year: year, yr, yr., annum, año, ano, y"""
)
PER_LEADS = frozenset(
    {"per", "a", "an", "each", "every", "por", "al", "ao", "à", "por cada", "cada", "in a", "in each"}
)
PER_ADVERBS = _table(
    """hour: hourly; day: daily, diarios, diarias, diario, diaria, diários, diárias, diariamente;
    week: weekly, semanales, semanal, semanalmente, semanais;
    month: monthly, mensuales, mensual, mensualmente, mensais, mensal, mensalmente;
    quarter: quarterly, trimestrales, trimestral, trimestrais;
    year: yearly, annually, annual, anuales, anual, anualmente, anuais, p.a., pa"""
)
PER_ADJECTIVES = _table(
    """hour: hourly; day: daily, diario, diaria, diário, diária; week: weekly, semanal, semanales, semanais;
    month: monthly, mensual, mensuales, mensal, mensais; quarter: quarterly, trimestral, trimestrales;
    year: annual, yearly, annually, annualised, annualized, anual, anuales, anuais"""
)

COMPARATORS = _table(
    """>: more than, over, greater than, above, exceeding, exceeds, exceed, exceeded, in excess of, upwards of,
       higher than, larger than, bigger than, longer than, well over, just over, slightly more than, better than,
       older than, beyond, surpassing, surpassed, más de, mas de, mayor a, mayor que, superior a, superiores a,
       por encima de, mais de, mais que, acima de, maior que, maior do que, superior ao, más que;
    >=: at least, no less than, not less than, no fewer than, not fewer than, minimum of, a minimum of, minimum,
       al menos, por lo menos, como mínimo, no menos de, pelo menos, ao menos, no mínimo, mínimo de;
    <: less than, fewer than, under, below, lower than, smaller than, shorter than, just under, younger than,
       short of, menos de, inferior a, menor a, menor que, por debajo de, menos que, abaixo de, menor do que;
    <=: up to, at most, no more than, not more than, maximum of, a maximum of, maximum, as much as, as many as,
       not exceeding, hasta, como máximo, no más de, a lo sumo, até, no máximo, não mais de, máximo de;
    ~: nearly, almost, about, approximately, around, roughly, approx, approx., circa, ca., ca, c., close to,
       an estimated, some, more or less, in the region of, in the order of, on the order of, just about, near,
       casi, cerca de, alrededor de, aproximadamente, unos, unas, en torno a, quase, por volta de, em torno de,
       aprox., aprox, cerca, estimated"""
)
"""Words directly before a number → the sign they stand for."""

COMPARATORS_AFTER = _table(
    """>=: or more, and more, or above, and above, and over, or over, or older, and older, or greater, or higher,
       o más, y más, o mayores, ou mais, ou superior;
    <=: or less, or fewer, or below, or under, or younger, o menos, ou menos;
    ~: or so, approximately, más o menos, mais ou menos, aproximadamente"""
)
COMPARATOR_SIGNS = {">": ">", "≥": ">=", ">=": ">=", "<": "<", "≤": "<=", "<=": "<=", "~": "~", "≈": "~", "±": "~"}

MONTHS: dict[str, int] = {
    word: int(number)
    for word, number in _table(
        """1: january, jan, enero, ene, janeiro; 2: february, feb, febrero, fevereiro, fev; 3: march, mar, marzo, março;
        4: april, apr, abril, abr; 5: may, mayo, maio, mai; 6: june, jun, junio, junho; 7: july, jul, julio, julho;
        8: august, aug, agosto, ago; 9: september, sept, sep, septiembre, setiembre, setembro, set;
        10: october, oct, octubre, outubro, out; 11: november, nov, noviembre, novembro;
        12: december, dec, diciembre, dic, dezembro, dez"""
    ).items()
}
FULL_MONTHS = frozenset(word for word in MONTHS if len(word) > 4 or word in {"may", "june", "july", "mayo", "maio"})

ORDINAL_WORDS = {
    **dict.fromkeys(("first", "1st", "primer", "primero", "primeiro", "primera"), 1),
    **dict.fromkeys(("second", "2nd", "segundo", "segunda"), 2),
    **dict.fromkeys(("third", "3rd", "tercer", "terceiro"), 3),
    **dict.fromkeys(("fourth", "4th", "cuarto", "quarto", "last", "último"), 4),
}

ABOUT_DATES = word_set(
    """mid early late around about circa approximately beginning start middle near summer winter spring autumn fall
    mediados principios inicios finales fines comienzos meados início inícios começo começos finais"""
)
"""Words that make a date vague: "early 2017"."""

DATE_PREPOSITIONS = word_set(
    """in since during until till throughout through by before after en em desde durante hasta até antes después
    depois circa mid early late year years fiscal calendar año ano años anos ejercicio fy between entre edition"""
)
"""Words after which four digits are a year, whatever follows."""

DETERMINERS = word_set("""the its their our his her this that these those el la los las su sus o os as seu seus""")

YEAR_NOUNS = word_set(
    """prices levels dollars elections figures results estimates accounts values terms reforms data precios preços
    dólares euros pesos reais reales guidelines rules amendments revisions goals targets annual-accounts series
    olympics games"""
)
"""Plural nouns that follow a year rather than a count: "2017 prices"."""

FUNCTION_WORDS = word_set(
    """a an the and or but nor so yet to of in on at by for from with without into onto over under between among
    through during until till since before after about above below per via than then as if when while where
    which who whom whose that this these those it its they their them he she his her we our us you your i is are
    was were be been being am has have had do does did will would shall should can could may might must not no
    also however whereas because although though both either neither each every there here now already only just
    even still respectively compared versus vs due up down out off against around across along within el la los
    las un una unos unas y o u e ni pero sino que de del al a en con sin por para sobre entre desde hasta hacia
    según como cuando donde cual cuyo este esta estos estas ese esa eso su sus se lo le les es son fue fueron ha
    han había será serán no ya también más menos os as um uma uns umas ou mas nem do da dos das ao aos à às no
    na nos nas em com sem pelo pela pelos pelas até após segundo quando onde qual cujo isto isso seu seus sua
    suas é são foi foram tem têm já também mais alone onwards ago later"""
)
"""Words that are never the noun that a number counts."""

CHANGE_WORDS = tuple(
    sorted(
        word_set(
            """increas rise rose risen rising grew grow grown fell fall fallen drop declin decreas reduc improv cut went
    jump climb surg plung doubl tripl lower raise shrink shrank expand gone soar slid slip moved widen narrow
    aument creci crecer disminu reduj pasó pasa pasar subi baj cay mejor incremen cresc diminui passou passa
    caiu melhor elev"""
        )
    )
)
"""Beginnings of words that tell of a change from one value to another, not of a range."""

REFERENCES = word_set(
    """principle principles article articles art section sections sec table tables figure figures fig figs chapter
    chapters ch annex annexes appendix page pages p pp pg note notes footnote footnotes no nos nº n° núm num
    número paragraph paragraphs para paras clause clauses exhibit exhibits volume vol issue isbn issn doi
    artículo artículos ley decreto página páginas pág págs pag cuadro cuadros tabla tablas gráfico gráficos
    figura figuras capítulo capítulos anexo anexos sección secciones principio principios nota notas inciso
    apartado artigo artigos lei quadro quadros tabela tabelas seção seções princípio princípios alínea"""
)
"""Words whose number names a place or a thing; in any case of letters."""

NAMES_BEFORE = word_set(
    """item items part parts step phase stage level grade class version release type model rule rules law decree
    resolution act goal target objective schedule form line row column room suite floor building tier category
    group option question chart graph map plate slide lesson module unit case box street route highway gate
    flight zone district building pillar regulation directive convention protocol chapter world agenda area
    block lot track component action axis resolución directiva reglamento eje fase etapa nivel paso versión
    modelo meta objetivo resolução portaria diretiva eixo etapa nível versão"""
)
"""Words that name by number when capitalised or when nothing is counted after it."""

STANDARDS = word_set(
    """ISO IEC IEEE RFC DIN ANSI UTF SHA IFRS IAS ASC ASU SFAS SAB NIST BS EN HTML CSS USB MP PCI SOC OHSAS GRI
    COVID"""
)

SYMBOLS = {
    "US$": "USD", "U.S.$": "USD", "U$S": "USD", "U$": "USD", "USD$": "USD", "$US": "USD", "$": "$",
    "R$": "BRL", "C$": "CAD", "CA$": "CAD", "CAD$": "CAD", "A$": "AUD", "AU$": "AUD", "AUD$": "AUD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "SG$": "SGD", "NT$": "TWD", "MX$": "MXN", "MXN$": "MXN", "Mex$": "MXN", "RD$": "DOP",
    "J$": "JMD", "TT$": "TTD", "BZ$": "BZD", "AR$": "ARS", "ARS$": "ARS", "CLP$": "CLP", "CL$": "CLP",
    "COP$": "COP", "COL$": "COP", "CO$": "COP", "$U": "UYU", "UY$": "UYU", "N$": "NAD",
    "€": "EUR", "£": "GBP", "¥": "JPY", "JP¥": "JPY", "CN¥": "CNY", "RMB": "CNY", "₹": "INR", "Rs.": "INR", "Rs": "INR",
    "₩": "KRW", "₽": "RUB", "₺": "TRY", "₫": "VND", "₱": "PHP", "฿": "THB", "₪": "ILS", "₦": "NGN", "₴": "UAH",
    "₡": "CRC", "₲": "PYG", "Gs.": "PYG", "₵": "GHS", "₸": "KZT", "₮": "MNT", "₭": "LAK", "₾": "GEL", "S/.": "PEN",
    "S/": "PEN", "B/.": "PAB", "Bs.": "BOB", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "SFr.": "CHF", "Fr.": "CHF",
    "kr": "kr", "kr.": "kr", "R": "R",
}  # fmt: skip
"""Signs of currencies. "$", "kr" and "R" stand for several: the text has to tell."""

DOUBTFUL_CODES = word_set("ALL TOP TRY MAD PEN CUP MOP GEL BAM RON SOS ANG COP BOB LAK ISK")
"""Codes that are also words or names in capitals ("TOP 10"): believed only beside a large or scaled number."""

DEFAULT_HEADS = {
    **dict.fromkeys(("dollar", "dollars", "dólar", "dólares", "dolares"), "USD"),
    **dict.fromkeys(("euro", "euros"), "EUR"),
    **dict.fromkeys(("pound", "pounds", "libra", "libras"), "GBP"),
    **dict.fromkeys(("real", "reals", "reais", "reales"), "BRL"),
    **dict.fromkeys(("rupee", "rupees"), "INR"),
    **dict.fromkeys(("yen", "yens", "ienes"), "JPY"),
    **dict.fromkeys(("rand", "rands"), "ZAR"),
    **dict.fromkeys(("yuan", "renminbi"), "CNY"),
    **dict.fromkeys(("bucks",), "USD"),
}
"""Bare names that one currency owns by custom; any other bare name must be one currency's own, or is doubted."""

VERB_LIKE_HEADS = frozenset({"won", "real", "sol", "som", "lev", "leu", "lek", "kip", "dram", "rial", "pound", "mark"})
"""Singular names that are also common words: believed only beside a large or scaled number."""


COMMON_WORDS = word_set(
    "gold nuevo nuevos novo novos mark marks marco marcos sons sum sums bat bats som soms leones corona coronas franco"
)
"""Words of currency names that alone mean something else."""


@lru_cache(maxsize=1)
def currency_codes() -> frozenset[str]:
    """ISO 4217 codes of the currencies in use, from CLDR."""
    from babel.core import get_global

    rows = get_global("territory_currencies").values()
    codes = {code for row in rows for code, _start, end, tender in row if end is None and tender}
    return frozenset(codes | {"RMB"})


@lru_cache(maxsize=1)
def currency_names() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Full names ("mexican pesos", "pesos mexicanos") → code, and head nouns ("pesos") → the codes they may mean."""
    from babel import Locale

    names: dict[str, str] = {}
    heads: dict[str, set[str]] = defaultdict(set)
    codes = currency_codes()
    for language in LANGUAGES:
        locale = Locale(language)
        plurals = locale._data["currency_names_plural"]
        singular = locale._data["currency_names"]
        for code in codes:
            forms = {str(form).lower() for form in dict(plurals.get(code) or {}).values()}
            forms.add(str(singular.get(code, "")).lower())
            for form in forms - {""}:
                if "(" in form:
                    continue
                names[form] = code
                words = form.split()
                heads[words[-1] if language == "en" else words[0]].add(code)
    for adjective in ("us", "u.s.", "american", "united states"):
        names[f"{adjective} dollars"] = names[f"{adjective} dollar"] = "USD"
    for noun in ("dólares", "dólar", "dolares"):
        for adjective in ("estadounidenses", "americanos", "norteamericanos", "de los estados unidos"):
            names[f"{noun} {adjective}"] = "USD"
    return names, {head: frozenset(found) for head, found in heads.items() if head not in COMMON_WORDS}


def head_currency(head: str) -> tuple[str | None, bool]:
    """The code a bare currency name stands for, and whether it is a currency name at all."""
    if head in DEFAULT_HEADS:
        return DEFAULT_HEADS[head], True
    found = currency_names()[1].get(head, frozenset())
    return (next(iter(found)) if len(found) == 1 else None), bool(found)


_UNITS = {
    "en": """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion
        trillion""",
    "es": """un una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis dieciseis
        diecisiete dieciocho diecinueve veinte veintiún veintiuno veintiuna veintidós veintidos veintitrés veintitres
        veinticuatro veinticinco veintiséis veintiseis veintisiete veintiocho veintinueve treinta cuarenta cincuenta
        sesenta setenta ochenta noventa cien ciento doscientos trescientos cuatrocientos quinientos seiscientos
        setecientos ochocientos novecientos doscientas trescientas cuatrocientas quinientas seiscientas setecientas
        ochocientas novecientas mil millón millones""",
    "pt": """um uma dois duas três tres quatro cinco seis sete oito nove dez onze doze treze quatorze catorze quinze
        dezesseis dezasseis dezessete dezassete dezoito dezenove dezanove vinte trinta quarenta cinquenta sessenta
        setenta oitenta noventa cem cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos
        novecentos duzentas trezentas quatrocentas quinhentas mil milhão milhões bilhão bilhões""",
}
NUMBER_WORDS = {language: frozenset(words.split()) for language, words in _UNITS.items()}
JOINERS = {"en": frozenset({"and"}), "es": frozenset({"y"}), "pt": frozenset({"e"})}
"""Words that join the parts of a spelled-out number."""
SCALE_WORDS = word_set(
    """hundred thousand million billion trillion mil millón millones milhão milhões bilhão bilhões"""
)
FRACTION_WORDS = word_set(
    """third thirds quarter fourths fifth fifths sixth sixths eighth eighths tenth tenths half halves tercios
    terços tercio terço quintos décimas"""
)


@lru_cache(maxsize=4096)
def spelled(words: str, language: str) -> int | None:
    """The value of a spelled-out whole number; None if the words are no number together."""
    from text_to_num import text2num

    try:
        return int(text2num(words, language))
    except ValueError:
        return None
