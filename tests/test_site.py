"""The book's Sphinx pieces, on a small book of their own; the whole book is tested in ``browser/``."""

from __future__ import annotations

import gzip
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pydata_sphinx_theme
import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from omsnb import code_case
from omsnb.exercises import make_exam
from omsnb.site import freshness, serve
from omsnb.site.case_table import MENU
from omsnb.site.decision_table import units_in_words
from omsnb.site.figures import DRAWINGS
from omsnb.site.linking import link_terms
from omsnb.site.reference import MAKERS
from omsnb.site.serve import HEADERS
from omsnb.site.trimming import THEME_SCRIPT, glyphs, icons_in, measure_when_idle, trim_page
from omsnb.tables import cases, codes, discrepancies, guidance, sections, tables
from omsnb.tables.book_tables import glossary

Build = Callable[[str], tuple[str, str]]
CONF = """
extensions = ["myst_parser", "omsnb.site"]
html_theme = "basic"
suppress_warnings = ["ref.doc"]
smartquotes = False
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Builds one page, and gives its HTML and the warnings."""
    # The theme of this small book writes none of what is mended, and it has no notebooks.
    monkeypatch.setattr("omsnb.site.finish.MENDS", ())

    def run(text: str) -> tuple[str, str]:
        source, target = tmp_path / "source", tmp_path / "html"
        source.mkdir()
        (source / "conf.py").write_text(CONF)
        (source / "index.md").write_text(text, encoding="utf-8")
        warnings = StringIO()
        with patch_docutils(str(source)), docutils_namespace():
            app = Sphinx(
                str(source), str(source), str(target), str(tmp_path / "trees"), "html",
                confoverrides={"nitpicky": True}, status=None, warning=warnings,
            )  # fmt: skip
            app.build()
        return (target / "index.html").read_text(encoding="utf-8"), warnings.getvalue()

    return run


def everything(*directives: str) -> str:
    """A page that holds the reference tables the links lead to, and these directives."""
    reference = ["codes", "guidance", "sources", "discrepancies"]
    shown = [f"{{reference-table}} {name}" for name in reference]
    shown += [f"{{decision-table}} {name}" for name in tables()]
    return "# Page\n\n" + "\n\n".join(f"```{entry}\n```" for entry in (*shown, *directives))


def unexpected(warnings: str) -> list[str]:
    """Warnings other than those of pages that this small book lacks."""
    return [line for line in warnings.splitlines() if line.strip() and "unknown document" not in line]


def test_every_decision_table_and_reference_table_is_shown(build: Build) -> None:
    more = [f"{{reference-table}} {name}" for name in (*MAKERS, "glossary")]
    text = (
        everything() + "\n\n" + "\n\n".join(f"```{entry}\n```" for entry in more if entry not in everything())
    )
    page, warnings = build(text)
    assert unexpected(warnings) == []
    for table in tables().values():
        assert f'id="table-{table.name}"' in page
        for row in table.rows:
            assert f'id="{table.name}-{row.number}"' in page
    for code in codes():
        assert f'id="code-{code}"' in page
    for id in guidance():
        assert f'id="guidance-{id}"' in page
    for id in discrepancies():
        assert f'id="discrepancy-{id}"' in page


def test_every_drawing_has_a_title_and_a_description_and_codes_from_the_data(build: Build) -> None:
    page, warnings = build(everything(*(f"{{drawing}} {name}" for name in DRAWINGS)))
    assert unexpected(warnings) == []
    for name in DRAWINGS:
        assert f'<title id="drawing-{name}-title">' in page and f'<desc id="drawing-{name}-description">' in page
    tree = re.sub(r"<[^>]+>", "", page[page.index('id="drawing-splint-tree"') :])[:4000]
    for row in tables()["splint"].rows:
        if row.report:
            assert row.report in tree


