"""A check → the messages about it: the notice, the evidence, the card for administrators.

A notice speaks of the claim: what figure it is about, at what value, and what the source says.  The
poster's words are in Telegram's own quote alone, so that no name in them is repeated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.store.moderation import Case
from bot.telegram.effects import Keyboard
from bot.telegram.keyboards import button
from bot.telegram.render import article_line
from bot.telegram.text import Rendered, TextBuilder, cut_at_sentence, cut_hard, utf16_len
from bot.telegram.wording import say
from corpus.article import Article
from corpus.ledger import Ledger

LIMIT_UNITS: Final = 600
ALERT_UNITS: Final = 200
_HEAD: Final = 110
_SOURCE: Final = 90
_WHY: Final = 110
_WEAK: Final = 90
_FOOT: Final = 50
_SAID: Final = 1200

Finding = Mapping[str, Any]
Articles = Mapping[str, Article]


class Library:
    """What rendering looks up: rows by figure, articles by id."""

    __slots__ = ("articles", "ledger")

    def __init__(self, ledger: Ledger, articles: Articles) -> None:
        self.ledger = ledger
        self.articles = articles

    def matter(self, figure: str | None) -> dict[str, str]:
        """Subject and metric of a figure, for a sentence; empty where there is no row."""
        if figure is None or figure not in self.ledger:
            return {"subject": "", "metric": ""}
        row = self.ledger[figure]
        return {"subject": row.subject, "metric": row.metric}

    def label(self, figure: str | None) -> str:
        """A figure's name for people."""
        return "".join(self.matter(figure).values()) or figure or say("verdict.unsupported")

    def source(self, finding: Finding) -> Rendered:
        """Where the finding's quote stands, with its date; short enough for a line."""
        line = article_line(finding["article"], finding["published"], self.articles)
        if line.units <= _SOURCE:
            return line
        date = finding["published"] or say("answer.undated")
        article = self.articles.get(finding["article"] or "")
        title = cut_hard(article.title if article else "", _SOURCE - 30)
        return Rendered(f"——《{title}》 · {date}")

    def weakness(self, finding: Finding) -> str:
        """The first of what weakens the finding's source."""
        caveats = [caveat["text"] for caveat in finding["caveats"]]
        figure = finding["figure"]
        if not caveats and figure is not None and figure in self.ledger:
            caveats = [caveat.text for caveat in self.ledger[figure].caveats]
        return str(caveats[0]) if caveats else ""


def leading(findings: Sequence[Finding], verdict: str) -> Finding:
    """The finding that a notice is about: the first of the post's own verdict."""
    return next(finding for finding in findings if finding["verdict"] == verdict)


def render_notice(
    check: Mapping[str, Any],
    library: Library,
    *,
    echo: int = 0,
    across: bool = False,
    stale: bool = False,
) -> Rendered:
    """At most six lines and 600 units, whatever the post was."""
    verdict = str(check["verdict"])
    finding = leading(check["findings"], verdict)
    same = sum(other["verdict"] == verdict for other in check["findings"])
    head = say(
        "g.notice.head", verdict=say(f"verdict.{verdict}"), **library.matter(finding["figure"])
    )
    more = say("g.notice.more", n=str(same - 1)) if same > 1 else ""
    text = TextBuilder().line(cut_hard(head.rstrip("："), _HEAD - utf16_len(more)) + more, "bold")
    foot = _foot(check, echo=echo, across=across, stale=stale)
    if not finding["quote"]:
        return text.line(say("g.notice.unsupported")).line(foot).build()
    tail = TextBuilder().extend(library.source(finding)).line()
    tail.line(cut_hard(_why(finding, verdict), _WHY))
    weakness = library.weakness(finding)
    if weakness:
        tail.line(cut_hard(say("g.notice.weak", caveat=weakness), _WEAK))
    end = tail.line(foot).build()
    return _with_quote(text, str(finding["quote"]), end).build()


def _with_quote(text: TextBuilder, quote: str, end: Rendered) -> TextBuilder:
    """One line of the quote, cut at a sentence's end where it is too long."""
    room = LIMIT_UNITS - text.units - end.units - 8
    line = quote.partition("\n")[0]
    part = cut_at_sentence(line, room) or _cut_at_clause(line, room)
    text.quote(part)
    if part != quote:
        text.add(say("answer.cut"))
    return text.extend(end)


def _cut_at_clause(quote: str, room: int) -> str:
    """A run of a sentence that is longer than the room, up to its last comma in it."""
    head = cut_hard(quote, room)[:-1]
    ends = [index for index, char in enumerate(head) if char in ",，、;；"]
    return head[: ends[-1]] if ends else head


