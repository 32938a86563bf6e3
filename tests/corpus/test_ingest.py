"""Saved pages → articles: what is committed is what the importer makes."""

from pathlib import Path

import pytest

from corpus.ingest import IngestError, ingest, load_imports
from corpus.load import article_toml, packaged_root

PAGES = Path(__file__).parent.parent / "fixtures" / "pages"
IMPORTS = load_imports(packaged_root() / "imports.toml")


def articles_of(name: str):
    return ingest((PAGES / name).read_text(encoding="utf-8"), IMPORTS)


def test_the_raw_pages_give_the_committed_files_byte_for_byte():
    made = {}
    for name in ("tt123.txt", "xiaochuan.txt"):
        for article in articles_of(name):
            made[f"{article.id}.txt"] = article.text
            made[f"{article.id}.toml"] = article_toml(article)
    folder = packaged_root() / "articles"
    committed = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert made == committed


def test_the_second_copy_of_the_article_is_dropped():
    text = articles_of("tt123.txt")[0].text
    assert text.count("某内部人士表示") == 1


def test_page_furniture_is_no_text():
    text = "".join(
        article.text for name in ("tt123.txt", "xiaochuan.txt") for article in articles_of(name)
    )
    for furniture in ("扫码添加", "免责声明", "回顶部", "转载请注明", "再推新功能", "首页"):
        assert furniture not in text


def test_each_brief_comes_once_and_says_when_it_is_only_a_teaser():
    briefs = articles_of("tt123.txt")[1:]
    assert len({brief.title for brief in briefs}) == len(briefs) == 8
    assert {brief.id for brief in briefs if brief.teaser_only} == {
        "brief-y2k-camera",
        "brief-ugreen-3c",
        "brief-photo-cart",
    }
    assert all(brief.text.startswith(brief.title + "\n") for brief in briefs)


def test_what_the_page_knows_of_its_article():
    main = articles_of("tt123.txt")[0]
    assert (main.published, main.author, main.url) == ("2026-01-18", "TK观察", None)
    spun = articles_of("xiaochuan.txt")[0]
    assert (spun.published, spun.author) == (None, None)
    assert spun.url == "https://www.jinhanchuan.com/252782.html"


def test_spun_words_and_half_width_punctuation_stay_as_they_are():
    text = articles_of("xiaochuan.txt")[0].text
    assert "再说说还是退了" in text
    assert "欧罗巴联盟" in text
    assert "后来啊呢?" in text


def test_a_page_of_an_unknown_site_is_refused_with_the_way_out():
    with pytest.raises(IngestError, match=r"imports\.toml"):
        ingest("随便一段文字\n没有网站\n", IMPORTS)


def test_a_page_of_nothing_but_furniture_is_refused():
    with pytest.raises(IngestError, match="没有正文"):
        ingest("首页跨境头条文章详情\n648\n免责声明\n", IMPORTS)
