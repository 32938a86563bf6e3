"""How often the same claim is told, counted without keeping what was said."""

from __future__ import annotations

import hashlib
import hmac

from bot.guard.types import Finding
from bot.moderation.exempt import claim_key


def echo_key(finding: Finding, salt: bytes, chat_id: int | None = None) -> str:
    """The claim's hash within a group, or across groups without *chat_id*.

    The same figure claimed at the same value is the same claim, however it is worded.
    """
    claim = (
        f"{finding.figure}|{finding.claimed}"
        if finding.claimed
        else claim_key(finding.figure, finding.text)
    )
    told = f"{chat_id or '*'}|{claim}"
    return hmac.new(salt, told.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:24]
