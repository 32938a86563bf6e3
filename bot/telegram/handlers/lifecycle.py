"""Coming into a group, rights won and lost, leaving it, and its change to a supergroup."""

from __future__ import annotations

from collections.abc import Mapping

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Update
from telegram.constants import ChatType

from bot.moderation.settings import MODE_LABELS, from_rows
from bot.moderation.types import GroupSettings
from bot.store import Transaction, groups, moderation_log, outbox
from bot.store.outbox import Effect
from bot.telegram import effects
from bot.telegram.context import Context
from bot.telegram.effects import Keyboard
from bot.telegram.handlers import group_company, group_effects
from bot.telegram.keyboards import button
from bot.telegram.sender import Outcome
from bot.telegram.text import Rendered, plain
from bot.telegram.wording import say

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_RIGHTS_TOPIC = "rights_lost"


def is_my_member(update: Update) -> bool:
    """The bot's own standing changed somewhere."""
    return update.my_chat_member is not None


def is_member(update: Update) -> bool:
    """Somebody's standing changed in a group."""
    return update.chat_member is not None


def is_migration(update: Update) -> bool:
    """One of the two messages about a group's new id."""
    message = update.message
    return message is not None and bool(message.migrate_to_chat_id or message.migrate_from_chat_id)


async def on_my_member(ctx: Context) -> None:
    """In private: blocked or not.  In a group: came, left, or has other rights."""
    change = _change(ctx)
    is_in, was_in = _inside(change.new_chat_member), _inside(change.old_chat_member)
    if change.chat.type == ChatType.PRIVATE:
        user_id = change.chat.id
        note = groups.note_stopped if not is_in else None
        ctx.write(
            lambda tx: (
                note(tx.conn, user_id) if note else groups.note_started(tx.conn, user_id, tx.now)
            )
        )
    elif change.chat.type in _GROUPS:
        if is_in and not was_in:
            _join(ctx, change)
        elif was_in and not is_in:
            _leave(ctx, change)
        elif is_in:
            _change_rights(ctx, change)


async def on_member(ctx: Context) -> None:
    """An administrator more or less: known at once, not ten minutes later."""
    change = ctx.update.chat_member
    assert change is not None
    chat_id, user_id = change.chat.id, change.new_chat_member.user.id
    is_admin = change.new_chat_member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR)

    def note(tx: Transaction) -> None:
        admins = groups.load(tx.conn, chat_id).admins
        if admins is not None and (user_id in admins) is not is_admin:
            changed = admins | {user_id} if is_admin else admins - {user_id}
            groups.save(tx.conn, chat_id, tx.now, admins=changed)

    ctx.write(note)


async def on_migration(ctx: Context) -> None:
    """Take everything of the group along to its new id; both messages may come, in any order."""
    message = ctx.message
    old = message.migrate_from_chat_id or message.chat.id
    move(ctx, old, message.migrate_to_chat_id or message.chat.id)


def move(ctx: Context, old: int, new: int) -> None:
    """Have a group's id rewritten everywhere."""
    # Here, because app names this module's handlers in its table.
    from bot.telegram.app import migrate_chat

    ctx.write(lambda tx: migrate_chat(tx, old, new))


def _join(ctx: Context, change: ChatMemberUpdated) -> None:
    chat = change.chat
    rights = group_company.rights_of(change.new_chat_member)
    settings = group_company.settings_of(ctx, chat.id)
    text = onboarding(rights, settings, reads_all=_reads_all(ctx))
    keyboard = onboarding_keyboard(ctx.services.api.username, chat.id, settings)
    by = change.from_user.id

    def join(tx: Transaction) -> None:
        groups.save(
            tx.conn,
            chat.id,
            tx.now,
            title=chat.title or "",
            kind=str(chat.type),
            active=1,
            rights=rights,
            known_at=0,
        )
        moderation_log.note(tx.conn, chat.id, "joined", tx.now, actor=by)

    ctx.write(join)
    said = {
        "rights": rights,
        "username": ctx.services.api.username,
        "reads_all": _reads_all(ctx),
    }
    key = ctx.key("onboard")
    first = effects.send(key, chat.id, text, keyboard, hook="onboarded", hook_args=said)
    ctx.plan(first)