def test_a_quiz_reads_without_a_script(build: Build) -> None:
    page, warnings = build(everything("{quiz}\n:seed: 7\n:count: 12"))
    assert unexpected(warnings) == []
    shown = page[page.index('class="quiz"') :]
    made = make_exam(7, 12)
    assert shown.count('data-right="yes"') == shown.count("quiz-solution") == 12
    assert shown.count("<li data-right=") == sum(len(entry.choices) for entry in made)
    assert 'src="_static/quiz.js' in page


def test_cases_stand_side_by_side(build: Build) -> None:
    page, _ = build(everything("{case-comparison} narrative"))
    assert all(case.title in page for case in cases().values())
    table = page[page.index("The seven cases, from their stories alone") :]
    tmj = table[table.index("Joint replacement") :].split("</tr>")[0]
    sheet = code_case("tmj", reading="narrative")
    scan = next(row for row in sheet.rows if row.service == "volume-scan")
    # the story tells of no report, which leaves a menu too long for a cell; it is counted there
    assert len(scan.alternatives) > MENU and f"open: {len(scan.alternatives)} lines" in tmj
    # the story has a medical CT, so the cone-beam code of the printed list is not here
    assert "D0368" not in tmj and "D0368" not in {way.code for way in scan.alternatives}


def test_tables_can_be_read_without_eyes_and_without_a_mouse(build: Build) -> None:
    page, _ = build(everything())
    found = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(found) > len(tables())
    for table in found:
        assert re.search(r"<caption>[^<]", table)
        assert re.findall(r"<th(?![^>]*scope=)[ >]", table) == []
    assert len(
        re.findall(r'<div class="wide" role="region" aria-label="[^"]+" tabindex="0"><table', page)
    ) == len(found)


def test_roles_link_to_the_row(build: Build) -> None:
    code = next(iter(codes()))
    page, warnings = build(everything() + f"\n\nSee {{code}}`{code}` and {{code}}`{code}-26`.\n")
    assert unexpected(warnings) == []
    assert f'href="#code-{code}" title="{codes()[code].system}: ' in page
    assert '<span class="code-modifier">-26</span>' in page


def test_a_range_links_to_both_ends(build: Build) -> None:
    first, last = list(codes())[:2]
    page, warnings = build(everything() + f"\n\nSee {{code}}`{first}-{last}`.\n")
    assert unexpected(warnings) == []
    shown = page[page.rindex('class="code-range"') :]
    assert f'href="#code-{first}"' in shown
    assert f'href="#code-{last}"' in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{code}`00000`", "code '00000' is not in data/codes.csv"),
        ("{code}`{FIRST}-00000`", "code '00000' is not in data/codes.csv"),
        ("{code}`{FIRST}-1-2`", "is neither a code, a code with modifiers, nor a range"),
        ("{guidance}`nowhere-01`", "guidance 'nowhere-01' is not in data/guidance.csv"),
        ("```{decision-table} no-such\n```", "decision table 'no-such' is not in data/decisions.csv"),
        ("```{discrepancy} no-such\n```", "discrepancy 'no-such' is not in data/discrepancies.csv"),
        ("```{drawing} no-such\n```", "drawing 'no-such' is not known; allowed: workflow, "),
        ("```{case-comparison} no-such\n```", "case comparison 'no-such' is not known; allowed: paper, narrative"),
        ("```{quiz}\n:chapters: X\n```", "quiz: chapter: 'X' is not known; allowed: I, "),
        ("```{reference-table} no-such\n```", "reference table 'no-such' is not known; allowed: codes, "),
    ],
)
def test_a_wrong_name_is_a_warning(build: Build, text: str, said: str) -> None:
    _, warnings = build("# Page\n\n" + text.replace("{FIRST}", next(iter(codes()))))
    assert said in warnings


def test_a_link_to_what_no_page_shows_is_a_warning(build: Build) -> None:
    code = next(iter(codes()))
    _, warnings = build(f"# Page\n\n{{code}}`{code}`\n")
    assert f"reference target not found: {code}" in warnings


