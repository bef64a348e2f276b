"""Which modifier lifts a pair: 25 or 57 for a visit and never 59; 59 or X elsewhere, on either code."""

from __future__ import annotations

import pytest

from omsnb.claim_tables import CodePair, code_pairs
from omsnb.edit_rules import code_set
from omsnb.pair_modifiers import lifted_by, pair_modifiers
from omsnb.site.code_checks import checks_of


def pair(first: str, second: str) -> CodePair:
    return code_pairs()[first, second]


@pytest.mark.parametrize(
    ("first", "second", "modifiers"),
    [
        ("21085", "99213", ("25",)),  # a visit beside a splint, 10 days
        ("21198", "99213", ("57",)),  # a visit beside an operation, 90 days
        ("99204", "99213", ("25",)),  # two visits
        ("0559T", "76377", ("59", "XE", "XP", "XS", "XU")),
        ("76377", "76376", ()),
    ],
)
def test_the_modifier_that_lifts_a_pair(first: str, second: str, modifiers: tuple[str, ...]) -> None:
    assert lifted_by(pair(first, second)).modifiers == modifiers


def test_every_pair_has_one_kind_and_every_kind_a_pair() -> None:
    kinds = {lifted_by(entry) for entry in code_pairs().values()}
    assert kinds == set(pair_modifiers())


def test_59_is_never_offered_for_a_visit() -> None:
    for entry in code_pairs().values():
        row = lifted_by(entry)
        if entry.indicator == "1" and {entry.first, entry.second} & code_set("visits"):
            assert not set(row.modifiers) & {"59", "XE", "XP", "XS", "XU"}, entry
            assert "59 does not belong on a visit" in row.says
        elif entry.indicator == "1":
            assert "on either of the two codes" in row.says
        assert all(modifier in row.says for modifier in row.modifiers if modifier.isdigit())


@pytest.mark.parametrize("code", ["21085", "99213", "21198", "76377"])
def test_a_code_page_tells_it(code: str) -> None:
    said = [
        (lifted_by(entry).says, entry.second if entry.first == code else entry.first)
        for entry in code_pairs().values()
        if code in (entry.first, entry.second)
    ]
    page = " ".join(node.astext() for node in checks_of(code))
    assert said and all(text in page and other in page for text, other in said)
    assert "such as 59" not in page
