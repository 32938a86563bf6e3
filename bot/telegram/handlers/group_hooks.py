"""What becomes of calls: told within the transaction that settles them."""

from __future__ import annotations

from typing import Any, Final

from bot.moderation.types import DAY_S
from bot.store import Transaction, groups, moderation, moderation_log, outbox
from bot.store.moderation import Case
from bot.store.outbox import Effect
from bot.telegram import effects
from bot.telegram.handlers.group_effects import collect_later, tell_admins
from bot.telegram.handlers.group_undo import restore
from bot.telegram.sender import Outcome
from bot.telegram.wording import say


def on_notice(tx: Transaction, effect: Effect, outcome: Outcome) -> None:
    """A notice stands, or never will."""
    case = moderation.load(tx.conn, str(effect.hook_args["case"]))
    if case is None:
        return
    if outcome.message_id is None:
        if outcome.state != "uncertain":
            moderation.drop_notice(tx.conn, effect.key)
            note_failure(tx, case, "notice_failed", outcome)
            _tell_later(tx, case)
        return
    moderation.update(tx.conn, case.id, notice_message=outcome.message_id)
    unnotice = effects.delete(f"case:{case.id}:unnotice", case.chat_id, outcome.message_id)
    if case.state in ("reversed", "corrected"):
        tx.plan(unnotice)
    elif not effect.hook_args.get("keep"):
        expire(tx, f"case:{case.id}:expire", case.chat_id, outcome.message_id)


def _tell_later(tx: Transaction, case: Case) -> None:
    """A post that we deleted all the same is told with others; one that was gone is at its end."""
    key = f"case:{case.id}:delete:{case.message_id}"
    if case.state == "open" and outbox.was_carried_out(tx.conn, key):
        moderation.update(tx.conn, case.id, batch="")
        tx.plan(collect_later(f"{case.id}:late", case.chat_id, tx.now))


def expire(tx: Transaction, key: str, chat_id: int, message_id: int) -> None:
    """Have a notice of ours removed after a day."""
    options = {"due_at": tx.now + DAY_S, "life_s": 22 * 3600.0}
    tx.plan(effects.delete(key, chat_id, message_id, **options))


def on_delete(tx: Transaction, effect: Effect, outcome: Outcome) -> None:
    """A post is gone, or can't be deleted."""
    case = moderation.load(tx.conn, str(effect.hook_args["case"]))
    if case is None:
        return
    if outcome.state == "done" and not outcome.reason and case.state == "reversed":
        restore(tx, case)  # it was on its way when the case was reversed
    if outcome.state == "failed":
        note_failure(tx, case, "delete_failed", outcome)
        groups.save(tx.conn, case.chat_id, tx.now, known_at=0)
        tell_admins(tx, case.chat_id, "delete_failed", say("g.told.delete_failed"))


def on_punish(tx: Transaction, effect: Effect, outcome: Outcome) -> None:
    """Someone is muted or banned, or can't be."""
    case = moderation.load(tx.conn, str(effect.hook_args["case"]))
    if case is None or outcome.state != "failed":
        return
    moderation.update(tx.conn, case.id, punish="")
    note_failure(tx, case, "punish_failed", outcome)
    known = "supergroup" in outcome.reason.casefold()
    reason = say("g.told.not_supergroup" if known else "g.told.no_right_to_restrict")
    tell_admins(tx, case.chat_id, "punish_failed", say("g.told.punish_failed", reason=reason))


def on_undo(tx: Transaction, effect: Effect, outcome: Outcome) -> None:
    """A call of the way back came to something, or did not."""
    case = moderation.load(tx.conn, str(effect.hook_args["case"]))
    if case is None or outcome.state != "failed":
        return
    note_failure(tx, case, "undo_failed", outcome)
    kind = "restore_failed" if effect.method == "sendMessage" else "undo_failed"
    tell_admins(tx, case.chat_id, f"{kind}:{case.id}", say(f"g.told.{kind}", id=case.id))


def on_card(tx: Transaction, effect: Effect, outcome: Outcome) -> None:
    """A card stands somewhere: it will be edited when the case is settled."""
    if outcome.message_id is not None and effect.chat_id is not None:
        case_id = str(effect.hook_args["case"])
        moderation.add_card(tx.conn, effect.chat_id, outcome.message_id, case_id)
    elif outcome.state == "failed":
        if "initiate" in outcome.reason or "blocked" in outcome.reason:
            groups.note_stopped(tx.conn, effect.chat_id or 0)
        _appeal_here(tx, effect)


def _appeal_here(tx: Transaction, effect: Effect) -> None:
    """An appeal's card that reaches no administrator elsewhere comes to the group itself."""
    case = moderation.load(tx.conn, str(effect.hook_args["case"]))
    if case is None or case.state != "appealed" or effect.chat_id == case.chat_id:
        return
    start = f"case:{case.id}:appeal:"
    if effect.key.startswith(start) and not outbox.any_alive(tx.conn, start):
        payload = effect.payload | {"chat_id": case.chat_id}
        options: dict[str, Any] = {"hook": effect.hook, "hook_args": effect.hook_args}
        tx.plan(effects.call(f"{start}{case.chat_id}", "sendMessage", payload, **options))


def on_collected(tx: Transaction, effect: Effect, outcome: Outcome) -> None:
    """A notice of collected deletions stands."""
    if outcome.message_id is None:
        moderation.drop_notice(tx.conn, effect.key)
    elif not effect.hook_args.get("keep") and effect.chat_id is not None:
        expire(tx, f"{effect.key}:expire", effect.chat_id, outcome.message_id)


def note_failure(tx: Transaction, case: Case, event: str, outcome: Outcome) -> None:
    """Append to the audit that a call came to nothing."""
    moderation_log.note(
        tx.conn, case.chat_id, event, tx.now, case_id=case.id, reason=outcome.reason[:100]
    )


HOOKS: Final = {
    "case_notice": on_notice,
    "case_delete": on_delete,
    "case_punish": on_punish,
    "case_undo": on_undo,
    "case_card": on_card,
    "collected": on_collected,
}
