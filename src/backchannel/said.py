"""Sentences that can be shown in other languages: each is its English text, and remembers how it was made."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int"
Packed: TypeAlias = "str | int | Sequence[Packed] | Mapping[str, Packed]"

_NO_SENTENCE = "This is no sentence that was packed."
_PLACES = re.compile(r"(?:[^{}]|\{\{|\}\}|\{[a-z_][a-z_0-9]*\})*", re.IGNORECASE)


class Shown(str):
    """Words of other people that were made harmless to show; making them so once more changes nothing."""

    __slots__ = ()

    def __str__(self) -> str:
        return self


class Said(str):
    """An English sentence; `template` names it in the catalogue, `values` are what it says of this occasion."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Value]

    def __str__(self) -> str:
        """Give the sentence itself, memory and all: an error's text is asked for with `str`."""
        return self

    def __add__(self, other: str, /) -> str:
        return joined("", (self, other))

    def __radd__(self, other: str, /) -> str:
        return joined("", (other, self))

    def each(self, change: Callable[[str], str]) -> str:
        """Give the sentence with every word in it that is not ours changed."""
        return said(self.template, **{name: _changed(value, change) for name, value in self.values.items()})


class Joined(Said):
    """Several texts with a separator between each two."""

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    def each(self, change: Callable[[str], str]) -> str:
        return joined(self.template, [str(_changed(part, change)) for part in self.parts])


def said(template: str, /, **values: object) -> str:
    """Say a sentence; `values` fill its places, and may be said themselves."""
    kept = {name: value if isinstance(value, str | int) else str(value) for name, value in values.items()}
    sentence = Said(template.format(**kept) if kept else template)
    sentence.template, sentence.values = template, kept
    return sentence


def joined(separator: str, parts: Iterable[str]) -> str:
    """Join texts as `separator.join` does."""
    kept = tuple(parts)
    sentence = Joined(separator.join(kept))
    sentence.template, sentence.values, sentence.parts = separator, {}, kept
    return sentence


def harmless(text: str, change: Callable[[str], str]) -> str:
    """Have `change` make a text harmless; in a sentence of ours only the words that are others'."""
    if isinstance(text, Said):
        return text.each(change)
    return text if isinstance(text, Shown) else change(text)


def clause(text: str) -> str:
    """Give a sentence without its full stop, to go on after it."""
    if isinstance(text, Said) and not isinstance(text, Joined):
        return said(text.template.removesuffix("."), **text.values)
    return text.removesuffix(".")


def plain(text: str) -> str:
    """Give the same text without memory, for what keeps only texts."""
    return str.__str__(text)


def packed(text: Value) -> Packed:
    """Give a sentence as JSON can carry it, with its memory."""
    if isinstance(text, Joined):
        return [plain(text.template), [packed(part) for part in text.parts]]
    if isinstance(text, Said):
        return [plain(text.template), {name: packed(value) for name, value in text.values.items()}]
    return [plain(text)] if isinstance(text, Shown) else text


def unpacked(found: object) -> Value:
    """Read what `packed` gave; ValueError for anything else."""
    match found:
        case str() | int():
            return found
        case [str(text)]:
            return Shown(text)
        case [str(separator), list(parts)]:
            return joined(separator, [str(unpacked(part)) for part in parts])
        case [str(template), dict(values)] if _PLACES.fullmatch(template):
            try:
                return said(template, **{str(name): unpacked(value) for name, value in values.items()})
            except (KeyError, IndexError) as error:
                raise ValueError(_NO_SENTENCE) from error
    raise ValueError(_NO_SENTENCE)


def _changed(value: Value, change: Callable[[str], str]) -> Value:
    return harmless(value, change) if isinstance(value, str) else value
