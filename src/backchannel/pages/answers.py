"""What forms were answered with, each for a while at an address of its own (spec pages 9.2).

A browser writes down what it sent to the address that it shows, words and all, to open it again after a restart; and it sends
the form once more when that page is loaded again. It does neither with a page that it was sent on to.
"""

import secrets
from collections import OrderedDict

from backchannel.errors import Refused
from backchannel.pages.page import Asking, Page

MOST_ANSWERS = 32
NAME_BYTES = 8
DOORS = frozenset(
    {"locked", "new"}
)  # what these are sent has a passphrase in it, and browsers write down none of that


class Answers:
    """The newest answers, until the desk is locked."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Page] = OrderedDict()

    def keep(self, page: Page) -> str:
        """Give a page an address, after the desk's own first part."""
        name = secrets.token_urlsafe(NAME_BYTES)
        self._kept[name] = page
        while len(self._kept) > MOST_ANSWERS:
            self._kept.popitem(last=False)
        return f"/answers/{name}"

    async def show(self, asking: Asking) -> Page:
        """Show an answer again, or raise Refused if it is gone."""
        page = self._kept.get(asking.request.path_params["answer"])
        if page is None:
            raise Refused(
                "What stood here is not kept any longer; go on from Today, where all that was done stands."
            )
        return page

    def clear(self) -> None:
        self._kept.clear()


def sent_on(asking: Asking, page: Page) -> bool:
    """Tell whether a browser would write down the form that this page answers."""
    return asking.request.headers.get("sec-fetch-mode") == "navigate" and page.template not in DOORS
