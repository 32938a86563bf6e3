"""The way back: everything that a case caused, taken back.

Calls that haven't gone out are called off; those that have are answered by their opposite, behind
them in the same lane.
"""

from __future__ import annotations

from typing import Any, Final

from bot.moderation.policy import active_strikes
from bot.moderation.types import DAY_S
from bot.store import Transaction, groups, moderation, outbox
from bot.store.moderation import Case
from bot.store.outbox import Effect
from bot.telegram import effects
from bot.telegram.handlers.group_effects import CALL_LIFE_S, take_notice_back, take_reaction_back
from bot.telegram.text import TextBuilder, from_utf16
from bot.telegram.wording import say

_RESTORED_LIMIT: Final = 3600


def undo(tx: Transaction, case: Case, permissions: dict[str, Any] | None) -> None:
    """Take back everything that the case caused: notice, strike, mute or ban, deletion."""
    take_notice_back(tx, case)
    take_reaction_back(tx, case)
    moderation.drop_strike(tx.conn, case.id)
    outbox.cancel(tx.conn, f"case:{case.id}:punish", tx.now)
    _lift(tx, case, permissions)
    keys = [f"case:{case.id}:delete:{message_id}" for message_id in case.message_ids]
    deleted = any(_is_deleted(tx, key) for key in keys)
    for key in keys:
        outbox.cancel(tx.conn, key, tx.now)
    _leave_batch(tx, case)
    if case.action == "delete" and deleted:
        restore(tx, case)


def _is_deleted(tx: Transaction, key: str) -> bool:
    """Whether we deleted the message, or may have; what somebody else deleted stays gone."""
    state = outbox.state_of(tx.conn, key)
    return state not in _NOT_DELETED and not outbox.found_done(tx.conn, key)


def _leave_batch(tx: Transaction, case: Case) -> None:
    """A notice of collected deletions goes with the last of them."""
    if case.batch == "":
        moderation.update(tx.conn, case.id, batch=None)
    elif case.batch and all(
        one.state == "reversed" for one in moderation.of_batch(tx.conn, case.batch)
    ):
        message_id = outbox.message_id_of(tx.conn, f"collected:{case.batch}")
        if message_id is not None:
            key = f"collected:{case.batch}:gone"
            tx.plan(effects.delete(key, case.chat_id, message_id))


# A key that is not there any more is that of a deletion long done.
_NOT_DELETED: Final = ("pending", "failed", "cancelled")


def _lift(tx: Transaction, case: Case, permissions: dict[str, Any] | None) -> None:
    """Lift what the remaining strikes don't bear any more, of this case and of later ones."""
    now = tx.now + groups.load(tx.conn, case.chat_id).clock_ahead
    left = active_strikes(moderation.strikes(tx.conn, case.chat_id, case.sender_id), now)
    punished = [
        other
        for other in moderation.of_sender(tx.conn, case.chat_id, case.sender_id)
        if other.punish and (other.id == case.id or other.state != "reversed")
    ]
    in_force = {other.punish for other in punished}
    who = {"chat_id": case.chat_id}
    if "ban" in in_force and len(left) < 3:
        if case.is_channel:
            payload = who | {"sender_chat_id": case.sender_id}
            tx.plan(_told(case, "unban", "unbanChatSenderChat", payload))
        else:
            payload = {**who, "user_id": case.sender_id, "only_if_banned": True}
            tx.plan(_told(case, "unban", "unbanChatMember", payload))
    muted = [o for o in punished if o.punish == "mute" and now - o.at < DAY_S]
    if muted and len(left) < 2 and permissions is not None:
        unmute = {
            **who,
            "user_id": case.sender_id,
            "permissions": permissions,
            "use_independent_chat_permissions": True,
        }
        tx.plan(_told(case, "unmute", "restrictChatMember", unmute))


def _told(case: Case, name: str, method: str, payload: dict[str, Any]) -> Effect:
    """A call of the way back; administrators are told if it comes to nothing."""
    return effects.call(
        f"case:{case.id}:{name}",
        method,
        payload,
        hook="case_undo",
        hook_args={"case": case.id},
        life_s=CALL_LIFE_S,
    )


def restore(tx: Transaction, case: Case) -> None:
    """Put the deleted text back with its author's name, in as many messages as it needs."""
    name = case.name or say("g.restore.member", id=str(case.sender_id))
    stored = moderation.load(tx.conn, case.id)
    by = (stored.settled_name if stored else None) or ""
    head = say("g.restore.text", name=name, by=by)
    left, part = case.text or "", 0
    while left or part == 0:
        end = from_utf16(left, _RESTORED_LIMIT)
        text = TextBuilder().line(head) if part == 0 else TextBuilder()
        message = text.quote(left[:end]).build()
        tx.plan(
            effects.send(
                f"case:{case.id}:restore" + (f":{part}" if part else ""),
                case.chat_id,
                message,
                thread_id=case.thread_id,
                silent=True,
                life_s=CALL_LIFE_S,
                hook="case_undo",
                hook_args={"case": case.id},
            )
        )
        left, part = left[end:], part + 1
