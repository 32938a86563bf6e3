"""Answers to callback and inline queries, and files for download."""

from __future__ import annotations

import inspect
import re
from typing import Any

import telegram
from telegram import constants

from tests.fakes.errors import FILE_BIG, QUERY_OLD, bad
from tests.fakes.formatting import message_text
from tests.fakes.markup import reply_markup
from tests.fakes.model import Query
from tests.fakes.render import Json
from tests.fakes.utf16 import units
from tests.fakes.world import World

from .registry import Params, method

_CONTENT = set(inspect.signature(telegram.InputTextMessageContent.__init__).parameters)
_ARTICLE = set(inspect.signature(telegram.InlineQueryResultArticle.__init__).parameters) | {"type"}


def _open_query(world: World, queries: dict[str, Query], query_id: str, ttl_s: float) -> Query:
    query = queries.get(query_id)
    if query is None or query.answer is not None or world.time() - query.born > ttl_s:
        raise bad(QUERY_OLD)
    return query


@method("answerCallbackQuery")
def answer_callback_query(world: World, params: Params) -> bool:
    limit = constants.CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH
    if units(params.get("text", "")) > limit:
        raise bad("MESSAGE_TOO_LONG")
    query = _open_query(world, world.callbacks, params["callback_query_id"], world.callback_ttl_s)
    url = params.get("url", "")
    if url and not re.match(rf"https?://t\.me/{world.bot.username}\?start=", url):
        raise bad("URL_INVALID")
    query.answer = {
        "text": params.get("text", ""),
        "show_alert": params.get("show_alert", False),
        "url": url,
    }
    world.touch()
    return True


def _result(world: World, result: Any) -> Json:
    """A checked inline result; only articles with text are covered."""
    if not isinstance(result, dict):
        raise bad("can't parse inline query result: InlineQueryResult must be an Object")
    identifier = result.get("id")
    if not isinstance(identifier, str) or not (
        constants.InlineQueryResultLimit.MIN_ID_LENGTH
        <= len(identifier.encode())
        <= constants.InlineQueryResultLimit.MAX_ID_LENGTH
    ):
        raise bad("RESULT_ID_INVALID")
    if result.get("type") != "article":
        raise bad(f"the fake does not cover inline results of type {result.get('type')!r}")
    if unknown := set(result) - _ARTICLE:
        raise bad(f"can't parse inline query result: unexpected field {sorted(unknown)[0]!r}")
    if not str(result.get("title") or "").strip():
        raise bad("ARTICLE_TITLE_EMPTY")
    content = result.get("input_message_content")
    if not isinstance(content, dict) or not set(content) <= _CONTENT:
        raise bad("can't parse inline query result: can't parse input message content")
    text = message_text(
        str(content.get("message_text") or ""), content.get("parse_mode"), content.get("entities")
    )
    reply_markup(result.get("reply_markup"))
    return {**result, "body": {"text": text.text, "entities": text.entities}}


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not button.get("text"):
        raise bad("can't parse inline query results button")
    start = button.get("start_parameter")
    if start is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", start):
        raise bad("START_PARAM_INVALID")
    if (start is None) == ("web_app" not in button):
        raise bad("can't parse inline query results button: exactly one action is allowed")


@method("answerInlineQuery")
def answer_inline_query(world: World, params: Params) -> bool:
    results = params["results"]
    if not isinstance(results, list):
        raise bad("can't parse inline query results JSON object")
    if len(results) > constants.InlineQueryLimit.RESULTS:
        raise bad("RESULTS_TOO_MUCH")
    checked = [_result(world, result) for result in results]
    if len({result["id"] for result in checked}) < len(checked):
        raise bad("RESULT_ID_DUPLICATE")
    if len(params.get("next_offset", "").encode()) > constants.InlineQueryLimit.MAX_OFFSET_LENGTH:
        raise bad("NEXT_OFFSET_INVALID")
    if params.get("button"):
        _check_button(params["button"])
    query = _open_query(world, world.inline_queries, params["inline_query_id"], world.inline_ttl_s)
    query.answer = {
        "results": checked,
        "cache_time": params.get("cache_time", 300),
        "is_personal": params.get("is_personal", False),
        "next_offset": params.get("next_offset", ""),
        "button": params.get("button"),
    }
    world.touch()
    return True


@method("getFile")
def get_file(world: World, params: Params) -> Json:
    file = world.file(params["file_id"])
    if file.size > 20 << 20:
        raise bad(FILE_BIG)
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }
