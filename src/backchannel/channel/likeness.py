"""Names that a person cannot tell apart, and names that do not show as they read (docs/spec/membership.md 3)."""

import unicodedata

# Letters of other scripts that are drawn like a Latin one; compared after case folding.
_DRAWN_LIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0501\u051b\u051d\u04cf\u0261"
    "\u03b1\u03b2\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0131",
    "abekmhopctyxsijdqwlgabeikvoptyxi",
)
_JOINERS = "\u200c\u200d"  # invisible, but part of words in Persian and in Indian scripts


def skeleton(name: str) -> str:
    """Reduce a name to what the eye sees of it; two names with one skeleton are not told apart."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(letter for letter in folded if unicodedata.category(letter) not in {"Mn", "Cf", "Zs"})
    return seen.translate(_DRAWN_LIKE).replace("0", "o").replace("1", "l").replace("rn", "m")


def alike(one: str, other: str) -> bool:
    return skeleton(one) == skeleton(other)


def plain(name: str) -> bool:
    """Tell whether a name shows as it reads: no controls, nothing invisible, one spelling, no outer spaces."""
    shown = "".join(letter for letter in name if letter not in _JOINERS)
    return shown.isprintable() and name == unicodedata.normalize("NFC", name) and name == name.strip()
