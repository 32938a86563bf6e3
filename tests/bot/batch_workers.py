"""Workers that `test_batch` names by import path, so that other processes can make them."""

import os

from bot.errors import InputError


def shout(config):
    def work(record):
        text = record.get("text")
        if not text:
            raise InputError("text 是空的")
        if text == "boom":
            raise KeyError("boom")
        if text == "die":
            os._exit(9)
        return {"id": record.get("id"), "text": text.upper() + config["end"]}

    return work


def broken(config):
    raise InputError("装不起来")
