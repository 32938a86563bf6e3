"""What people do in chats: speak, edit, forward, press, ask inline. Each makes its update."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from .events import announce, announce_press, announce_reaction
from .formatting import detect
from .methods.addressing import origin_json
from .model import Chat, Message, Query, User
from .render import document_json, photo_json, user_json
from .setting import Place, Setting
from .utf16 import units


class RefusedError(Exception):
    """Telegram would not let this person do it: muted, banned, outside, topic closed."""


def tiny_png(width: int = 2, height: int = 2) -> bytes:
    """A grey PNG picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class People(Setting):
    """Acts of users. Every post returns its Message; ``update_id`` is None if the bot got none."""

    def post(
        self,
        user: User | int | None,
        chat: Place,
        body: dict[str, Any],
        *,
        reply_to: Message | None = None,
        quote: str | None = None,
        topic: int | None = None,
        as_chat: Chat | None = None,
        date: float | None = None,
        permission: str = "can_send_messages",
        force: bool = False,
        **extras: Any,
    ) -> Message:
        """Any message; *body* and *extras* are Bot API fields.

        ``as_chat`` speaks as a channel, or as the group itself (an anonymous administrator).
        Raises RefusedError where Telegram would stop the sender, unless ``force``.
        """
        world, place = self.world, self.chat(chat)
        author = None if user is None else self.someone(user)
        with world.lock:
            if not force:
                self._check_may_post(place, author, as_chat, topic, permission)
            if place.type == "private" and author is not None:
                author.started = True
            message = world.post(
                place,
                author,
                body,
                sender_chat=as_chat,
                reply_to=reply_to,
                quote=_user_quote(reply_to, quote),
                thread_id=topic,
                extras=extras,
                date=date,
            )
            message.update_id = announce(world, message)
            return message

    def _check_may_post(
        self, chat: Chat, user: User | None, as_chat: Chat | None, topic: int | None, what: str
    ) -> None:
        member = None if user is None else self.world.member(chat, user)
        if as_chat is not None and as_chat.id in chat.banned_senders:
            raise RefusedError(f"{as_chat.title} is banned from {chat.title}")
        if topic is not None and chat.topics[topic].closed and not (member and member.is_admin):
            raise RefusedError(f"topic {topic} is closed")
        if user is None or (as_chat is not None and as_chat is not chat):
            return
        if chat.type == "private" and user.blocked:
            raise RefusedError(f"{user.first_name} has blocked the bot")
        if not self.world.may(chat, user, what):
            raise RefusedError(f"{user.first_name} may not post in {chat.title}: {member}")

    def say(self, user: User | int, chat: Place, text: str, **fields: Any) -> Message:
        """A text; ``entities`` adds to those that Telegram finds itself."""
        entities = [*fields.pop("entities", [])]
        entities += detect(text, entities)
        entities.sort(key=lambda e: (e["offset"], -e["length"]))
        return self.post(user, chat, {"text": text, "entities": entities}, **fields)

    def tell(self, user: User | int, text: str, **fields: Any) -> Message:
        """A text to the bot in private."""
        return self.say(user, self.someone(user), text, **fields)

    def press_start(self, user: User | int, payload: str = "") -> Message:
        """/start, as a tap on the button or on a deep link sends it."""
        return self.tell(user, f"/start {payload}".strip())

    def photo(
        self, user: User | int, chat: Place, data: bytes = b"", caption: str = "", **fields: Any
    ) -> Message:
        """A photo in two sizes, with a caption that has its entities."""
        picture = data or tiny_png()
        size = fields.pop("size", None)
        with self.world.lock:
            small = self.world.store_file(picture, "thumb.jpg")
            large = self.world.store_file(picture, "photo.jpg", size=size)
        sizes = photo_json(small, 90, 90) + photo_json(large, 1280, 1280)
        return self._media(user, chat, {"photo": sizes}, caption, "can_send_photos", fields)

    def document(
        self,
        user: User | int,
        chat: Place,
        data: bytes,
        name: str = "file.png",
        mime: str = "image/png",
        caption: str = "",
        **fields: Any,
    ) -> Message:
        with self.world.lock:
            file = self.world.store_file(data, name, size=fields.pop("size", None))
        body = {"document": document_json(file, name, mime)}
        return self._media(user, chat, body, caption, "can_send_documents", fields)

    def _media(
        self,
        user: User | int,
        chat: Place,
        body: dict[str, Any],
        caption: str,
        permission: str,
        fields: dict[str, Any],
    ) -> Message:
        if caption:
            entities = fields.pop("caption_entities", []) + detect(caption)
            body |= {"caption": caption, "caption_entities": entities}
        return self.post(user, chat, body, permission=permission, **fields)

    def album(
        self, user: User | int, chat: Place, captions: Sequence[str] = ("", ""), **fields: Any
    ) -> list[Message]:
        """Photos under one media_group_id, an update each."""
        with self.world.lock:
            group_id = str(13_000_000_000_000_000 + self.world.serial())
            return [
                self.photo(user, chat, caption=caption, media_group_id=group_id, **fields)
                for caption in captions
            ]

    def poll(
        self, user: User | int, chat: Place, question: str, options: Iterable[str], **fields: Any
    ) -> Message:
        poll = {
            "id": str(5_400_000_000_000_000_000 + self.world.serial()),
            "question": question,
            "options": [
                {"persistent_id": str(number), "text": text, "voter_count": 0}
                for number, text in enumerate(options)
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
        return self.post(user, chat, {"poll": poll}, permission="can_send_polls", **fields)

    def forward(
        self,
        user: User | int,
        message: Message,
        chat: Place,
        *,
        hidden_name: str | None = None,
        **fields: Any,
    ) -> Message:
        """Passes *message* on; ``hidden_name`` where its author hides his account."""
        with self.world.lock:
            origin = origin_json(self.world, message)
            if hidden_name is not None:
                date = message.date
                origin = {"type": "hidden_user", "date": date, "sender_user_name": hidden_name}
            body = {**message.body}
            return self.post(user, chat, body, forward_origin=origin, **fields)

    def channel_post(self, channel: Place, text: str, **fields: Any) -> Message:
        """A post; where a group is linked, ``mirror`` is its automatic forward there."""
        world, place = self.world, self.chat(channel)
        with world.lock:
            post = self.say_as_channel(place, text, **fields)
            if place.linked_chat_id:
                group = self.chat(place.linked_chat_id)
                post.mirror = self.post(
                    None,
                    group,
                    {**post.body},
                    as_chat=place,
                    is_automatic_forward=True,
                    forward_origin=origin_json(world, post),
                )
            return post

    def say_as_channel(self, channel: Chat, text: str, **fields: Any) -> Message:
        body = {"text": text, "entities": detect(text)}
        return self.post(None, channel, body, **fields)

    def edit(self, message: Message, text: str | None = None, **body: Any) -> Message:
        """Edits text or caption (or *body* fields); without any, one of Telegram's silent edits."""
        with self.world.lock:
            message.past.append({**message.body})
            if text is not None:
                key = "text" if "text" in message.body else "caption"
                entities = "entities" if key == "text" else "caption_entities"
                message.body = {**message.body, key: text, entities: detect(text)}
            message.body = {**message.body, **body}
            message.edit_date = self.world.now()
            message.update_id = announce(self.world, message, edited=True)
            self.world.touch()
            return message

    def delete(self, message: Message) -> None:
        """A person deletes it; bots are not told."""
        self.world.delete(message, by_bot=False)

    def press(
        self, label: str, message: Message, user: User | int, *, data: str | None = None
    ) -> Query:
        """Presses the button whose label is or begins with *label*; ``data`` forges it.

        The Query's ``answer`` is filled when the bot answers it.
        """
        world = self.world
        with world.lock:
            button = {} if data is not None else message.button(label)
            if data is None and "callback_data" not in button:
                raise RefusedError(f"button {label!r} opens {button}, it makes no callback")
            query = Query(
                id=str(4_300_000_000_000_000_000 + world.serial()),
                user=self.someone(user),
                born=world.time(),
                payload=button,
                message=message,
            )
            world.callbacks[query.id] = query
            sent = data if data is not None else button["callback_data"]
            query.update_id = announce_press(world, query, sent)
            return query

    def follow(self, label: str, message: Message, user: User | int) -> Message:
        """Opens a button's t.me deep link to the bot: the /start that it sends."""
        url = str(message.button(label)["url"])
        head, _, payload = url.partition("?start=")
        if head.rstrip("/").lower() != f"https://t.me/{self.world.bot.username}".lower():
            raise RefusedError(f"{url} does not lead to the bot")
        return self.press_start(user, payload)

    def inline(
        self, user: User | int, query: str, *, offset: str = "", chat_type: str = "sender"
    ) -> Query:
        """Types ``@bot query``; the Query's ``answer`` holds the results when they come."""
        world, asker = self.world, self.someone(user)
        with world.lock:
            made = Query(
                id=str(6_300_000_000_000_000_000 + world.serial()),
                user=asker,
                born=world.time(),
                payload={"query": query},
            )
            world.inline_queries[made.id] = made
            payload = {
                "id": made.id,
                "from": user_json(asker),
                "query": query,
                "offset": offset,
                "chat_type": chat_type,
            }
            made.update_id = world.updates.add("inline_query", payload, lane=("inline", asker.id))
            return made

    def choose(self, query: Query, result_id: str, chat: Place) -> Message:
        """Sends one of the results into *chat*, via the bot; chosen_inline_result follows."""
        world = self.world
        with world.lock:
            results = (query.answer or {"results": []})["results"]
            result = next(result for result in results if result["id"] == result_id)
            inline_id = f"BAAAA{world.token_hex()}"
            message = self.post(
                query.user, chat, dict(result["body"]), via_bot=user_json(world.bot)
            )
            message.markup, message.inline_message_id = result.get("reply_markup"), inline_id
            world.inline_messages[inline_id] = message
            chosen = {
                "result_id": result_id,
                "from": user_json(query.user),
                "query": query.payload["query"],
                "inline_message_id": inline_id,
            }
            lane = ("chosen", query.user.id)
            world.updates.add("chosen_inline_result", chosen, lane=lane)
            return message

    def react(self, user: User | int, message: Message, *emoji: str) -> None:
        with self.world.lock:
            person = self.someone(user)
            old = message.reactions.get(person.id, [])
            message.reactions[person.id] = list(emoji)
            announce_reaction(self.world, message, person, old, list(emoji))
            self.world.touch()

    def push_update(self, update: dict[str, Any]) -> int:
        """Queues any JSON as an update, well-formed or not; returns its id."""
        with self.world.lock:
            return self.world.updates.add_raw(update)


def _user_quote(target: Message | None, quote: str | None) -> dict[str, Any] | None:
    if target is None or quote is None:
        return None
    position = units(target.text[: target.text.index(quote)])
    return {"text": quote, "position": position, "is_manual": True}
