"""A private conversation, as someone has it on a phone."""

from __future__ import annotations

import re

import pytest

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram
from tests.fakes.model import Message, User

QUESTION = "AI短视频在美区贡献了多少GMV？"
POST = "AI视频已经贡献了10%的GMV，大家快上车"
Shared = tuple[FakeTelegram, BotProcess]


def entity_texts(message: Message, *kinds: str) -> list[str]:
    """What the message's entities of these kinds cover, by UTF-16 offsets."""
    units = message.text.encode("utf-16-le")
    return [
        units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in message.body.get("entities", [])
        if e["type"] in kinds
    ]


def quotes(message: Message) -> list[str]:
    return entity_texts(message, "blockquote", "expandable_blockquote")


def labels(message: Message) -> list[str]:
    return [button["text"] for row in rows(message) for button in row]


def rows(message: Message) -> list[list[dict]]:
    return (message.markup or {}).get("inline_keyboard", [])


def receipt(message: Message) -> str:
    return message.text.partition("编号 ")[2][:8]


@pytest.fixture
def fake(shared: Shared) -> FakeTelegram:
    return shared[0]


@pytest.fixture
def anna(fake: FakeTelegram) -> User:
    return fake.user("Anna")


def press(fake: FakeTelegram, anna: User, message: Message, label: str) -> Message:
    """Press a button and wait for the message that it brings."""
    newest = fake.last(anna).message_id
    query = fake.press(label, message, anna)
    fake.wait_answer(query)
    return fake.wait_sent(anna, after=newest)


# --- questions ---


def test_a_question_gets_quotes_sources_caveats_and_a_receipt(
    fake: FakeTelegram, anna: User
) -> None:
    answer = fake.ask(anna, QUESTION)
    text = answer.text
    quoted = quotes(answer)
    assert any("GMV贡献不足1%" in quote for quote in quoted)
    assert "2026-01-18" in text
    assert text.index(quoted[0]) < text.index("2026-01-18") < text.index("提醒")
    assert text.index("提醒") < text.index("编号 ")
    assert len(receipt(answer)) == 8
    assert {"👍", "👎", "看原文上下文"} <= set(labels(answer))


def test_nothing_found_is_said_at_once_without_quotes(fake: FakeTelegram, anna: User) -> None:
    answer = fake.ask(anna, "/ask 2030年火星上的房价是多少")
    assert quotes(answer) == []
    assert "看原文上下文" not in labels(answer)
    assert receipt(answer)


def test_a_greeting_gets_a_friendly_line(fake: FakeTelegram, anna: User) -> None:
    assert quotes(fake.ask(anna, "你好")) == []


def test_an_offer_is_answered_when_pressed_and_not_offered_again(
    fake: FakeTelegram, anna: User
) -> None:
    answer = fake.ask(anna, QUESTION)
    offers = [
        label for label in labels(answer) if label not in ("👍", "👎", "看原文上下文", "更多")
    ]
    assert offers
    reply = press(fake, anna, answer, offers[0])
    assert reply.text.startswith(offers[0])
    assert not set(offers) & set(labels(reply))


def test_the_neighbouring_paragraphs_are_shown_once(fake: FakeTelegram, anna: User) -> None:
    answer = fake.ask(anna, QUESTION)
    seen = set(quotes(answer))
    for _ in range(8):
        query = fake.press("看原文上下文", answer, anna)
        said = fake.wait_answer(query)
        if said.get("text"):
            assert said["text"] == "上下文都看过了。"
            break
        fake.settle(quiet_s=0.05)
        shown = quotes(fake.last(anna))
        assert shown
        assert not seen & set(shown)
        seen |= set(shown)
    else:
        pytest.fail("the paragraphs never come to an end")


