"""How the words of the protocol read on a screen; a word that is not here is shown as it came, made safe."""

from collections.abc import Mapping

from backchannel.desk.shown import one_line
from backchannel.said import said

REGISTERS: Mapping[str, str] = {
    "talk": said("corridor talk"),
    "non-paper": said("non-paper"),
    "conditional": said("conditional"),
    "formal": said("formal"),
}
MANDATES: Mapping[str, str] = {
    "authorised": said("says: authorised"),
    "exploratory": said("exploratory, binds nobody"),
    "not-stated": said("mandate not stated"),
}
CAPACITIES: Mapping[str, str] = {
    "on-instructions": said("on instructions"),
    "personal": said("in a personal capacity"),
    "not-stated": "",
}
RULES: Mapping[str, str] = {
    "for-you-only": said("for you only"),
    "substance": said("the substance may be passed on"),
    "hypothetical": said("may be passed on as a hypothetical"),
    "verbatim": said("may be passed on word for word"),
}
KINDS: Mapping[str, str] = {
    "plenary": said("PLENARY"),
    "bilateral": said("BILATERAL"),
    "caucus": said("CAUCUS"),
    "shuttle": said("SHUTTLE"),
}
MANNERS: Mapping[str, str] = {
    "verbatim": said("given as word for word"),
    "paraphrase": said("paraphrased by the carrier"),
    "own-words": said("in the carrier's own words"),
}
ROLES: Mapping[str, str] = {
    "principal": said("principal"),
    "go-between": said("go-between"),
    "adviser": said("adviser"),
    "observer": said("observer"),
    "authorised-envoy": said("authorised envoy"),
    "exploratory-envoy": said("exploratory envoy"),
}
# Where pledges, understandings and papers stand, and what a side made of a promise.
STANDINGS: Mapping[str, str] = {
    "offered": said("offered"),
    "binding": said("binding"),
    "due": said("due"),
    "overdue": said("overdue"),
    "kept": said("kept"),
    "late": said("late"),
    "broken": said("broken"),
    "lapsed": said("lapsed"),
    "released": said("released"),
    "gone": said("gone"),
    "confirmed": said("confirmed"),
    "declined": said("declined"),
    "standing": said("standing"),
    "withdrawn": said("withdrawn"),
    "handed-back": said("handed-back"),
    "expired": said("expired"),
    "void": said("void"),
}
LEVELS: Mapping[str, str] = {"authorised": said("authorised"), "exploratory": said("exploratory")}
SOUNDINGS: Mapping[str, str] = {
    "all": said("all"),
    "first": said("first"),
    "drawn": said("drawn"),
    "threshold": said("threshold"),
}


def worded(table: Mapping[str, str], word: str) -> str:
    return table[word] if word in table else one_line(word)
