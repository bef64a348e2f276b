"""The built pages as files: links, addresses, names of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from omsnb.policies import policies
from omsnb.site.compressing import squeezed
from omsnb.tables import guidance, sources

pytestmark = pytest.mark.book

# Names of vocabularies, not addresses that a page asks.
HARMLESS = re.compile(r"http://www\.w3\.org/\d{4}/\w+|http://127\.0\.0\.1")


@dataclass
class Seen(HTMLParser):
    """Ids, links and the description of a page."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    description: str = ""
    loaded: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    svg: dict[str, str] | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what the tag names."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "meta" and given.get("name") == "description":
            self.description = given["content"]
        self.links += [given[name] for name in ("href", "src") if name in given]
        if "src" in given or (tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload")):
            self.loaded.append(given.get("src") or given["href"])
        if tag == "img" and "alt" not in given:
            self.nameless.append(given.get("src", "img"))
        if tag == "svg":
            self.svg = None if given.get("aria-hidden") == "true" or given.get("aria-label") else given
        if tag == "title":
            self.svg = None

    def handle_endtag(self, tag: str) -> None:
        """A drawing that ends without a title has no name."""
        if tag == "svg" and self.svg is not None:
            self.nameless.append(f"svg {self.svg}")
            self.svg = None

    def handle_data(self, data: str) -> None:
        """Notes the words."""
        self.words.append(data)


@cache
def read(file: Path) -> Seen:
    """Reads one page."""
    seen = Seen()
    seen.feed(file.read_text(encoding="utf-8"))
    return seen


def pages(html: Path) -> Iterator[Path]:
    """All pages of the book, without the theme's own pieces."""
    return (file for file in sorted(html.rglob("*.html")) if "_static" not in file.parts)


def test_every_link_leads_somewhere(html: Path) -> None:
    broken = []
    for file in pages(html):
        for link in read(file).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or file.name == "404.html":
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.is_file():
                broken.append(f"{file.relative_to(html)}: {link}")
            elif parts.fragment.startswith("calculator="):  # an address that starts a calculator with its answers
                name = parts.fragment.removeprefix("calculator=").partition("&")[0]
                if f'data-calculator="{name}"' not in target.read_text(encoding="utf-8"):
                    broken.append(f"{file.relative_to(html)}: {link} (no such calculator on the page)")
            elif (
                parts.fragment
                and target.suffix == ".html"
                and unquote(parts.fragment) not in read(target).ids
            ):
                broken.append(f"{file.relative_to(html)}: {link} (no such place on the page)")
    assert broken == []


def test_every_picture_has_a_name(html: Path) -> None:
    found = {str(file.relative_to(html)): read(file).nameless for file in pages(html)}
    assert {name: nameless for name, nameless in found.items() if nameless} == {}
    assert any("<svg" in file.read_text(encoding="utf-8") for file in pages(html)), "there are drawings to look at"


def test_every_statement_that_a_page_cites_exists(html: Path) -> None:
    stems = sorted({id.rpartition("-")[0] for id in guidance()}, key=len, reverse=True)
    cited = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, stems))})-\d\d(?![\w-])")
    shown: set[str] = set()
    for file in pages(html):
        here = set(cited.findall(" ".join(read(file).words)))
        assert here - set(guidance()) == set(), file
        shown |= here
    assert shown == set(guidance())


def test_no_page_shows_markup_that_was_not_read(html: Path) -> None:
    for file in pages(html):
        # a fence with a backtick in its title, for one, is no fence and stands there as text
        assert re.findall(r"```|:::|\{[a-z-]+\}`?", " ".join(_shown(file))) == [], file


def _shown(file: Path) -> Iterator[str]:
    """The words of a page without its scripts, styles and program text."""
    text = file.read_text(encoding="utf-8")
    yield re.sub(r"<(script|style|pre|code)\b.*?</\1>|<[^>]*>", " ", text, flags=re.S)


def test_every_page_is_light(html: Path) -> None:
    font = (html / "_static/vendor/fontawesome/webfonts/fa-solid-900.woff2").stat().st_size
    assert font < 10_000, "the icon font is cut down to the icons in use"
    for file in pages(html):
        needed = {file, *((file.parent / urlsplit(link).path).resolve() for link in read(file).loaded)}
        if file.name == "404.html":
            continue
        sent = font + sum(len(squeezed(one, "gzip") or one.read_bytes()) for one in needed)
        assert sent <= 400_000, f"{file}: {sent}"


def test_no_page_names_another_host(html: Path) -> None:
    """But for the addresses of sources and positions, which a reader may follow and no page asks by itself."""
    cited = {url for source in sources().values() for url in source.address} | {one.address for one in policies().values()}
    named = {
        f"{file.relative_to(html)}: {address}"
        for file in pages(html)
        for address in re.findall(r"""(?:https?:)?//[\w-]+\.[\w.-]+[^\s"'<>]*""", _without_harmless(file))
        if not any(unescape(address).rstrip(").,;") in url for url in cited)
    }
    assert named == set()


def _without_harmless(file: Path) -> str:
    return HARMLESS.sub("", file.read_text(encoding="utf-8"))


def test_ids_are_unique(html: Path) -> None:
    for file in pages(html):
        ids = read(file).ids
        assert {id for id in ids if ids.count(id) > 1} == set(), file


def test_every_page_of_the_book_describes_itself(html: Path) -> None:
    for file in sorted((html / "book").rglob("*.html")):
        assert 20 <= len(read(file).description) <= 210, file


def test_no_page_says_where_it_was_built(html: Path) -> None:
    for file in pages(html):
        assert not re.search(r"(?<![\w.-])/(?:work|tmp|home|root)/", file.read_text(encoding="utf-8")), file


def test_there_is_a_page_for_what_is_not_there(html: Path) -> None:
    assert "no such page" in (html / "404.html").read_text(encoding="utf-8")
