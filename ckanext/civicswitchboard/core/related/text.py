"""When two names mean the same thing: case, plural, hyphens and small words put aside."""
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NUMBER = re.compile(r"\d+(?:st|nd|rd|th|s)?")
_SMALL = frozenset(
    "a an and are as at by for from in into is its of on or per the to with within without und".split()
)
_IRREGULAR = {"buses": "bus", "gas": "gas", "news": "news", "children": "child", "people": "person"}

# Words that say how a dataset is made, not what it is about.
_GENERIC = """
    access account activity address aggregate all annual application area archive archived arcgis
    average basic block boundary by case category centroid centerline certified change
    chart city class code collection comma common community complete complex condition count county
    coverage csv current daily dashboard data database dataset date datum day department designated
    detail detailed dictionary directory district division document download draft establishment
    estimate event excel existing explorer extract facility feature feed field figure file final
    footprint format full general geo geocoder geodatabase geographic geojson geospatial gis
    government grid guide historic historical hub image index indicator individual info
    information interactive inventory item json jurisdiction kml label layer level license line list
    listing local location log lookup lot major map mapping master metric miscellaneous model monthly
    municipal municipality name national network new number object office official old open operation
    other outline overlay overview owned pdf performance performed plan planning plus point polygon
    portal private profile program project provider public quarterly rate ratio raw reason record
    reference region regional register registry related report request research resource response
    result sample schedule schema score section sector selected series service set shape shapefile
    sheet site source spatial special spreadsheet state station statistic status structure
    study subset summary supplement survey system table test text time topic total town township
    tracking transition trend type unit update usage use user using value various vector version view
    viewer village visualization web weekly xls xml year yearly zip zone
"""

# Words that say too little alone in a title, and something beside another: "green" is a
# color, "green infrastructure" a subject.
_WEAK = """
    age american analysis black blue branch center central common cost east effectiveness front good
    great green group head house indicator infrastructure joint light main management market member middle
    north outcome owner party past place power price product quality red right role self senior share
    side small south square stop street target team value west white work
"""

# Words that mean one thing here and another there: school districts and story hours have an
# "attendance", scales and tenements an "inspection". A reason only with another word beside it.
_MANIFOLD = """
    attendance business child children inspection library permit summer violation visitor water winter
"""


def fold(text: str) -> str:
    """What makes two names the same: ``Wi-Fi`` and ``wifi``, ``Storm water`` and ``stormwater``."""
    return "".join(words(text))


def words(text: str) -> dict[str, str]:
    """The words of a text in their order, as they stand by what makes two of them the same."""
    return dict(_kept_words(text))


@lru_cache(maxsize=20_000)
def _kept_words(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(words_once(text).items())


def words_once(text: str) -> dict[str, str]:
    """As :func:`words`, for a long text that is not worth remembering."""
    words: dict[str, str] = {}
    for match in _WORD.finditer(without_accents(text).replace("-", "")):
        word = match.group()
        key = singular(word.casefold().replace("'", "").replace("’", ""))
        if key not in _SMALL:
            words.setdefault(key, word)
    return words


def singular(word: str) -> str:
    """An English word without its plural's ending; only ever compared, never shown."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def is_number(word: str) -> bool:
    """Whether a word is a number: a year, an ordinal, the name of a decade."""
    return bool(_NUMBER.fullmatch(word))


def without_accents(text: str) -> str:
    """A text with plain letters in place of accented ones."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


GENERIC = frozenset(singular(word) for word in _GENERIC.split())
WEAK = frozenset(singular(word) for word in _WEAK.split())
MANIFOLD = frozenset(singular(word) for word in _MANIFOLD.split())
# A group, theme, collection or place of these words alone has no name of its own.
NAMELESS = frozenset("general misc miscellaneous none other uncategorized unknown various".split())
