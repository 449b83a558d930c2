"""How the words of the protocol read on a screen; a word that is not here is shown as it came, made safe."""

from collections.abc import Mapping

from backchannel.desk.shown import one_line

REGISTERS: Mapping[str, str] = {
    "talk": "corridor talk",
    "non-paper": "non-paper",
    "conditional": "conditional",
    "formal": "formal",
}
MANDATES: Mapping[str, str] = {
    "authorised": "says: authorised",
    "exploratory": "exploratory, binds nobody",
    "not-stated": "mandate not stated",
}
CAPACITIES: Mapping[str, str] = {
    "on-instructions": "on instructions",
    "personal": "in a personal capacity",
    "not-stated": "",
}
RULES: Mapping[str, str] = {
    "for-you-only": "for you only",
    "substance": "the substance may be passed on",
    "hypothetical": "may be passed on as a hypothetical",
    "verbatim": "may be passed on word for word",
}
MANNERS: Mapping[str, str] = {
    "verbatim": "given as word for word",
    "paraphrase": "paraphrased by the carrier",
    "own-words": "in the carrier's own words",
}
ROLES: Mapping[str, str] = {
    "authorised-envoy": "authorised envoy",
    "exploratory-envoy": "exploratory envoy",
}


def worded(table: Mapping[str, str], word: str) -> str:
    return table[word] if word in table else one_line(word)
