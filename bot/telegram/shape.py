"""Whether an update has the parts and types that it should: the library believes what it gets.

Only fields that handlers rely on are looked at, wherever they stand; what is new or unknown passes.
"""

from __future__ import annotations

from typing import Any, Final

_PEOPLE: Final = {
    "chat",
    "from",
    "sender_chat",
    "user",
    "via_bot",
    "sender_user",
    "left_chat_member",
}
_QUERIES: Final = {"callback_query", "inline_query"}
_DICTS: Final = _PEOPLE | _QUERIES | {
    "message", "edited_message", "my_chat_member", "chat_member", "reply_to_message",
    "forward_origin", "old_chat_member", "new_chat_member", "poll", "quote", "document",
    "external_reply", "reply_markup", "sticker", "voice",
}  # fmt: skip
_LISTS: Final = {
    "entities", "caption_entities", "photo", "new_chat_members", "options", "inline_keyboard",
}  # fmt: skip
_INTS: Final = {
    "update_id", "message_id", "date", "edit_date", "message_thread_id", "offset", "length",
    "migrate_to_chat_id", "migrate_from_chat_id", "until_date", "width", "height", "file_size",
}  # fmt: skip
_STRINGS: Final = {
    "text", "caption", "data", "query", "type", "title", "username", "first_name", "last_name",
    "language_code", "media_group_id", "url", "status", "question", "inline_message_id",
    "chat_instance", "file_id", "file_unique_id", "mime_type", "sender_user_name",
    "author_signature",
}  # fmt: skip
_OF_OBJECTS: Final = _LISTS - {"inline_keyboard"}
_ONE_OF: Final = {"new_chat_members": "user"}
_BOOLS: Final = {"is_bot", "is_automatic_forward", "is_topic_message", "is_forum"}
_EXPECTED: Final[dict[str, type]] = {
    **dict.fromkeys(_DICTS, dict),
    **dict.fromkeys(_LISTS, list),
    **dict.fromkeys(_INTS, int),
    **dict.fromkeys(_STRINGS, str),
    **dict.fromkeys(_BOOLS, bool),
}
_MESSAGE: Final = frozenset({"message_id", "date", "chat"})
_CHANGE: Final = frozenset({"chat", "from", "date", "old_chat_member", "new_chat_member"})
_REQUIRED: Final[dict[str, frozenset[str]]] = {
    "message": _MESSAGE,
    "edited_message": _MESSAGE,
    "reply_to_message": _MESSAGE,
    "callback_query": frozenset({"id", "from"}),
    "inline_query": frozenset({"id", "from", "query"}),
    "my_chat_member": _CHANGE,
    "chat_member": _CHANGE,
    "old_chat_member": frozenset({"status", "user"}),
    "new_chat_member": frozenset({"status", "user"}),
    "forward_origin": frozenset({"type"}),
    **dict.fromkeys(_PEOPLE, frozenset({"id"})),
}
_LARGEST: Final = 2**53


class UnusableUpdateError(ValueError):
    """An update that nobody can do anything with; trying again wouldn't help."""


def check_shape(update: dict[str, Any]) -> None:
    """Raise UnusableUpdateError, naming the field, if one is missing or of the wrong type."""
    # A list and not recursion: what came nested deeply must not end us.
    left: list[tuple[str, Any]] = [("", update)]
    while left:
        within, value = left.pop()
        if isinstance(value, list):
            if within in _OF_OBJECTS and not all(isinstance(item, dict) for item in value):
                raise UnusableUpdateError(within)
            left += [(_ONE_OF.get(within, ""), item) for item in value]
        elif isinstance(value, dict):
            if missing := _REQUIRED.get(within, frozenset()) - value.keys():
                raise UnusableUpdateError(f"{within} without {', '.join(sorted(missing))}")
            for key, item in value.items():
                if not _fits(within, key, item):
                    raise UnusableUpdateError(f"{within}.{key}".lstrip("."))
                left.append((key, item))


def _fits(within: str, key: str, item: Any) -> bool:
    expected = _EXPECTED.get(key)
    if key == "id" and within in _PEOPLE:
        expected = int
    elif within in _QUERIES and key in ("id", "offset"):
        expected = str
    if expected is int:
        return type(item) is int and abs(item) < _LARGEST
    if expected is dict:
        return isinstance(item, dict) and bool(item)  # the library takes an empty one for none
    return expected is None or isinstance(item, expected)
