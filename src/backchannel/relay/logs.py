"""What the relay logs: its own sentences, and of a fault its kind and place, never an address."""

import asyncio
import logging
import traceback


class Faceless(logging.Filter):
    """Reduce what libraries log to the kind and place of the fault: their texts name peers."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = f"{record.name}: {_named(fault)}", ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def start_logging() -> None:
    """Log to standard error."""
    output = logging.StreamHandler()
    output.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[output])
    for library in (
        "asyncio",
        "aiohttp",
        "aiohttp.server",
        "aiohttp.web",
        "aiohttp.websocket",
        "backchannel.relay.http",
    ):
        logging.getLogger(library).addFilter(Faceless())


def log_loop_fault(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log what an event loop could not deliver to anybody."""
    fault = context.get("exception")
    logging.getLogger("backchannel.relay").warning(
        "%s", _named(fault if isinstance(fault, BaseException) else None)
    )


def _named(fault: BaseException | None) -> str:
    if fault is None:
        return "a fault without an exception"
    place = traceback.extract_tb(fault.__traceback__)
    return f"{type(fault).__name__}" + (f" at {place[-1].filename}:{place[-1].lineno}" if place else "")
