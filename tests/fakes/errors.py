"""What the Bot API says when it refuses.

Texts marked S were read in the source of the real server (tdlib/telegram-bot-api, Client.cpp)
or of TDLib; those marked M are what its users report. Texts marked F are the fake's own: the
real server is lenient there, and a test double should not be.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal: HTTP status, description and, for some, ``parameters``."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.status,
            "description": self.description,
        }
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad(text: str, **parameters: Any) -> ApiError:
    """400: *text* after the usual prefix."""
    return ApiError(400, f"Bad Request: {text}", **parameters)


def forbidden(text: str) -> ApiError:
    """403: *text* after the usual prefix."""
    return ApiError(403, f"Forbidden: {text}")


def too_many(seconds: int) -> ApiError:
    """429 with its ``retry_after``."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


UNAUTHORIZED = "Unauthorized"  # S
NOT_FOUND = "Not Found"  # S, unknown method or path

CHAT_NOT_FOUND = "chat not found"  # S
CHAT_EMPTY = "chat_id is empty"  # S
UPGRADED = "group chat was upgraded to a supergroup chat"  # S
SUPERGROUPS_ONLY = "method is available only for supergroups"  # S
NOT_FOR_GROUPS = "method is available for supergroup and channel chats only"  # S
NO_PRIVATE_ADMINS = "there are no administrators in the private chat"  # S
MEMBERS_HIDDEN = "member list is inaccessible"  # M

BAD_UTF8 = "strings must be encoded in UTF-8"  # S
TEXT_EMPTY = "message text is empty"  # S
TEXT_BLANK = "text must be non-empty"  # S, nothing but white space
TEXT_LONG = "message is too long"  # S
CAPTION_LONG = "message caption is too long"  # S
ENTITIES_LONG = "ENTITIES_TOO_LONG"  # M
REPLY_NOT_FOUND = "message to be replied not found"  # S
QUOTE_INVALID = "QUOTE_TEXT_INVALID"  # M
THREAD_NOT_FOUND = "message thread not found"  # S
TOPIC_CLOSED = "TOPIC_CLOSED"  # M
NO_RIGHT_TO_SEND = "not enough rights to send text messages to the chat"  # S
CHANNEL_ADMIN = "need administrator rights in the channel chat"  # S

BUTTON_DATA = "BUTTON_DATA_INVALID"  # M
BUTTON_URL = "BUTTON_URL_INVALID"  # M
BUTTON_TEXT = "BUTTON_TEXT_INVALID"  # F
MARKUP_LONG = "reply markup is too long"  # S

NOT_MODIFIED = (  # S
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
EDIT_NOT_FOUND = "message to edit not found"  # S
EDIT_FORBIDDEN = "message can't be edited"  # S
NO_TEXT_TO_EDIT = "there is no text in the message to edit"  # S
NO_CAPTION_TO_EDIT = "there is no caption in the message to edit"  # S
MESSAGE_ID_MISSING = "message identifier is not specified"  # S
DELETE_NOT_FOUND = "message to delete not found"  # S
DELETE_FORBIDDEN = "message can't be deleted"  # S

USER_ID_INVALID = "invalid user_id specified"  # S
PARTICIPANT_INVALID = "PARTICIPANT_ID_INVALID"  # M
USER_IS_ADMIN = "user is an administrator of the chat"  # S
OWNER = "can't remove chat owner"  # M
SELF = "can't restrict self"  # M
NO_RIGHT_TO_RESTRICT = "not enough rights to restrict/unrestrict chat member"  # M

QUERY_OLD = "query is too old and response timeout expired or query ID is invalid"  # S
FILE_BIG = "file is too big"  # S
FILE_WRONG = "wrong file_id or the file is temporarily unavailable"  # S
