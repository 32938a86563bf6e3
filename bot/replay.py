"""A Telegram Desktop export → what a group's settings would have led to.

The same decisions as over live posts, with the clock of the messages.  Nothing is changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from bot.errors import InputError, os_reason
from bot.guard.types import WORST_FIRST, Check, Verdict
from bot.moderation.policy import decide
from bot.moderation.post import Post, link_words, make_post
from bot.moderation.types import Action, ActionKind, GroupSettings, PostFacts, Standing

Judge = Callable[[str, datetime], Check]
Skipped = Literal["service", "no_text", "protected"]

# How an export names those who speak: user123, channel123, chat123.
_GROUP_PREFIXES: Final = ("channel", "chat", "group")


@dataclass(frozen=True, slots=True)
class Flagged:
    """A conflict, and what would have come of it."""

    message_id: int
    from_id: str | None
    verdict: Verdict
    figure: str | None
    text: str
    action: ActionKind


@dataclass(slots=True)
class ChatReplay:
    """What a chat's export led to; ``spans`` counts conflicts by figure."""

    name: str
    id: int
    messages: int = 0
    posts: int = 0
    verdicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WORST_FIRST, 0))
    actions: dict[str, int] = field(default_factory=lambda: {"notice": 0, "delete": 0})
    flagged: list[Flagged] = field(default_factory=list)
    skipped: dict[str, int] = field(
        default_factory=lambda: {"service": 0, "no_text": 0, "protected": 0}
    )

    def as_json(self) -> dict[str, Any]:
        """The contract's object for one chat."""
        return asdict(self)

    @property
    def by_figure(self) -> dict[str, list[Flagged]]:
        """The conflicts by figure, most frequent first."""
        found: dict[str, list[Flagged]] = {}
        for flagged in self.flagged:
            found.setdefault(flagged.figure or "?", []).append(flagged)
        return dict(sorted(found.items(), key=lambda item: -len(item[1])))


@dataclass(frozen=True, slots=True)
class Told:
    """A message of an export, or of a group's own record, ready to be judged."""

    message_id: int
    from_id: str | None
    at: datetime
    post: Post
    facts: PostFacts = field(default_factory=PostFacts)


