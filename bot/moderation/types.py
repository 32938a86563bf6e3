"""The values that a decision is made of, and the decision itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Mode = Literal["watch", "remind", "delete"]
Soft = Literal["none", "reaction", "reply"]
ActionKind = Literal["none", "notice", "delete"]
# Why nothing, or less than the mode allows, comes of a post.
Reason = Literal[
    "",
    "watch",
    "paused",
    "limit",
    "stale",
    "forward",
    "not_conflict",
    "noticed",
    "no_right",
    "disarmed",
    "late",
]

DAY_S: Final = 86400.0
STRIKE_LIFE_S: Final = 30 * DAY_S
MUTE_S: Final = DAY_S


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """What a group's administrators chose; the defaults are those of a fresh group."""

    mode: Mode = "remind"
    ladder: bool = False
    soft: Soft = "none"
    forwards: Literal["soft", "same"] = "soft"
    keep_notices: bool = False
    per_minute: int = 1
    per_hour: int = 10
    retention_days: int = 90
    log_chat: int | None = None
    digest: bool = True
    digest_day: int = 0
    digest_hour: int = 9
    timezone: str = "Asia/Shanghai"
    echo_across: bool = False
    ocr: bool = True
    paused_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What came before a post, at the moment of deciding.

    ``notices`` are the times of the group's notices within the last hour, ``strikes`` those of the
    sender's strikes that still count.  ``noticed``: this post has a notice that still stands.
    """

    notices: tuple[float, ...] = ()
    strikes: tuple[float, ...] = ()
    noticed: bool = False
    can_delete: bool = True
    disarmed: bool = False


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What a decision needs to know of a post besides its check."""

    is_forward: bool = False
    is_channel: bool = False
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """What comes of a post; everything in it is still to be carried out.

    ``kind`` is the contract's word, ``notify`` whether a notice goes out now and ``collect``
    whether a deletion is told later, with others.  ``mute_until`` is absolute.
    """

    kind: ActionKind = "none"
    notify: bool = False
    collect: bool = False
    strike: bool = False
    mute_until: float | None = None
    ban: bool = False
    soft: Soft = "none"
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who a message is from, as Telegram tells it."""

    user_id: int | None = None
    is_bot: bool = False
    sender_chat_id: int | None = None
    is_automatic_forward: bool = False
    via_bot: bool = False


@dataclass(frozen=True, slots=True)
class Company:
    """Whom a group protects; None for administrators that are not known just now."""

    chat_id: int
    linked_chat_id: int | None = None
    admins: frozenset[int] = frozenset()
    allowed: frozenset[int] = field(default_factory=frozenset)
