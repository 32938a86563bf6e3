"""Group moderation, decided: who spoke, what a verdict leads to, what an edit changes.

Values in, values out: no clock, no database, no Telegram.  ``bot.replay`` runs the same decisions
over an export that the handlers run over live posts.
"""
