"""Text with entities: checked, trimmed and completed as the server does it.

Explicit entities must lie on character borders and inside the text; what a reader could tap
(commands, links, hashtags, mentions) is found by the server itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

from telegram import constants

from .errors import (
    CAPTION_LONG,
    ENTITIES_LONG,
    TEXT_BLANK,
    TEXT_EMPTY,
    TEXT_LONG,
    ApiError,
    bad,
)
from .utf16 import code_point, cut, units

Entity = dict[str, Any]

_DETECTED = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
_TYPES = {str(kind) for kind in constants.MessageEntityType}
_FIELDS = {
    "type", "offset", "length", "url", "user", "language", "custom_emoji_id",
    "date_time_format", "unix_time",
}  # fmt: skip
_NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
_PATTERNS = (
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("url", re.compile(r"https?://[^\s<>\"'，。；）】]+")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
)


@dataclass
class Formatted:
    """A text and its entities, sorted as the server sends them."""

    text: str
    entities: list[Entity] = field(default_factory=list)


def detect(text: str, taken: list[Entity] = ()) -> list[Entity]:  # type: ignore[assignment]
    """The entities that the server finds by itself, clear of the *taken* spans."""
    found: list[Entity] = []
    blocked = [e for e in taken if e["type"] in {"code", "pre", "text_link", "text_mention"}]
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            offset, length = units(text[: match.start()]), units(match.group())
            others = [*blocked, *found]
            if all(
                offset + length <= e["offset"] or e["offset"] + e["length"] <= offset
                for e in others
            ):
                found.append({"type": kind, "offset": offset, "length": length})
    return found


def _number(entity: Entity, name: str) -> int:
    value = entity.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad(f'can\'t parse MessageEntity: Field "{name}" must be of type Number')
    return value


def _check_entity(entity: Any, text: str) -> Entity:
    if not isinstance(entity, dict):
        raise bad("can't parse MessageEntity: expected an Object")
    kind = entity.get("type")
    if kind not in _TYPES:
        raise bad("can't parse MessageEntity: Unsupported type specified")
    if unknown := set(entity) - _FIELDS:
        raise bad(f"can't parse MessageEntity: unexpected field {sorted(unknown)[0]!r}")
    need = _NEEDS.get(kind)
    if need and not entity.get(need):
        raise bad(f"can't parse MessageEntity: Can't find field \"{need}\"")
    offset, length = _number(entity, "offset"), _number(entity, "length")
    if offset < 0 or offset > 1_000_000:
        raise bad(f"receive an entity with incorrect offset {offset}")
    if length <= 0 or length > 1_000_000:
        raise bad(f"receive an entity with incorrect length {length}")
    end, total = offset + length, units(text)
    if offset >= total:
        raise bad(f"entity begins after the end of the text at UTF-16 offset {offset}")
    if end > total:
        raise bad(
            f"entity beginning at UTF-16 offset {offset} ends after the end of the text "
            f"at UTF-16 offset {end}"
        )
    if code_point(text, offset) is None:
        raise bad(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {offset}")
    if code_point(text, end) is None:
        raise bad(
            f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol "
            f"at UTF-16 offset {end}"
        )
    return dict(entity)


def _trim(text: str, entities: list[Entity]) -> Formatted:
    """White space around the text goes, the spans move and shrink along."""
    left = units(text) - units(text.lstrip())
    if entities:
        left = min(left, min(e["offset"] for e in entities))
    start = code_point(text, left) or 0
    body = text[start:].rstrip()
    total = units(body)
    kept = []
    for entity in entities:
        offset = entity["offset"] - left
        length = min(entity["length"], total - offset)
        if length > 0 and (cut(body, offset, length) or "").strip():
            kept.append({**entity, "offset": offset, "length": length})
    return Formatted(body, kept)


def formatted(
    text: str, parse_mode: str | None = None, entities: Any = None, *, limit: int = 0
) -> Formatted:
    """*text* as it will stand in a message; raises ApiError where Telegram refuses.

    ``limit`` 0 means no limit. Lengths count after parsing and trimming.
    """
    if len(text.encode("utf-8", "surrogatepass")) > 1 << 15:
        raise bad("text is too long")
    mode = (parse_mode or "none").lower()
    if mode not in {"none", "html", "markdown", "markdownv2"}:
        raise bad("unsupported parse_mode")
    if mode.startswith("markdown") and text:
        raise bad(f"the fake does not cover parse_mode {parse_mode}")
    explicit: list[Entity] = []
    if mode == "html" and text:
        text, explicit = parse_html(text)
    elif entities is not None:
        if not isinstance(entities, list):
            raise bad("can't parse entities JSON object")
        checked = [_check_entity(entity, text) for entity in entities]
        explicit = [e for e in checked if e["type"] not in _DETECTED]
        if len(checked) > constants.MessageLimit.MESSAGE_ENTITIES:
            raise bad(ENTITIES_LONG)
    done = _trim(text, explicit)
    if limit and units(done.text) > limit:
        raise bad(CAPTION_LONG if limit == constants.MessageLimit.CAPTION_LENGTH else TEXT_LONG)
    done.entities += detect(done.text, done.entities)
    done.entities.sort(key=lambda e: (e["offset"], -e["length"]))
    return done


def message_text(text: str, parse_mode: str | None, entities: Any) -> Formatted:
    """A message's text: as :func:`formatted`, and not empty."""
    if not text:
        raise bad(TEXT_EMPTY)
    done = formatted(text, parse_mode, entities, limit=constants.MessageLimit.MAX_TEXT_LENGTH)
    if not done.text:
        raise bad(TEXT_BLANK)
    return done


_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "a": "text_link", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "span": "spoiler",
}  # fmt: skip


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text = ""
        self.open: list[tuple[str, int, Entity]] = []
        self.entities: list[Entity] = []

    def _fail(self, why: str) -> ApiError:
        return bad(f"can't parse entities: {why}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in _TAGS or (tag == "span" and values.get("class") != "tg-spoiler"):
            raise self._fail(f'Unsupported start tag "{tag}" at byte offset {len(self.text)}')
        entity: Entity = {"type": _TAGS[tag]}
        if tag == "a":
            entity["url"] = values.get("href") or ""
        if tag == "blockquote" and "expandable" in values:
            entity["type"] = "expandable_blockquote"
        self.open.append((tag, units(self.text), entity))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise self._fail(f'Unmatched end tag at byte offset {len(self.text)}, "</{tag}>"')
        _, start, entity = self.open.pop()
        length = units(self.text) - start
        if length and (entity["type"] != "text_link" or entity["url"]):
            self.entities.append({**entity, "offset": start, "length": length})

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise self._fail(f'Unsupported start tag "" at byte offset {len(self.text)}')
        self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += unescape(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text += unescape(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        raise self._fail("Unsupported comment")


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Telegram's HTML subset as plain text and entities."""
    parser = _Html()
    parser.feed(source)
    parser.close()
    if parser.open:
        tag = parser.open[-1][0]
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\"")
    return parser.text, parser.entities
