"""A strict fake of Telegram for end-to-end tests: people on one side, the bot's API on the other.

    with FakeTelegram() as fake:
        anna = fake.user("Anna")
        group = fake.group(members=[anna])
        post = fake.say(anna, group, "AI视频贡献10%的GMV")   # the bot polls fake.base_url
        notice = fake.wait_reply(post)

Everything is real HTTP on the loopback. Each act of a person makes the update that Telegram would
make of it, and none where the bot would not get one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from .errors import bad
from .faults import Fault
from .listener import ApiServer
from .model import Chat, Message, Query, Topic, User
from .setting import Place
from .updates import Update
from .watching import Watching
from .world import TOKEN, World

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class FakeTelegram(Watching):
    """The whole fake. ``reads_all`` switches the bot's privacy mode off."""

    def __init__(self, token: str = TOKEN, *, reads_all: bool = False) -> None:
        super().__init__(World(token, reads_all=reads_all))
        self.server = ApiServer(self.world, self._control)
        self.bot = self.world.bot

    # running

    def start(self, port: int = 0) -> Self:
        """Listens on 127.0.0.1; port 0 takes a free one."""
        self.server.start(port)
        return self

    def stop(self) -> None:
        """Ends all threads; raises AssertionError if the fake itself went wrong."""
        self.server.stop()
        if self.server.bugs:
            raise AssertionError("the fake broke:\n" + "\n".join(self.server.bugs))

    def down(self) -> None:
        """The API is away: connections are refused until :meth:`up`."""
        self.server.down()

    def up(self) -> None:
        self.server.up()

    def __enter__(self) -> Self:
        return self if self.server.port else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/bot"

    @property
    def base_file_url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/file/bot"

    @property
    def env(self) -> dict[str, str]:
        """The bot's settings that lead it here."""
        return {
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_API_BASE_URL": self.base_url,
            "TELEGRAM_API_BASE_FILE_URL": self.base_file_url,
        }

    # the clock and the limits

    def skew(self, seconds: float) -> None:
        """Sets the server's clock apart from the machine's: dates, bans, expiries follow it."""
        with self.world.lock:
            self.world.clock_offset_s = seconds
            self.world.touch()

    def advance(self, seconds: float) -> None:
        """Lets time pass on the server."""
        self.skew(self.world.clock_offset_s + seconds)

    def limit_floods(self, enabled: bool = True) -> None:
        self.world.flood.enabled = enabled

    def loosen_polling(self) -> None:
        """Takes off the 3 s brakes on repeated offsets and repeated conflicts."""
        self.world.polling.repeat_wait_s = self.world.polling.hasty_s = 0.0
        self.world.polling.conflict_wait_s = 0.0

    # faults

    def fault(self, method: str = "*", **fields: Any) -> Fault:
        """Installs any Fault; see its fields."""
        if isinstance(fields.get("chat"), (Chat, User)):
            fields["chat"] = self.chat(fields["chat"]).id
        with self.world.lock:
            return self.world.faults.add(Fault(method, **fields))

    def fail(self, method: str, status: int, description: str = "", **fields: Any) -> Fault:
        """An error in place of the effect, also with ``retry_after`` or ``migrate_to_chat_id``."""
        parameters = {
            name: fields.pop(name)
            for name in ("retry_after", "migrate_to_chat_id")
            if name in fields
        }
        if status == 429 and not description:
            description = f"Too Many Requests: retry after {parameters.get('retry_after')}"
        return self.fault(
            method, status=status, description=description, parameters=parameters, **fields
        )

    def garble(self, method: str, status: int = 502, body: bytes = HTML, **fields: Any) -> Fault:
        """A body that is no JSON answer, with any status (200 too)."""
        return self.fault(method, status=status, body=body, **fields)

    def drop(self, method: str, when: str = "before", **fields: Any) -> Fault:
        """Breaks the connection "before" or "after" the effect."""
        return self.fault(method, drop=when, **fields)

    def delay(self, method: str, seconds: float, *, after: bool = False, **fields: Any) -> Fault:
        """Holds the effect back, or only its answer."""
        name = "delay_after_s" if after else "delay_s"
        return self.fault(method, **{name: seconds}, **fields)

    def before_call(self, method: str, action: Callable[[], object], **fields: Any) -> Fault:
        """Runs *action* just before the n-th call takes effect: revoke, kick, edit, delete."""
        return self.fault(method, action=action, **fields)

    def clear_faults(self) -> None:
        with self.world.lock:
            self.world.faults.clear()

    # odd deliveries

    def repeat_update(self, update_id: int) -> None:
        """Delivers an update once more under the same id."""
        with self.world.lock:
            self.world.updates.repeat(update_id)

    def hold_updates(self) -> None:
        """From now on updates pile up unseen."""
        with self.world.lock:
            self.world.updates.hold()

    def release_updates(
        self, order: Callable[[list[Update]], list[Update]] | None = None
    ) -> list[int]:
        """Lets them through, in another *order* if one is given (``reversed`` within a list)."""
        with self.world.lock:
            return self.world.updates.release(order)

    # control over HTTP

    def _control(self, verb: str, what: str, raw: dict[str, Any]) -> Any:
        if verb == "GET" and what == "state":
            return self.state()
        if verb == "GET" and what == "calls":
            method = raw.get("method", "").lower()
            calls = self.polls if method == "getupdates" else self.calls
            return [vars(call) for call in calls if not method or call.method.lower() == method]
        if verb == "POST" and what == "act":
            return self._act(str(raw.get("do")), dict(raw.get("args") or {}))
        raise bad(f"no control named {what}")

    def _act(self, name: str, args: dict[str, Any]) -> Any:
        """A method of the test side by name; users, chats and messages are given as ids."""
        method = getattr(self, name, None)
        if name.startswith("_") or not inspect.ismethod(method):
            raise bad(f"no act named {name}")
        for key in ("user", "owner", "by"):
            if isinstance(args.get(key), int):
                args[key] = self.world.users[args[key]]
        for key in ("members", "admins"):
            if key in args:
                args[key] = [self.world.users[number] for number in args[key]]
        for key in ("message", "reply_to"):
            if isinstance(args.get(key), list):
                chat_id, message_id = args[key]
                args[key] = self.world.chats[chat_id].messages[message_id]
        return _shown(method(**args))


def _shown(value: Any) -> Any:
    """What an act returns, as JSON: ids of what it made."""
    if isinstance(value, Message):
        return {
            "chat_id": value.chat.id,
            "message_id": value.message_id,
            "update_id": value.update_id,
        }
    if isinstance(value, (User, Chat, Topic, Query)):
        return {"id": value.id}
    if isinstance(value, list):
        return [_shown(part) for part in value]
    return value


__all__ = ["FakeTelegram", "Place"]