def test_a_thumb_is_noted_once(shared: Shared, anna: User) -> None:
    fake, bot = shared
    answer = fake.ask(anna, QUESTION)
    for label in ("👍", "👍", "👎"):
        assert fake.wait_answer(fake.press(label, answer, anna))["text"] == "记下了，谢谢。"
    fake.settle(quiet_s=0.05)
    votes = bot.rows("SELECT vote FROM feedback WHERE receipt = ?", receipt(answer))
    assert [row["vote"] for row in votes] == ["down"]


def test_buttons_serve_only_whom_they_were_given_to(fake: FakeTelegram, anna: User) -> None:
    answer = fake.ask(anna, QUESTION)
    bert = fake.user("Bert")
    own = fake.ask(bert, QUESTION)
    foreign = next(b for row in rows(answer) for b in row if b["text"] == "👍")
    forged = fake.press("", own, bert, data=foreign["callback_data"])
    assert fake.wait_answer(forged)["text"] == "这是别人的回答，按钮只对本人有效。"


@pytest.mark.parametrize("data", ["v1:more:ZZZZZZZZ:1", "v1:offer", "v1:list:figures:x", "nope"])
def test_forged_presses_are_answered_and_change_nothing(
    fake: FakeTelegram, anna: User, data: str
) -> None:
    answer = fake.ask(anna, "/help")
    query = fake.press("", answer, anna, data=data)
    assert fake.wait_answer(query).get("text") == "这个按钮已经失效。"
    assert fake.last(anna) is answer


# --- posts ---


def test_a_pasted_post_gets_its_verdict(fake: FakeTelegram, anna: User) -> None:
    check = fake.ask(anna, POST)
    assert "冲突" in check.text.splitlines()[0]
    quoted = quotes(check)
    assert quoted[0] in POST
    assert "10%" in quoted[0]
    assert any("GMV贡献不足1%" in quote for quote in quoted[1:])
    assert "可以这样说" in check.text
    assert "编号 " in check.text


def test_a_forward_is_checked(fake: FakeTelegram, anna: User) -> None:
    origin = fake.say(anna, fake.group(members=[anna]), POST)
    forwarded = fake.forward(anna, origin, anna)
    reply = fake.wait_sent(anna, after=forwarded.message_id)
    assert "冲突" in reply.text.splitlines()[0]


def test_a_caption_is_checked(fake: FakeTelegram, anna: User) -> None:
    photo = fake.photo(anna, anna, caption=POST)
    reply = fake.wait_sent(anna, after=photo.message_id)
    assert "冲突" in reply.text.splitlines()[0]


HYPE = (
    "AI视频占了三成", "AI视频贡献10%的GMV", "AI视频GPM轻松破50", "实拍拍得再好GPM也就二三十",
    "AI视频带货效率碾压实拍", "AI视频不限流", "单条AI视频卖了2万刀", "报白号做AI稳得很",
    "大卖都靠AI选品", "AI短视频长期躺赚", "官方AI工具效果吊打第三方", "TikTok营收主要靠电商",
    "成本只要实拍的百分之一", "不标AI平台根本查不出来", "AI模特转化率提升200%", "AI试穿加购翻倍",
    "数字人停留翻倍", "AI绿幕播放破百亿",
)  # fmt: skip


def test_what_does_not_fit_comes_by_more(fake: FakeTelegram, anna: User) -> None:
    page = fake.ask(anna, "/check " + "。\n".join(HYPE))
    texts = [page.text]
    while "更多" in labels(page):
        page = press(fake, anna, page, "更多")
        texts.append(page.text)
    told = [int(number) for number in re.findall(r"^第 (\d+) 处", "\n".join(texts), re.M)]
    assert len(texts) > 1
    assert len(told) >= 10
    assert told == list(range(1, len(told) + 1))


def test_ask_and_check_force_the_way(fake: FakeTelegram, anna: User) -> None:
    assert "冲突" not in fake.ask(anna, f"/ask {POST}").text.splitlines()[0]
    assert "无主张" in fake.ask(anna, f"/check {QUESTION}").text.splitlines()[0]


