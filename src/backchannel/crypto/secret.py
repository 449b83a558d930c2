"""Values that cannot be printed, formatted or pickled by accident."""

from typing import NoReturn, SupportsIndex


class Secret:
    """A holder of key material; `repr`, `str`, `format` and `%s` show only the name of its class.

    Python cannot wipe `bytes`: a secret leaves memory when the process does.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} …>"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, spec: str, /) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        """Refuse `pickle`, `copy` and whatever else would write the secret out unasked."""
        raise TypeError(f"a {type(self).__name__} is a secret and is not serialised")
