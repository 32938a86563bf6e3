"""A strict fake Telegram Bot API, written from its documentation and apart from the bot."""

from .fake import FakeTelegram
from .faults import Fault
from .people import RefusedError, tiny_png
from .setting import MODERATOR

__all__ = ["MODERATOR", "FakeTelegram", "Fault", "RefusedError", "tiny_png"]
