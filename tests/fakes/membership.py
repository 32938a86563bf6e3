"""Who comes, goes, rises and falls: members, administrators, the bot itself, whole chats."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from .events import announce, change_member
from .model import Chat, Member, Message, User
from .people import People
from .render import user_json
from .setting import MODERATOR, Place
from .world import default_permissions


class Membership(People):
    """Changes of standing, with the member updates and service messages they bring."""

    def _owner(self, chat: Chat) -> User:
        return next(m.user for m in chat.members.values() if m.status == "creator")

    def _service(self, actor: User, chat: Chat, **body: object) -> Message | None:
        if chat.type == "channel":
            return None
        message = self.world.post(chat, actor, dict(body), extras={"is_service": True})
        message.update_id = announce(self.world, message)
        return message

    def join(self, user: User, chat: Place, *, by: User | None = None) -> Message | None:
        """*user* comes in, by himself or brought; returns the service message."""
        place = self.chat(chat)
        with self.world.lock:
            actor = by or user
            change_member(self.world, place, actor, Member(user))
            shown = user_json(user)
            return self._service(
                actor, place, new_chat_members=[shown], new_chat_member=shown,
                new_chat_participant=shown,
            )  # fmt: skip

    def leave(self, user: User, chat: Place) -> Message | None:
        place = self.chat(chat)
        with self.world.lock:
            message = self._service(user, place, left_chat_member=user_json(user))
            change_member(self.world, place, user, Member(user, "left", is_member=False))
            return message

    def ban(self, user: User, chat: Place, *, by: User | None = None) -> None:
        """Another administrator bans *user*."""
        place = self.chat(chat)
        with self.world.lock:
            new = Member(user, "kicked", is_member=False)
            change_member(self.world, place, by or self._owner(place), new)

    def promote(
        self,
        user: User,
        chat: Place,
        rights: Iterable[str] = MODERATOR,
        *,
        anonymous: bool = False,
        by: User | None = None,
    ) -> None:
        """Makes *user* (or ``fake.bot``) an administrator with these rights."""
        place = self.chat(chat)
        with self.world.lock:
            new = Member(user, "administrator", set(rights), is_anonymous=anonymous)
            change_member(self.world, place, by or self._owner(place), new)

    def demote(self, user: User, chat: Place, *, by: User | None = None) -> None:
        place = self.chat(chat)
        with self.world.lock:
            change_member(self.world, place, by or self._owner(place), Member(user))

    def revoke(self, chat: Place, *rights: str, user: User | None = None) -> None:
        """Takes single rights from the bot (or from *user*)."""
        place, who = self.chat(chat), user or self.world.bot
        with self.world.lock:
            left = self.world.member(place, who).rights - set(rights)
            self.promote(who, place, left)

    def grant(self, chat: Place, *rights: str, user: User | None = None) -> None:
        place, who = self.chat(chat), user or self.world.bot
        with self.world.lock:
            self.promote(who, place, self.world.member(place, who).rights | set(rights))

    def add_bot(
        self, chat: Place, *, by: User | None = None, rights: Iterable[str] | None = None
    ) -> None:
        """Someone adds the bot: as a member, or at once as administrator with *rights*."""
        place = self.chat(chat)
        with self.world.lock:
            actor = by or self._owner(place)
            status = "member" if rights is None else "administrator"
            new = Member(self.world.bot, status, set(rights or ()))
            change_member(self.world, place, actor, new)
            shown = user_json(self.world.bot)
            self._service(actor, place, new_chat_members=[shown], new_chat_member=shown)

    def kick_bot(self, chat: Place, *, by: User | None = None) -> None:
        place = self.chat(chat)
        with self.world.lock:
            new = Member(self.world.bot, "kicked", is_member=False)
            change_member(self.world, place, by or self._owner(place), new)

    def block(self, user: User) -> None:
        """*user* blocks the bot."""
        with self.world.lock:
            user.blocked = True
            self._private_change(user, "member", "kicked")

    def unblock(self, user: User) -> None:
        with self.world.lock:
            user.blocked, user.started = False, True
            self._private_change(user, "kicked", "member")

    def _private_change(self, user: User, old: str, new: str) -> None:
        chat, bot = self.chat(user), self.world.bot
        chat.members[bot.id] = Member(bot, old, is_member=old == "member")
        change_member(self.world, chat, user, Member(bot, new, is_member=new == "member"))

    def set_permissions(self, chat: Place, **permissions: bool) -> None:
        """What all members may do from now on."""
        with self.world.lock:
            self.chat(chat).permissions |= permissions

    def close_topic(self, chat: Place, topic_id: int, *, closed: bool = True) -> None:
        place = self.chat(chat)
        with self.world.lock:
            place.topics[topic_id].closed = closed
            field = "forum_topic_closed" if closed else "forum_topic_reopened"
            message = self.world.post(
                place,
                self._owner(place),
                {field: {}},
                thread_id=topic_id,
                extras={"is_service": True},
            )
            message.update_id = announce(self.world, message)

    def migrate(self, chat: Place) -> Chat:
        """A basic group becomes a supergroup: new id, two service messages, the old one dead."""
        old = self.chat(chat)
        with self.world.lock:
            owner = self._owner(old)
            new = self.group(old.title or "", owner=owner, bot=None)
            new.members = copy.copy(old.members)
            new.permissions = old.permissions or default_permissions()
            self._service(owner, old, migrate_to_chat_id=new.id)
            old.migrated_to = new.id
            self._service(owner, new, migrate_from_chat_id=old.id)
            return new

    def delete_chat(self, chat: Place) -> None:
        with self.world.lock:
            self.chat(chat).deleted = True