def load_export(path: Path) -> list[dict[str, Any]]:
    """The chats of the export at *path*; InputError says what is wrong with it."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as err:
        raise InputError(f"读不了 {path}：{os_reason(err)}") from err
    except (ValueError, RecursionError) as err:
        raise InputError(f"{path} 不是有效的 JSON") from err
    chats = _chats(data)
    if chats is None:
        raise InputError(f"{path} 不像 Telegram Desktop 导出的 result.json：里面没有 messages")
    for number, chat in enumerate(chats, 1):
        if not isinstance(chat, dict) or not isinstance(chat.get("messages"), list):
            raise InputError(f"{path} 里的第 {number} 个群不成样子：要有一列 messages")
    if not chats:
        raise InputError(f"{path} 里一个群也没有")
    return chats


def replay_chat(
    chat: Mapping[str, Any],
    judge: Judge,
    settings: GroupSettings,
    *,
    protect: Collection[str] = (),
    stale_days: int,
) -> ChatReplay:
    """Judge a chat of an export and decide with *settings*, message by message."""
    report = ChatReplay(_text_of(chat.get("name")), _int(chat.get("id")))
    told = _read(chat, report, frozenset(protect))
    run(told, judge, settings, report, stale_days=stale_days)
    return report


def run(
    posts: Iterable[Told],
    judge: Judge,
    settings: GroupSettings,
    report: ChatReplay,
    *,
    stale_days: int,
) -> None:
    """Judge *posts* in their order and count in *report* what would have come of them."""
    notices: list[float] = []
    strikes: dict[str | None, list[float]] = {}
    for told in posts:
        check = judge(told.post.text, told.at)
        report.posts += 1
        report.verdicts[check.verdict] += 1
        if check.verdict != "conflict":
            continue
        at = told.at.timestamp()
        notices = [sent for sent in notices if 0 <= at - sent < 3600]
        own = strikes.setdefault(told.from_id, [])
        standing = Standing(notices=tuple(notices), strikes=tuple(own))
        action = decide(check, settings, standing, told.facts, told.at, stale_days=stale_days)
        if action.notify:
            notices.append(at)
        if action.strike:
            own.append(at)
        _count(report, told, check, action)


def _count(report: ChatReplay, told: Told, check: Check, action: Action) -> None:
    if action.kind != "none":
        report.actions[action.kind] += 1
    worst = next(finding for finding in check.findings if finding.verdict == "conflict")
    report.flagged.append(
        Flagged(told.message_id, told.from_id, "conflict", worst.figure, worst.text, action.kind)
    )


def _read(chat: Mapping[str, Any], report: ChatReplay, protect: frozenset[str]) -> Iterator[Told]:
    messages = chat.get("messages")
    for message in messages if isinstance(messages, list) else []:
        report.messages += 1
        if not isinstance(message, dict) or message.get("type") != "message":
            report.skipped["service"] += 1
        elif (post := _post(message)) is None:
            report.skipped["no_text"] += 1
        elif _is_protected(message, chat, protect):
            report.skipped["protected"] += 1
        else:
            yield _told(message, post)


def _told(message: Mapping[str, Any], post: Post) -> Told:
    from_id = message.get("from_id")
    facts = PostFacts(
        is_forward=bool(message.get("forwarded_from") or message.get("forwarded_from_id")),
        is_channel=isinstance(from_id, str) and from_id.startswith(_GROUP_PREFIXES),
    )
    return Told(
        _int(message.get("id")),
        from_id if isinstance(from_id, str) else None,
        _moment(message),
        post,
        facts,
    )


def _is_protected(
    message: Mapping[str, Any], chat: Mapping[str, Any], protect: frozenset[str]
) -> bool:
    from_id = str(message.get("from_id") or "")
    # Whoever speaks as the group itself is an anonymous administrator.
    is_group = from_id in {f"{prefix}{chat.get('id')}" for prefix in _GROUP_PREFIXES}
    return from_id in protect or is_group or bool(message.get("via_bot"))


def _post(message: Mapping[str, Any]) -> Post | None:
    text, quoted, links = _runs(message.get("text"))
    return make_post(text, quoted=quoted, extras=[*_poll(message), *links, *_buttons(message)])


def _runs(value: Any) -> tuple[str, list[tuple[int, int]], list[str]]:
    """A text that is a string, or a list of strings and entity objects."""
    text = ""
    quoted: list[tuple[int, int]] = []
    links: list[str] = []
    for run in value if isinstance(value, list) else [value]:
        part = (
            run
            if isinstance(run, str)
            else _text_of(run.get("text"))
            if isinstance(run, dict)
            else ""
        )
        if isinstance(run, dict) and run.get("type") == "blockquote":
            quoted.append((len(text), len(text) + len(part)))
        if isinstance(run, dict) and run.get("type") == "text_link":
            links.append(link_words(_text_of(run.get("href"))))
        text += part
    return text, quoted, links


def _poll(message: Mapping[str, Any]) -> list[str]:
    poll = message.get("poll")
    if not isinstance(poll, dict):
        return []
    found = poll.get("answers")
    answers = found if isinstance(found, list) else []
    texts = [_text_of(answer.get("text")) for answer in answers if isinstance(answer, dict)]
    return [_runs(poll.get("question"))[0], *texts]


def _buttons(message: Mapping[str, Any]) -> list[str]:
    rows = message.get("inline_bot_buttons")
    if not isinstance(rows, list):
        return []
    buttons = [button for row in rows if isinstance(row, list) for button in row]
    return [_text_of(button.get("text")) for button in buttons if isinstance(button, dict)]


def _chats(data: Any) -> list[Any] | None:
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("messages"), list):
        return [data]
    listed = data.get("chats")
    chats = listed.get("list") if isinstance(listed, dict) else None
    return chats if isinstance(chats, list) else None


def _moment(message: Mapping[str, Any]) -> datetime:
    """When it was sent; an export without the exact time has the local one."""
    try:
        return datetime.fromtimestamp(int(message["date_unixtime"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        pass
    try:
        return datetime.fromisoformat(str(message.get("date"))).replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _text_of(value: Any) -> str:
    if isinstance(value, list):
        return _runs(value)[0]
    return value if isinstance(value, str) else ""


def _int(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