def test_check_in_reply_judges_that_message(fake: FakeTelegram, anna: User) -> None:
    post = fake.tell(anna, POST)
    fake.settle(quiet_s=0.05)
    reply = fake.ask(anna, "/check", reply_to=post)
    assert "冲突" in reply.text.splitlines()[0]


@pytest.mark.parametrize("command", ["/ask", "/check", "/why"])
def test_a_command_without_words_says_how(fake: FakeTelegram, anna: User, command: str) -> None:
    assert command in fake.ask(anna, command).text


# --- everything else ---


@pytest.mark.parametrize(
    ("command", "holds"),
    [
        ("/start", "先看数据"),
        ("/help", "/forget"),
        ("/figures", "< 1%"),
        ("/sources", "2026,我们应该怎样客观看待AI"),
        ("/privacy", "30 分钟"),
        ("/start set_-100123", ""),
        ("/nonsense", "/help"),
    ],
)
def test_commands(fake: FakeTelegram, anna: User, command: str, holds: str) -> None:
    assert holds in fake.ask(anna, command).text


def test_an_example_under_start_is_answered(fake: FakeTelegram, anna: User) -> None:
    start = fake.ask(anna, "/start")
    assert press(fake, anna, start, labels(start)[0]).text.startswith(labels(start)[0])


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": {}},
        {"voice": {}},
        {"location": {"latitude": 1.0, "longitude": 2.0}},
    ],
)
def test_what_is_not_text_gets_a_polite_line(fake: FakeTelegram, anna: User, content: dict) -> None:
    sent = fake.post(anna, anna, _media(content))
    assert "我只看得懂文字" in fake.wait_sent(anna, after=sent.message_id).text


def _media(content: dict) -> dict:
    file = {"file_id": "f1", "file_unique_id": "u1"}
    known = {
        "sticker": file
        | {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False},
        "voice": file | {"duration": 1},
    }
    return {name: known.get(name, value) for name, value in content.items()}


def test_an_album_is_spoken_of_once(fake: FakeTelegram, anna: User) -> None:
    items = fake.album(anna, anna, ["", POST, ""])
    reply = fake.wait_sent(anna, after=items[-1].message_id)
    assert "冲突" in reply.text.splitlines()[0]
    fake.settle(quiet_s=2.0)
    assert fake.last(anna) is reply


def test_menus_are_told_once_in_chinese_and_english(shared: Shared) -> None:
    fake, bot = shared
    bot.wait_rows("SELECT 1 FROM meta WHERE key = 'menus'", 1)
    told = {
        (call.params["scope"]["type"], call.params.get("language_code", "")): {
            entry["command"]: entry["description"] for entry in call.params["commands"]
        }
        for call in fake.calls_of("setMyCommands")
    }
    assert told["all_private_chats", "zh"]["ask"] == "问一个问题"
    assert told["all_private_chats", ""] == told["all_private_chats", "zh"]
    assert told["all_private_chats", "en"]["ask"] == "Ask a question"
    assert {scope for scope, _ in told} == {
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
    }


# --- receipts ---


def test_why_derives_an_answer_again(fake: FakeTelegram, anna: User) -> None:
    answer = fake.ask(anna, QUESTION)
    why = fake.ask(anna, f"/why {receipt(answer)}")
    assert "结果一样" in why.text
    assert quotes(why) == quotes(answer)


def test_why_shows_others_the_result_alone(fake: FakeTelegram, anna: User) -> None:
    check = fake.ask(anna, POST)
    why = fake.ask(fake.user("Bert"), f"/why {receipt(check)}")
    assert "只显示结论" in why.text
    assert POST[:10] not in why.text


def test_why_knows_when_there_is_no_such_id(fake: FakeTelegram, anna: User) -> None:
    assert fake.ask(anna, "/why ZZZZZZZZ").text == "没有这个编号。"