def test_a_page_has_a_description_and_no_foreign_address(build: Build) -> None:
    page, _ = build('# Page\n\nFirst <"words"> & more.\n\nSecond.\n')
    assert '<meta name="description" content="First &lt;&quot;words&quot;&gt; &amp; more." />' in page


def test_the_books_own_styles_stay_small() -> None:
    sheet = Path(__file__).parent.parent / "book/_static/omsnb.css"
    assert len(sheet.read_text(encoding="utf-8").splitlines()) <= 300


def test_a_page_keeps_the_scripts_it_uses() -> None:
    given = "".join(
        f'<script src="../_static/{name}?v=1"></script>'
        for name in ("documentation_options.js", "doctools.js", "scripts/fontawesome.js", "searchtools.js", "quiz.js")
    )
    at_once = {"book/index": ["documentation_options.js"]}
    at_once["search"] = ["documentation_options.js", "doctools.js", "searchtools.js", "quiz.js"]
    for page, wanted in at_once.items():
        trimmed = trim_page(given, page)
        found = re.findall(r'<script( defer="defer")? src="../_static/([^?]+)', trimmed)
        assert [name for defer, name in found if not defer] == wanted
        assert {"doctools.js", "quiz.js"} < {name for _, name in found} and "fontawesome" not in trimmed
        assert trim_page(trimmed, page) == trimmed


def test_scripts_of_extensions_stay_where_their_markup_is() -> None:
    given = '<link rel="stylesheet" type="text/css" href="_static/copybutton.css?v=1" /><script src="_static/copybutton.js?v=1"></script>'
    assert trim_page(f"{given}<p>text</p>", "book/index") == "<p>text</p>"
    assert trim_page(f'{given}<div class="highlight-python">x</div>', "book/index").count("copybutton") == 2
    toggles = '<script src="_static/togglebutton.js"></script>'
    for markup, stays in (
        ('class="sidebar-toggle"', False), ('class="admonition note dropdown"', True), ('class="toggle docutils"', True),
    ):  # fmt: skip
        assert ("togglebutton" in trim_page(f"{toggles}<p {markup}>", "book/index")) == stays


def test_the_theme_measures_outputs_when_idle_and_a_theme_not_known_warns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    shipped = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static" / THEME_SCRIPT
    script = tmp_path / "theme.js"
    script.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    measure_when_idle(script)
    mended = script.read_text(encoding="utf-8")
    assert "requestIdleCallback" in mended and "requestIdleCallback" not in shipped.read_text(encoding="utf-8")
    measure_when_idle(script)
    assert script.read_text(encoding="utf-8") == mended and not caplog.records
    script.write_text('document.querySelectorAll("pre").forEach(measure)', encoding="utf-8")
    measure_when_idle(script)
    assert "measures outputs in another way" in caplog.text


def test_icons_are_found_in_pages_and_sheets() -> None:
    assert icons_in(['<i class="fa-solid fa-bars"></i>']) == {"fa-solid", "fa-bars"}
    assert glyphs('.a{content:"\\f0c9"}.b{content:"\uf107"}.c{content:"x"}') == {"\uf0c9", "\uf107"}


def test_units_in_words() -> None:
    assert units_in_words("1") == "1 unit"
    assert units_in_words("2") == "2 units"
    assert units_in_words("per 15 from 75") == "1 unit at 75 minutes, 1 more for each further 15"


def test_terms_are_linked_once_and_not_where_they_stand_otherwise() -> None:
    where = {"global period": "g#1", "MUE": "g#2", "E/M": "g#3"}
    page = (
        "<article><h1>MUE</h1><table><tr><td><p>MUE</p></td></tr></table><p><a href='x'>MUE</a> and mue and MUE-like, "
        "then MUE &amp; MUE.</p><p>Global periods</p><p>E/M</p></article><p>MUE</p>"
    )
    linked = link_terms(page, where)
    assert re.findall(r'data-term="([^"]+)" href="([^"]+)">([^<]+)<', linked) == [
        ("MUE", "g#2", "MUE"), ("global period", "g#1", "Global periods"), ("E/M", "g#3", "E/M"),
    ]  # fmt: skip
    assert "then <a" in linked
    assert link_terms(linked, where) == linked


