"""Where a vendor keeps its records: SQLite, in memory or in a file. Knows no vendor."""

import sqlite3
import weakref
from pathlib import Path


def opened(path: Path | None, owner: object) -> sqlite3.Connection:
    """Return a connection, for one thread: that of the event loop.

    path: of the file, which need not exist; None keeps all in memory.
    owner: whoever drops it need not remember to close the connection.
    """
    # The collector that closes a dropped one may run in any thread.
    database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    # No simulator has to survive a power cut.
    database.execute("PRAGMA synchronous = OFF")
    weakref.finalize(owner, database.close)
    return database
