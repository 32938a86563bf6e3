"""A small lexicon and a few invented documents, so that no test hangs on the packaged data."""

import pytest

from index.engine import Document
from index.lexicon import Lexicon


@pytest.fixture(scope="session")
def lexicon():
    return Lexicon(
        words=("报白号", "自然流量"),
        stopwords=("什么", "为什么", "请问", "吗", "what", "is", "the"),
        concepts={
            "gmv": ("gmv", "成交额", "销售额"),
            "throttling": ("限流", "shadow ban", "没流量"),
        },
    )


@pytest.fixture(scope="session")
def documents():
    return [
        Document("b-1", {"title": "猫", "text": "猫喜欢晒太阳，也喜欢抓老鼠。"}),
        Document("b-2", {"title": "狗", "text": "狗喜欢散步，也喜欢啃骨头。"}),
        Document("a-1", {"title": "店铺", "text": "上月GMV达到10-16万，客单价100+。"}),
        Document("a-2", {"title": "店铺", "text": "報白號跑自然流量，账号还是被限流。"}),
        Document("a-3", {"title": "", "text": "the quick brown fox; 狐狸跳过懒狗。"}),
    ]
