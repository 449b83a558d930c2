"""What leaves the desk to be seen by others: the page for the public, sheets of paper, and a forged talk that proves the point."""

from starlette.responses import Response

from backchannel.daylight.public_page import policy
from backchannel.pages.gate import POLICY_NAME
from backchannel.pages.page import Asking, Page

# Its own script and style by their hashes, an origin that is nobody's, and no frame but one of this desk.
PUBLIC_POLICY = f"{policy()}; sandbox allow-scripts allow-downloads; frame-ancestors 'self'"


async def public(asking: Asking) -> Page | Response:
    """Show a proposal to surface as the public will see it: the very page that would be published."""
    room, proposal = (asking.request.path_params[name] for name in ("room", "proposal"))
    words = ["surface", "preview", f"--room={room}", "--no-sync", "--to=-"]
    words += [*(f"--in={one}" for one in asking.words.languages), "--", proposal]
    ((_, page),) = (await asking.house.do(words, by_hand=False)).files
    return Response(page, media_type="text/html; charset=utf-8", headers={POLICY_NAME: PUBLIC_POLICY})
