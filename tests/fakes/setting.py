"""The stage: who there is, which chats, who is in them. Nothing here makes an update."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from .model import ADMIN_RIGHTS, GENERAL_TOPIC, Chat, Member, Topic, User
from .world import World, default_permissions

MODERATOR = frozenset(
    {
        "can_manage_chat", "can_delete_messages", "can_restrict_members", "can_invite_users",
        "can_pin_messages", "can_manage_video_chats", "can_manage_topics",
    }
)  # fmt: skip
Place = Chat | User | int


class Setting:
    """Makes users and chats. Wherever a chat is asked for, its id or a user will do as well."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._user_ids = itertools.count(5_000_000_001)
        self._chat_ids = itertools.count(1_500_000_001)

    def user(
        self,
        first_name: str = "卖家",
        *,
        username: str | None = None,
        language: str | None = "zh-hans",
        started: bool = False,
        is_bot: bool = False,
        user_id: int | None = None,
    ) -> User:
        """A new person (or another bot); ``started`` if he has already talked to the bot."""
        with self.world.lock:
            number = user_id or next(self._user_ids)
            made = User(
                number,
                first_name,
                username,
                language_code=language,
                is_bot=is_bot,
                started=started,
            )
            self.world.users[number] = made
            self.world.chats[number] = Chat(number, "private", username=username)
            return made

    def group(
        self,
        title: str = "TikTok 卖家群",
        *,
        kind: str = "supergroup",
        owner: User | None = None,
        admins: Iterable[User] = (),
        members: Iterable[User] = (),
        bot: str | Iterable[str] | None = MODERATOR,
        username: str | None = None,
        forum: bool = False,
    ) -> Chat:
        """A group that is already there.

        ``bot`` is its standing: rights of an administrator, "member", or None for outside.
        """
        with self.world.lock:
            number = next(self._chat_ids)
            chat_id = -number if kind == "group" else -1_000_000_000_000 - number
            chat = Chat(chat_id, kind, title, username, is_forum=forum)
            chat.permissions = default_permissions()
            if forum:
                chat.topics[GENERAL_TOPIC] = Topic(GENERAL_TOPIC, "General")
            self.world.chats[chat_id] = chat
            self.place(chat, owner or self.user("群主"), "creator")
            for user in admins:
                self.place(chat, user, "administrator", MODERATOR)
            for user in members:
                self.place(chat, user)
            if isinstance(bot, str):
                self.place(chat, self.world.bot, bot)
            elif bot is not None:
                self.place(chat, self.world.bot, "administrator", bot)
            return chat

    def channel(
        self,
        title: str = "频道",
        *,
        owner: User | None = None,
        bot: str | Iterable[str] | None = None,
        username: str | None = None,
        linked_to: Place | None = None,
    ) -> Chat:
        """A channel; ``linked_to`` makes a group its discussion group."""
        chat = self.group(title, kind="channel", owner=owner, bot=bot, username=username)
        if linked_to is not None:
            group = self.chat(linked_to)
            group.linked_chat_id, chat.linked_chat_id = chat.id, group.id
        return chat

    def place(
        self, chat: Place, user: User, status: str = "member", rights: Iterable[str] = ()
    ) -> Member:
        """Puts *user* into *chat* as he has always been there."""
        with self.world.lock:
            held = set(ADMIN_RIGHTS) if status == "creator" else set(rights)
            inside = status not in {"left", "kicked"}
            made = Member(user, status, rights=held, is_member=inside)
            self.chat(chat).members[user.id] = made
            return made

    def topic(self, chat: Place, name: str) -> Topic:
        """A new forum topic."""
        with self.world.lock:
            forum = self.chat(chat)
            made = Topic(self.world.next_message_id(forum), name)
            forum.topics[made.id] = made
            return made

    def chat(self, place: Place) -> Chat:
        """The chat itself; for a user his private chat with the bot."""
        if isinstance(place, Chat):
            return place
        return self.world.chats[place.id if isinstance(place, User) else place]

    def someone(self, user: User | int) -> User:
        return user if isinstance(user, User) else self.world.users[user]
