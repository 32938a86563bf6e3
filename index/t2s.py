"""Writes ``index/data/t2s.txt``, the traditional → simplified table, from OpenCC's characters.

Run ``python -m index.t2s`` (needs the ``dev`` extra) after OpenCC has learnt new characters.
Nothing imports this at run time: a table of characters costs half a millisecond, OpenCC fourteen.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

# Where OpenCC keeps a character because only some of its words change, a search wants the commoner
# reading on both sides: 瞭解 → 了解 (瞭望 is rare), 藉口 → 借口, 妳 → 你.  著 has a rule of its own
# in `index.normalise`, for 看著 and 顯著 are both common.
OVERRIDES = dict(zip("妳牠祂瞭藉祇姪砲囘犇", "你它它了借只侄炮回奔", strict=True))

_BLOCKS = ((0x2E80, 0xA000), (0xF900, 0xFB00), (0x20000, 0x33480))
_PER_LINE = 16
_HEADER = "# 繁体字与简体字，成对写在一起；由 python -m index.t2s 生成，请勿手改。\n"


def pairs() -> dict[str, str]:
    """Every character that OpenCC's t2s (or OVERRIDES) changes → its simplified form, closed."""
    from opencc import OpenCC

    convert = OpenCC("t2s").convert
    table: dict[str, str] = {}
    for low, high in _BLOCKS:
        for char in map(chr, range(low, high)):
            simple = OVERRIDES.get(char) or convert(char)
            if simple != char and unicodedata.normalize("NFKC", char) == char:
                table[char] = simple
    return {char: table.get(simple, simple) for char, simple in table.items()}


def render(table: dict[str, str]) -> str:
    """The data file's text: sixteen pairs on a line, by code point."""
    cells = [char + simple for char, simple in sorted(table.items())]
    lines = [" ".join(cells[i : i + _PER_LINE]) for i in range(0, len(cells), _PER_LINE)]
    return _HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    path = Path(__file__).parent / "data" / "t2s.txt"
    path.write_text(render(pairs()), encoding="utf-8")
