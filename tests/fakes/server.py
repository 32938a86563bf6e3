"""The fake Bot API as a process of its own, for soak runs: an empty world on a fixed port.

    python -m tests.fakes.server --port 8081

It prints the bot's settings as JSON. The world is peopled through POST ``/__act`` and read from
``/__state`` and ``/__calls``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import threading

from .fake import FakeTelegram
from .world import TOKEN


def main() -> None:
    """Runs until interrupted or terminated."""
    parser = argparse.ArgumentParser(description="a strict fake Telegram Bot API")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN, help="the only token it accepts")
    parser.add_argument("--reads-all", action="store_true", help="privacy mode off")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with FakeTelegram(options.token, reads_all=options.reads_all).start(options.port) as fake:
        print(json.dumps(fake.env), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
