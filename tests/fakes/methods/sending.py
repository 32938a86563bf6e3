"""Messages out: text, photo, document, forward, copy, draft."""

from __future__ import annotations

import copy
import inspect
import struct
from typing import Any

import telegram
from telegram import constants

from tests.fakes.errors import FILE_BIG, TEXT_LONG, bad
from tests.fakes.formatting import formatted, message_text
from tests.fakes.model import StoredFile
from tests.fakes.render import Json, document_json, message_json, photo_json
from tests.fakes.signature import Upload
from tests.fakes.utf16 import units
from tests.fakes.world import World

from .addressing import Address, address, origin_json
from .registry import Params, method, open_chat

_PREVIEW = set(inspect.signature(telegram.LinkPreviewOptions.__init__).parameters)
_LIMITS = constants.FileSizeLimit


def deliver(world: World, target: Address, body: Json, **extras: Any) -> Json:
    """Posts as the bot; returns the message as JSON."""
    if target.external:
        extras["external_reply"] = target.external
    message = world.post(
        target.chat,
        None if target.chat.type == "channel" else world.bot,
        body,
        reply_to=target.reply_to,
        quote=target.quote,
        thread_id=target.thread_id,
        markup=target.markup,
        extras=extras,
        outgoing=True,
    )
    return message_json(world, message)


@method("sendMessage")
def send_message(world: World, params: Params) -> Json:
    text = message_text(params["text"], params.get("parse_mode"), params.get("entities"))
    preview = params.get("link_preview_options")
    if preview is not None and not (isinstance(preview, dict) and set(preview) <= _PREVIEW):
        raise bad("can't parse link preview options JSON object")
    body: Json = {"text": text.text, "entities": text.entities}
    if preview:
        body["link_preview_options"] = preview
    return deliver(world, address(world, params, "can_send_messages"), body)


def caption(params: Params) -> Json:
    """The caption's fields, checked; {} without a caption."""
    if not params.get("caption"):
        return {}
    text = formatted(
        params["caption"],
        params.get("parse_mode"),
        params.get("caption_entities"),
        limit=constants.MessageLimit.CAPTION_LENGTH,
    )
    return {"caption": text.text, "caption_entities": text.entities}


def incoming_file(world: World, params: Params, name: str) -> tuple[StoredFile, str, str]:
    """The file of a parameter, its name and type: an upload, or a file_id seen before."""
    value = params[name]
    if isinstance(value, str) and value.startswith("attach://"):
        value = params.get("attachments", {}).get(value.removeprefix("attach://"), value)
    if isinstance(value, Upload):
        if not value.data:
            raise bad("file must be non-empty")
        if len(value.data) > _LIMITS.FILESIZE_UPLOAD:
            raise bad(FILE_BIG)
        return world.store_file(value.data, value.filename), value.filename, value.mime
    if isinstance(value, str) and value in world.files:
        return world.files[value], "file", "application/octet-stream"
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    raise bad("wrong file identifier/HTTP URL specified")


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG or (roughly) JPEG; raises ApiError for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    if data[:3] == b"\xff\xd8\xff":
        return 640, 480
    raise bad("IMAGE_PROCESS_FAILED")


@method("sendPhoto")
def send_photo(world: World, params: Params) -> Json:
    text = caption(params)
    target = address(world, params, "can_send_photos")
    file, _, _ = incoming_file(world, params, "photo")
    width, height = picture_size(file.data)
    if file.size > _LIMITS.PHOTOSIZE_UPLOAD:
        raise bad("file is too big for a photo")
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return deliver(world, target, {"photo": photo_json(file, width, height), **text})


@method("sendDocument")
def send_document(world: World, params: Params) -> Json:
    text = caption(params)
    target = address(world, params, "can_send_documents")
    file, name, mime = incoming_file(world, params, "document")
    return deliver(world, target, {"document": document_json(file, name, mime), **text})


@method("forwardMessage")
def forward_message(world: World, params: Params) -> Json:
    source = open_chat(world, params["from_chat_id"], write=False)
    original = world.message(source, params["message_id"], "message to forward not found")
    target = address(world, params, "can_send_messages")
    origin = origin_json(world, original)
    return deliver(world, target, copy.deepcopy(original.body), forward_origin=origin)


@method("copyMessage")
def copy_message(world: World, params: Params) -> Json:
    source = open_chat(world, params["from_chat_id"], write=False)
    original = world.message(source, params["message_id"], "message to copy not found")
    target = address(world, params, "can_send_messages")
    body = copy.deepcopy(original.body)
    if "caption" in params and "text" not in body:
        body |= caption(params)
    return {"message_id": deliver(world, target, body)["message_id"]}


@method("sendMessageDraft")
def send_message_draft(world: World, params: Params) -> bool:
    chat = open_chat(world, params["chat_id"])
    if chat.type != "private":
        raise bad("method is available only for private chats")
    if not params["draft_id"]:
        raise bad("DRAFT_ID_INVALID")
    text = formatted(params.get("text", ""), params.get("parse_mode"), params.get("entities"))
    if units(text.text) > constants.MessageLimit.MAX_TEXT_LENGTH:
        raise bad(TEXT_LONG)
    world.drafts.append((chat.id, params["draft_id"], text.text))
    return True