def test_glossary_is_whole() -> None:
    assert len(glossary()) >= 30
    for term in glossary().values():
        assert term.definition.endswith(".")


def test_every_section_names_a_page_of_the_contents() -> None:
    contents = (Path(__file__).parent.parent / "_toc.yml").read_text(encoding="utf-8")
    pages = re.findall(r"(?:file|root): (\S+)", contents)
    assert {section.page for section in sections().values()} <= set(pages)


def test_the_cache_is_emptied_when_the_data_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Config:
        nb_execution_cache_path = str(tmp_path / "cache")

    class App:
        config = Config()
        outdir = str(tmp_path / "html")

    app: Sphinx = App()  # type: ignore[assignment]
    freshness.empty_stale_cache(app)
    output = tmp_path / "cache" / "output.txt"
    output.write_text("kept")
    freshness.empty_stale_cache(app)
    assert output.is_file()
    monkeypatch.setattr(freshness, "digest", lambda: "changed")
    freshness.empty_stale_cache(app)
    assert not output.exists()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a small served folder."""
    (tmp_path / "index.html").write_text("<p>here</p>")
    (tmp_path / "404.html").write_text("<p>not here</p>")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "style.css").write_text("p {}")
    server = serve.open_server(tmp_path, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{serve.HOST}:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_server_sends_strict_headers(address: str) -> None:
    with urllib.request.urlopen(f"{address}/index.html") as answer:
        for name, value in serve.HEADERS.items():
            assert answer.headers[name] == value
    with urllib.request.urlopen(f"{address}/folder/style.css") as answer:
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"


def test_server_squeezes_text_and_keeps_what_is_stamped(address: str, tmp_path: Path) -> None:
    text = "p { color: red }\n" * 200
    (tmp_path / "long.css").write_text(text)
    ask = urllib.request.Request(f"{address}/long.css?v=1a2b", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(ask) as answer:
        body = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip" and len(body) < 400
        assert gzip.decompress(body).decode() == text
        assert "immutable" in answer.headers["Cache-Control"]
        day = answer.headers["Last-Modified"]
    with urllib.request.urlopen(f"{address}/long.css") as answer:
        assert answer.headers["Content-Encoding"] is None and answer.read().decode() == text
        assert answer.headers["Cache-Control"] == "no-cache"
    again = urllib.request.Request(
        f"{address}/long.css", headers={"Accept-Encoding": "gzip", "If-Modified-Since": day}
    )
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        urllib.request.urlopen(again)
    assert unchanged.value.code == 304


@pytest.mark.parametrize(
    "path", ["/no-such.html", "/folder/", "/../pyproject.toml", "/%2e%2e/pyproject.toml"]
)
def test_server_shows_its_own_page_for_what_is_not_there(address: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as problem:
        urllib.request.urlopen(address + path)
    assert problem.value.code == 404
    assert problem.value.read() == b"<p>not here</p>"


def test_server_takes_no_posts(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as problem:
        urllib.request.urlopen(address, data=b"x")
    assert problem.value.code == 501


def test_server_takes_the_next_free_port(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    with serve.open_server(tmp_path, 0) as first:
        taken = first.server_address[1]
        with serve.open_server(tmp_path, taken) as second:
            assert second.server_address[1] > taken


def test_server_says_why_it_cannot_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert serve.main([str(tmp_path)]) == 1
    assert "holds no index.html; build the book first" in capsys.readouterr().err


def test_the_recipe_for_a_host_names_the_policy_that_the_pages_are_tested_under() -> None:
    text = (Path(__file__).resolve().parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert text.count(f'add_header Content-Security-Policy "{HEADERS["Content-Security-Policy"]}";') == 2
    assert text.count("add_header Content-Security-Policy") == 2
