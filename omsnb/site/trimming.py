"""Makes the theme's part of each page small: no icon scripts, no search index on pages that do not search.

The theme ships every icon of Font Awesome twice, as a script of half a megabyte and as a font; a page shows a dozen.
The font is cut down to the icons that the pages and the style sheets name, and the script is left out. The theme's
script also measures every output of a page at once, which lays the whole page out while the reader waits; here it
measures them one by one when the browser is idle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

LINK = re.compile(r'<link rel="stylesheet"[^>]* href="(?P<address>[^"]+)"[^>]*/>\s*')
SCRIPT = re.compile(r'<script(?P<given>[^>]*) src="(?P<address>[^"]+)"(?P<more>[^>]*)></script>\s*')
ICON_SCRIPT = "scripts/fontawesome.js"
SEARCHING = ("searchtools.js", "language_data.js", "searchindex.js")
"""Only the search page uses them; search as you type, which would want them on each page, is off."""

AT_ONCE = "documentation_options.js"
"""The script whose names an inline script uses while the page is read; all others can wait until it is."""

WANTED_BY = (
    (("clipboard.min.js", "copybutton.js", "copybutton.css"), re.compile(r'class="highlight')),
    (
        ("togglebutton.js", "togglebutton.css"),
        re.compile(r'class="(?:[^"]* )?(?:toggle(?:-hidden)?[ "]|admonition[^"]* dropdown[ "]|tag_hide)'),
    ),
    (("design-tabs.js",), re.compile(r'class="[^"]*\bsd-tab')),
)
"""Scripts and style sheets that the extensions add to every page, and the markup without which they do nothing."""

SHEET, FONT = "styles/pydata-sphinx-theme.css", "vendor/fontawesome/webfonts/fa-solid-900.woff2"
THEME_SCRIPT = "scripts/pydata-sphinx-theme.js"
MEASURE = "e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1"
"""What the theme does with each output: the keyboard reaches those that scroll."""

MEASURE_ALL = re.compile(
    r'(document\.querySelectorAll\(\["pre".{0,200}?\.join\(", "\)\))\.forEach\(e=>\{' + re.escape(MEASURE) + r"\}\)"
)
MEASURE_WHEN_IDLE = (
    "{{const q=[...{all}],w=self.requestIdleCallback||(f=>setTimeout(f,20)),"
    "n=()=>{{const e=q.shift();if(e){{{measure};w(n)}}}};w(n)}}"
)
ICON_RULE = re.compile(r'(?:\.fa-[\w-]+:before,?)+\{content:"[^"]+"\}')
ICON_NAME = re.compile(r"\bfa-[a-z0-9-]+")


def trim_page(text: str, page: str) -> str:
    """The page without scripts and style sheets that it does not use, the other scripts waiting until it is read."""
    idle = tuple(name for names, wanted in WANTED_BY if not wanted.search(text) for name in names)

    def kept(found: re.Match[str]) -> str:
        address = found["address"].partition("?")[0]
        if address.endswith((ICON_SCRIPT, *idle)) or (page != "search" and address.endswith(SEARCHING)):
            return ""
        if page == "search" or address.endswith(AT_ONCE) or re.search(r"\b(?:defer|async|type)\b", found[0]):
            return found[0]  # the search's own scripts use the others at once
        return found[0].replace("<script", '<script defer="defer"', 1)

    text = LINK.sub(lambda found: "" if found["address"].partition("?")[0].endswith(idle) else found[0], text)
    return SCRIPT.sub(kept, text)


def trim_assets(app: Sphinx, problem: Exception | None) -> None:
    """Cuts style sheet and font down to the icons in use, and drops the icon script."""
    static = Path(app.outdir) / "_static"
    sheet, font = static / SHEET, static / FONT
    if problem or app.builder.format != "html" or not sheet.is_file():
        return
    used = icons_in(file.read_text(encoding="utf-8") for file in Path(app.outdir).rglob("*.html"))
    text = sheet.read_text(encoding="utf-8")
    kept = ICON_RULE.sub(lambda rule: rule[0] if used & set(ICON_NAME.findall(rule[0])) else "", text)
    if kept == text and ".fa-zip" in text:
        logging.getLogger(__name__).warning("omsnb.site.trimming: the theme names its icons in another way")
    sheet.write_text(kept, encoding="utf-8")
    measure_when_idle(static / THEME_SCRIPT)
    others = [file.read_text(encoding="utf-8") for file in static.glob("**/*.css") if file != sheet]
    _cut(font, {ord(letter) for shown in (kept, *others) for letter in glyphs(shown)})
    for left in static.glob(f"{ICON_SCRIPT}*"):
        left.unlink()


def measure_when_idle(script: Path) -> None:
    """Lets the theme's script measure outputs one by one; warns when a new theme does it in words not known here."""
    text = script.read_text(encoding="utf-8")
    mended, count = MEASURE_ALL.subn(
        lambda found: MEASURE_WHEN_IDLE.format(all=found[1], measure=MEASURE), text
    )
    if not count and "q.shift()" not in text:
        logging.getLogger(__name__).warning("omsnb.site.trimming: the theme measures outputs in another way")
    script.write_text(mended, encoding="utf-8")


def icons_in(pages: Iterable[str]) -> set[str]:
    """Classes of the icons that pages name."""
    return {name for text in pages for name in ICON_NAME.findall(text)}


def glyphs(sheet: str) -> set[str]:
    """Letters of an icon font that a style sheet names: those of Unicode's private area, as such or escaped."""
    escaped = {chr(int(digits, 16)) for digits in re.findall(r"\\([ef][0-9a-f]{3})\b", sheet)}
    return escaped | set(re.findall("[\ue000-\uf8ff]", sheet))


def _cut(font: Path, letters: set[int]) -> None:
    from fontTools import subset

    options = subset.Options(flavor="woff2", notdef_outline=True)
    opened = subset.load_font(str(font), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters)
    cutter.subset(opened)
    subset.save_font(opened, str(font), options)


def setup(app: Sphinx) -> None:
    """Connects to the end of a build, after all pages were mended."""
    app.connect("build-finished", trim_assets, priority=900)
