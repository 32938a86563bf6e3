"""What outlives the process: one SQLite database in the home folder.

``database`` opens it, migrates it and owns its transactions; the other modules hold the
statements of one table group each and take a connection, never a file.
"""

from bot.store.database import Database, Transaction, is_outage

__all__ = ["Database", "Transaction", "is_outage"]