def on_onboarded(tx: Transaction, effect: Effect, outcome: Outcome) -> None:
    """The first message stands: it is edited from now on, at once if rights changed meanwhile."""
    chat_id, message_id = effect.chat_id, outcome.message_id
    if chat_id is None or message_id is None:
        return
    groups.save(tx.conn, chat_id, tx.now, onboarding_message=message_id)
    rights = groups.load(tx.conn, chat_id).rights
    said = effect.hook_args
    if rights != said["rights"]:
        settings = from_rows(groups.settings_rows(tx.conn, chat_id))
        text = onboarding(rights, settings, reads_all=said["reads_all"])
        keyboard = onboarding_keyboard(said["username"], chat_id, settings)
        tx.plan(effects.edit(f"{effect.key}:again", chat_id, message_id, text, keyboard))


def _leave(ctx: Context, change: ChatMemberUpdated) -> None:
    chat_id, by = change.chat.id, change.from_user.id

    def leave(tx: Transaction) -> None:
        groups.save(tx.conn, chat_id, tx.now, active=0, known_at=0)
        outbox.cancel_chat(tx.conn, chat_id, tx.now)
        moderation_log.note(tx.conn, chat_id, "left", tx.now, actor=by)

    ctx.write(leave)


def _change_rights(ctx: Context, change: ChatMemberUpdated) -> None:
    chat_id = change.chat.id
    group = groups.load(ctx.conn, chat_id)
    before = group_company.rights_of(change.old_chat_member)
    rights = group_company.rights_of(change.new_chat_member)
    lost = [name for name, held in before.items() if held and not rights[name]]
    settings = group_company.settings_of(ctx, chat_id)
    text = onboarding(rights, settings, reads_all=_reads_all(ctx))
    keyboard = onboarding_keyboard(ctx.services.api.username, chat_id, settings)

    def note(tx: Transaction) -> None:
        groups.save(tx.conn, chat_id, tx.now, rights=rights, active=1)
        if lost:
            told = say("g.told.rights_lost", rights=_names(lost))
            group_effects.tell_admins(tx, chat_id, _RIGHTS_TOPIC, told)
        else:
            groups.untell(tx.conn, chat_id, _RIGHTS_TOPIC)
        if group.onboarding_message is not None:
            key = f"onboard:{chat_id}:{ctx.row.update_id}"
            tx.plan(effects.edit(key, chat_id, group.onboarding_message, text, keyboard))

    ctx.write(note)


def onboarding(rights: Mapping[str, bool], settings: GroupSettings, *, reads_all: bool) -> Rendered:
    """What the bot does, what it records, and what it lacks."""
    lacking = missing_rights(rights)
    checks = []
    if lacking:
        checks.append(say("g.onboard.missing", rights=_names(lacking)))
    if not rights.get("admin") and not reads_all:
        checks.append(say("g.onboard.privacy"))
    if not checks:
        checks.append(say("g.onboard.ready", mode=MODE_LABELS[settings.mode]))
    days = str(settings.retention_days)
    return plain(say("g.onboard.text", days=days, checks="\n".join(checks)))


def onboarding_keyboard(username: str, chat_id: int, settings: GroupSettings) -> Keyboard:
    """打开设置, and 改为观察 where it isn't so already."""
    row = [settings_button(username, chat_id)]
    if settings.mode != "watch":
        row.append(button(say("g.button.watch"), "gm", chat_id, "watch"))
    return [row]


def settings_button(username: str, chat_id: int) -> dict[str, str]:
    """The deep link to a group's settings in private."""
    link = f"https://t.me/{username}?start=set_{chat_id}"
    return {"text": say("g.button.settings"), "url": link}


def missing_rights(rights: Mapping[str, bool]) -> list[str]:
    """The rights that moderation needs and the bot hasn't; being administrator stands for all."""
    if not rights.get("admin"):
        return ["admin", *group_company.RIGHTS]
    return [name for name in group_company.RIGHTS if not rights.get(name)]


def _names(rights: list[str]) -> str:
    return "、".join(say(f"g.rights.{name}") for name in rights)


def _inside(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return bool(member.is_member)
    return member.status not in (ChatMember.LEFT, ChatMember.BANNED)


def _reads_all(ctx: Context) -> bool:
    return bool(ctx.services.api.bot.can_read_all_group_messages)


def _change(ctx: Context) -> ChatMemberUpdated:
    change = ctx.update.my_chat_member
    assert change is not None
    return change