def _why(finding: Finding, verdict: str) -> str:
    if finding["explanation"] and finding["text"] not in finding["explanation"]:
        return " ".join(str(finding["explanation"]).split())
    kind = "why" if verdict == "conflict" else "soft_why"
    if finding["claimed"] and finding["known"]:
        return say(f"g.notice.{kind}", claimed=finding["claimed"], known=finding["known"])
    kind = "why_known" if verdict == "conflict" else "soft_known"
    return say(f"g.notice.{kind}", known=finding["known"] or "")


def _foot(check: Mapping[str, Any], *, echo: int, across: bool, stale: bool) -> str:
    foot = say("g.notice.foot", id=str(check["receipt"]))
    if echo > 1:
        foot += say(f"g.notice.{'echo_across' if across else 'echo'}", n=str(echo))
    if stale:
        foot += say("g.notice.stale")
    return cut_hard(foot, _FOOT)


def notice_keyboard(case_id: str, *, appeal: bool) -> Keyboard:
    """看证据, 我要申诉 (not for a channel), 误判."""
    row = [button(say("g.button.evidence"), "ge", case_id)]
    if appeal:
        row.append(button(say("g.button.appeal"), "ga", case_id))
    return [[*row, button(say("g.button.wrong"), "gw", case_id)]]


def render_alert(findings: Sequence[Finding], verdict: str, library: Library) -> str:
    """The whole quote with its source, for a private alert; empty if it is too long for one."""
    finding = leading(findings, verdict)
    if not finding["quote"]:
        return say("g.evidence.none")
    date = finding["published"] or say("answer.undated")
    article = library.articles.get(finding["article"] or "")
    title = f"《{article.title}》" if article else ""
    text = f"{finding['quote']}\n——{title}{date}"
    return text if utf16_len(text) <= ALERT_UNITS else ""


def collected_text(cases: Sequence[Case], minutes: int, library: Library) -> Rendered:
    """One notice for deletions that had none of their own; at most six lines."""
    numbers: dict[str, int] = {}
    for case in cases:
        label = library.label(case.figures[0] if case.figures else None)
        numbers[label] = numbers.get(label, 0) + 1
    head = say("g.collected.head", minutes=str(max(minutes, 1)), n=str(len(cases)))
    text = TextBuilder().line(head, "bold")
    for label, count in sorted(numbers.items(), key=lambda item: -item[1])[:4]:
        text.line(say("g.collected.line", label=cut_hard(label, 60), n=str(count)))
    return text.line(say("g.collected.foot")).build()


def render_card(
    case: Case,
    check: Mapping[str, Any] | None,
    library: Library,
    *,
    title: str,
    kind: str,
) -> Rendered:
    """What administrators see of a case: verdict, span, evidence, what was done, how it ended."""
    name = case.name or say("g.restore.member", id=str(case.sender_id))
    text = TextBuilder().line(
        f"{say(f'g.card.{kind}')}　{say('g.notice.foot', id=case.id)}", "bold"
    )
    text.line(say("g.card.who", title=cut_hard(title, 60), name=name))
    if case.text:
        text.line(say("g.card.said"), "bold").quote(cut_hard(case.text, _SAID), expandable=True)
    for finding in check["findings"] if check else []:
        if finding["verdict"] != case.verdict:
            continue
        matter = library.matter(finding["figure"])
        verdict = say(f"verdict.{finding['verdict']}")
        text.line(say("g.card.verdict", verdict=verdict, **matter).rstrip("："), "bold")
        if finding["quote"] and text.units < 2800:
            text.quote(cut_hard(str(finding["quote"]), 500)).extend(library.source(finding)).line()
            text.line(_why(finding, case.verdict))
    text.line(say("g.card.outcome", action=outcome(case)))
    if case.state in ("upheld", "reversed", "corrected"):
        text.line(say(f"g.card.{case.state}", name=case.settled_name or str(case.settled_by or "")))
    return text.build()


def outcome(case: Case) -> str:
    """What was done, and what kept it from being more."""
    said = say(f"g.action.{case.action}")
    if case.punish:
        said += "、" + say(f"g.action.{case.punish}")
    return said + (say(f"g.reason.{case.reason}") if case.reason in _TOLD_REASONS else "")


_TOLD_REASONS: Final = frozenset(
    {"limit", "paused", "stale", "forward", "no_right", "disarmed", "late", "noticed"}
)


def card_keyboard(case: Case) -> Keyboard:
    """维持 and 撤销 while it is open; 撤销 alone once it was upheld."""
    reverse = button(say("g.button.reverse"), "gr", case.id)
    if case.state in ("reversed", "corrected"):
        return []
    if case.state == "upheld":
        return [[reverse]]
    return [[button(say("g.button.uphold"), "gu", case.id), reverse]]
