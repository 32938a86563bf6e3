"""What the fake knows: users, chats, members, messages, files, calls."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import telegram

from .utf16 import cut

ADMIN_RIGHTS = tuple(
    name
    for name in inspect.signature(telegram.ChatAdministratorRights.__init__).parameters
    if name.startswith("can_")
)
PERMISSIONS = tuple(
    name
    for name in inspect.signature(telegram.ChatPermissions.__init__).parameters
    if name.startswith("can_")
)
CHANNEL_ONLY_RIGHTS = frozenset(
    {"can_post_messages", "can_edit_messages", "can_manage_direct_messages"}
)
GROUP_ONLY_RIGHTS = frozenset({"can_pin_messages", "can_manage_topics", "can_manage_tags"})
GENERAL_TOPIC = 1


@dataclass
class User:
    """A person or a bot. ``started``: has a private chat with the bot under test."""

    id: int
    first_name: str
    username: str | None = None
    last_name: str | None = None
    language_code: str | None = "zh-hans"
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False


@dataclass
class Member:
    """A user's standing in a chat; ``until`` 0 is for ever."""

    user: User
    status: str = "member"
    rights: set[str] = field(default_factory=set)
    permissions: dict[str, bool] = field(default_factory=dict)
    until: int = 0
    is_member: bool = True
    is_anonymous: bool = False
    custom_title: str | None = None

    @property
    def is_admin(self) -> bool:
        return self.status in {"creator", "administrator"}

    @property
    def is_inside(self) -> bool:
        return (
            self.is_admin
            or self.status == "member"
            or (self.status == "restricted" and self.is_member)
        )

    def has(self, right: str) -> bool:
        """Whether an administrator's *right* is held."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)


@dataclass
class Topic:
    id: int
    name: str
    closed: bool = False


@dataclass
class Chat:
    """A private chat, group, supergroup or channel with everything in it."""

    id: int
    type: str
    title: str | None = None
    username: str | None = None
    is_forum: bool = False
    linked_chat_id: int | None = None
    permissions: dict[str, bool] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    banned_senders: set[int] = field(default_factory=set)
    migrated_to: int | None = None
    deleted: bool = False
    hidden_members: bool = False
    available_reactions: list[str] | None = None
    last_message_id: int = 0

    @property
    def is_group(self) -> bool:
        return self.type in {"group", "supergroup"}


@dataclass
class Message:
    """A message as it stands now, with what became of it.

    ``body`` holds its content as the Bot API names it: text, entities, caption, photo, poll,
    or a service field. ``author`` is the person behind it, also where ``sender_chat`` hides him.
    ``mirror`` is a channel post's automatic forward in the linked group.
    """

    chat: Chat
    message_id: int
    date: int
    author: User | None
    body: dict[str, Any]
    sender_chat: Chat | None = None
    reply_to: Message | None = None
    quote: dict[str, Any] | None = None
    thread_id: int | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    markup: dict[str, Any] | None = None
    edit_date: int | None = None
    deleted: bool = False
    deleted_by_bot: bool = False
    reactions: dict[int, list[str]] = field(default_factory=dict)
    inline_message_id: str | None = None
    past: list[dict[str, Any]] = field(default_factory=list)
    outgoing: bool = False
    update_id: int | None = None
    mirror: Message | None = None

    @property
    def text(self) -> str:
        """The text or caption; empty where there is none."""
        return str(self.body.get("text") or self.body.get("caption") or "")

    @property
    def entities(self) -> list[dict[str, Any]]:
        return list(self.body.get("entities") or self.body.get("caption_entities") or [])

    @property
    def is_service(self) -> bool:
        return bool(self.extras.get("is_service"))

    def entity_texts(self, *types: str) -> list[str]:
        """What the entities of these types cover, in order."""
        return [
            cut(self.text, entity["offset"], entity["length"]) or ""
            for entity in self.entities
            if entity["type"] in types
        ]

    @property
    def quotes(self) -> list[str]:
        """What stands in block quotes, expandable ones included."""
        return self.entity_texts("blockquote", "expandable_blockquote")

    def all_buttons(self) -> Iterator[dict[str, Any]]:
        for row in (self.markup or {}).get("inline_keyboard", []):
            yield from row

    @property
    def buttons(self) -> list[str]:
        """The labels of the inline keyboard, row by row."""
        return [button["text"] for button in self.all_buttons()]

    def button(self, label: str) -> dict[str, Any]:
        """The button with this label, or the only one whose label begins so."""
        exact = [button for button in self.all_buttons() if button["text"] == label]
        found = exact or [b for b in self.all_buttons() if b["text"].startswith(label)]
        if len(found) != 1:
            raise LookupError(f"{len(found)} buttons {label!r} among {self.buttons}")
        return found[0]


@dataclass(frozen=True, slots=True)
class StoredFile:
    file_id: str
    unique_id: str
    path: str
    data: bytes
    size: int


@dataclass
class Query:
    """A callback or inline query: answerable once, for a while."""

    id: str
    user: User
    born: float
    payload: dict[str, Any]
    message: Message | None = None
    answer: dict[str, Any] | None = None
    update_id: int | None = None


@dataclass
class Call:
    """One request to the API. ``outcome``: ok, an error's description, or what broke."""

    number: int
    method: str
    params: dict[str, Any]
    at: float
    outcome: str = "running"
    status: int = 0
    result: Any = None
    applied: bool = False
    took: float = 0.0

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"

    @property
    def chat_id(self) -> Any:
        return self.params.get("chat_id")
