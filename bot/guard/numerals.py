"""Chinese numerals: 十几, 二三十, 一万五 and 廿八 become bounds."""

from __future__ import annotations

from decimal import Decimal

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_SCORES = {"廿": 20, "卅": 30}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
CHARACTERS = "零〇一二两俩三四五六七八九十廿卅百千万亿几"


def chinese(text: str) -> tuple[Decimal, Decimal, bool] | None:
    """Bounds of a Chinese numeral and whether it is vague; None for what isn't a number.

    十几 is 11–19, 二三十 is 20–30, 几十 is 20–99, 一万五 is 15,000.
    """
    whole, _, fraction = text.partition("点")
    if fraction:
        base = chinese(whole)
        if base is None:
            return None
        if "几" in fraction:
            head = fraction.replace("几", "")
            lead = Decimal("0." + (_digit_string(head) or "0")) if head else Decimal(0)
            step = Decimal(1).scaleb(-len(head) - 1)
            return base[0] + lead + step, base[0] + lead + step * 9, True
        value = base[0] + Decimal("0." + _digit_string(fraction))
        return value, value, False
    if text == "半":
        return Decimal("0.5"), Decimal("0.5"), False
    if "几" in text or "数" in text:
        return _vague_chinese(text)
    pair = _adjacent(text)
    if pair is not None:
        return pair
    value_int = _chinese_int(text)
    if value_int is None:
        return None
    value = Decimal(value_int)
    return value, value, False


def _digit_string(text: str) -> str:
    return "".join(str(DIGITS[c]) for c in text if c in DIGITS)


def _vague_chinese(text: str) -> tuple[Decimal, Decimal, bool] | None:
    head, _, tail = text.partition("几")
    if head and tail and tail[0] in DIGITS:  # 十几二十
        low_end, high_end = chinese(head + "几"), chinese(tail)
        return (low_end[0], high_end[1], False) if low_end and high_end else None
    low_text, high_text = text, text
    for mark in "几数":
        low_text = low_text.replace(mark, "一" if text.endswith(mark) and len(text) > 1 else "二")
        high_text = high_text.replace(mark, "九")
    if text in ("几", "数"):
        return Decimal(2), Decimal(9), True
    low, high = _chinese_int(low_text), _chinese_int(high_text)
    if low is None or high is None:
        return None
    return Decimal(low), Decimal(high + _unit_of(text)), True


def _unit_of(text: str) -> int:
    """几十 reaches to 99, 几百 to 999."""
    value = _TENS.get(text[-1]) or _MYRIADS.get(text[-1])
    return value - 1 if value and text[0] in "几数" else 0


def _adjacent(text: str) -> tuple[Decimal, Decimal, bool] | None:
    """二三十, 三四, 十七八, 四五百万: two neighbouring digits are a range."""
    for at in range(len(text) - 1):
        first, second = DIGITS.get(text[at]), DIGITS.get(text[at + 1])
        if first is None or second is None or not 0 < first < second <= first + 2:
            continue
        low = _chinese_int(text[:at] + text[at] + text[at + 2 :])
        high = _chinese_int(text[:at] + text[at + 1] + text[at + 2 :])
        if low is not None and high is not None:
            return Decimal(low), Decimal(high), False
    return None


def _chinese_int(text: str) -> int | None:
    if not text:
        return None
    if all(c in DIGITS for c in text):
        if len(text) == 1:
            return DIGITS[text]
        return int(_digit_string(text)) if len(text) >= 2 and "两" not in text else None
    total, section, number, last = 0, 0, 0, 0
    for c in text:
        if c in DIGITS:
            number = DIGITS[c]
        elif c in _SCORES:
            section += _SCORES[c]
            number, last = 0, 10
        elif c in _TENS:
            section += (number or 1) * _TENS[c]
            number, last = 0, _TENS[c]
        elif c in _MYRIADS:
            total = (total + section + number or 1) * _MYRIADS[c]
            section, number, last = 0, 0, _MYRIADS[c]
        else:
            return None
    if number and last >= 100 and text[-2] != "零":
        number *= last // 10  # 一万五 is 15,000, 两百五 is 250
    return total + section + number
