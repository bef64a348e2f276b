"""``decide``: which rows of a decision table the known facts allow, what to ask next, and why.

A fact may be known, narrowed to some values, or open. A fact that another table settles (``billed`` from who took
and read an image, ``rendering_reported`` from the rendering decision) is worked out from that table unless it is
given: the tables form a requirement graph, as in DMN. The day of the service (``on``) is one more fact: a row's life
is a condition on it, and where it is not given the edition's day stands for it. Nothing else in the package chooses a
code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from omsnb.answers import day_of, default_day, read_answers, words
from omsnb.network import settling_tables
from omsnb.plans import MOST_KEPT, Plan, plan_of, representatives
from omsnb.records import DAY, Allowed, Row, Table
from omsnb.tables import facts, guidance, sources, tables


class Reason(NamedTuple):
    """Why a row fell away: the fact, what it may be, and what the row wanted."""

    fact: str
    given: Allowed
    wanted: Allowed

    def __str__(self) -> str:
        fact = facts()[self.fact]
        return f"{self.fact} is {words(fact, self.given)}; the row wants {words(fact, self.wanted)}"


class Fallen(NamedTuple):
    """A row that the facts ruled out, with every fact that did so."""

    row: Row
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A fact still open that decides between the rows left."""

    fact: str
    text: str
    answers: tuple[str, ...]
    left: int
    """Outcomes left now."""
    expected: float
    """Outcomes left on average once it is answered."""

    @property
    def gain(self) -> float:
        """By how many outcomes an answer narrows on average."""
        return self.left - self.expected


class Decision:
    """The answer of a table: rows left, rows fallen, questions that still separate the rows left.

    Everything but the rows left is worked out when it is asked for, and then kept.
    """

    __slots__ = ("__dict__", "_alive", "_answers", "_known", "_plan")

    def __init__(
        self,
        plan: Plan,
        answers: Mapping[str, object],
        alive: list[int],
        known: Mapping[str, int],
        given: Mapping[str, Allowed] | None = None,
    ) -> None:
        self._plan, self._answers, self._alive, self._known = plan, answers, alive, known
        if given is not None:
            self.__dict__["given"] = given

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Decision):
            return NotImplemented
        return self.table == other.table and self.given == other.given

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Decision({self.table.name}, {dict(self.given)})"

    @property
    def table(self) -> Table:
        """The table that was asked."""
        return self._plan.table

    @cached_property
    def given(self) -> Mapping[str, Allowed]:
        """The answers, read; facts left open are not among them."""
        return {fact: self._plan.read[fact][answer] for fact, answer in self._answers.items()}  # type: ignore[index]

    @cached_property
    def state(self) -> Mapping[str, Allowed]:
        """What each required fact may be: as given, else as the settling tables leave it, else anything."""
        days = day_of(self.given.get(DAY))
        found: dict[str, Allowed] = {}
        for fact in self._plan.required:
            if fact in self.given:
                found[fact] = self.given[fact]
            elif fact == DAY:
                found[fact] = default_day()
            else:
                found[fact] = self._plan.concluded(fact, self._alive) or facts()[fact].every_on(days)
        return found

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Rows that the answers allow."""
        return self._plan.rows(self._alive[-1])

    @cached_property
    def fallen(self) -> tuple[Fallen, ...]:
        """Rows that the answers rule out, each with every fact that did so."""
        state = self.state
        key = tuple([state[fact] for fact in self._plan.asks])
        kept = self._plan.fallen
        found = kept.get(key)
        if found is None:
            if len(kept) > MOST_KEPT:
                kept.clear()
            found = kept[key] = tuple(self._fallen())
        return found

    def _fallen(self) -> Iterator[Fallen]:
        state, alive = self.state, self._alive[-1]
        known = {fact: self._plan.bits_of(fact, state[fact]) for fact in self._plan.asks}
        for place, limits in enumerate(self._plan.limits):
            if not alive >> place & 1:
                reasons = [
                    Reason(fact, state[fact], allowed)
                    for fact, allowed, fitting in limits
                    if not fitting & known[fact]
                ]
                yield Fallen(self.table.rows[place], tuple(reasons))

    @property
    def on(self) -> range:
        """The days of the service that the answer is for: as given, else the edition's day."""
        return day_of(self.given.get(DAY))

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the rows left, in the table's order, each once."""
        return tuple(dict.fromkeys(row.report for row in self.rows if row.report))

    @property
    def settled(self) -> bool:
        """Whether one outcome is left."""
        return len({row.outcome for row in self.rows}) == 1

    @property
    def because(self) -> tuple[str, ...]:
        """The reasons of the rows left."""
        return tuple(dict.fromkeys(row.because for row in self.rows))

    @property
    def guidance(self) -> tuple[str, ...]:
        """Ids of the statements that the rows left rest on."""
        return tuple(dict.fromkeys(id for row in self.rows for id in row.guidance))

    @property
    def sources(self) -> tuple[str, ...]:
        """Titles of the sources behind those statements."""
        ledger = guidance()
        return tuple(dict.fromkeys(sources()[ledger[id].source].title for id in self.guidance))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Open facts that still separate the rows left; the one that narrows fastest comes first."""
        return open_questions((self.table,), self.given)

    @cached_property
    def on_the_way(self) -> Mapping[str, Row]:
        """Facts that were not given and that another table settles from the answers, each with the row that does."""
        return dict(_settled(self.table, self.given))

    @property
    def used(self) -> tuple[Row, ...]:
        """The rows behind the answer: those left, and those of other tables that settled a fact on the way."""
        return (*self.rows, *self.on_the_way.values())


def open_questions(asked: Sequence[Table], given: Mapping[str, Allowed]) -> tuple[Question, ...]:
    """Open facts that separate what is left of several tables together; the one that narrows fastest comes first.

    ``asked``: tables whose rows are alternatives of one service. Besides the facts that separate rows within a table,
    a fact in the scope of some of them separates the tables.
    """
    plans = [plan_of(table) for table in asked]
    left = [(plan, *plan.alive(given)) for plan in plans]
    if len(plans) == 1 and left[0][0].count(left[0][1][-1]) < 2:
        return ()
    key = tuple([(plan, *known.items()) for plan, _, known in left])
    kept = plans[0].questions if plans else {}
    found = kept.get(key)
    if found is None:
        if len(kept) > MOST_KEPT:
            kept.clear()
        found = kept[key] = _open_questions(left, given)
    return found


def _open_questions(
    left: Sequence[tuple[Plan, list[int], dict[str, int]]], given: Mapping[str, Allowed]
) -> tuple[Question, ...]:
    plans = [plan for plan, _, _ in left]
    now = len({outcome for plan, alive, _ in left for outcome in plan.left(alive[-1])})
    if now < 2:
        return ()
    live = [(plan, alive, known) for plan, alive, known in left if alive[-1]]
    tables_left = [plan.table for plan, _, _ in live]
    apart = (fact for plan, alive, known in live for fact in plan.separating(alive, known))
    found: dict[str, Question] = {}
    for fact in dict.fromkeys((*_between(tables_left, given), *apart)):
        state = _fact_state(fact, given, left)
        sizes = _sizes(plans, fact, representatives(tables_left, fact, state), given)
        shown = tuple(value for value in facts()[fact].values if value in state)
        found[fact] = Question(fact, facts()[fact].question, shown, now, sum(sizes) / len(sizes))
    order = {fact: place for place, fact in enumerate(f for plan in plans for f in plan.required)}
    return tuple(sorted(found.values(), key=lambda question: (question.expected, order[question.fact])))


def _sizes(
    plans: Sequence[Plan], fact: str, answers: Iterable[Allowed], given: Mapping[str, Allowed]
) -> list[int]:
    """For each answer to a fact, how many outcomes are left of all tables together."""
    begun = [(plan, *plan.start(given, without=fact)) for plan in plans]
    if len(plans) == 1 and fact in plans[0].look:
        return [*_sizes_of_one(*begun[0], fact, answers)]
    sizes = []
    for answer in answers:
        outcomes: set[tuple[object, ...]] = set()
        for plan, start, known in begun:
            alive, told = start[:], known
            if fact in plan.values or fact in plan.spans:
                values, masks = plan.entry(fact, answer)
                told = {**known, fact: values}
                for number, mask in masks:
                    alive[number] &= mask
            outcomes.update(plan.left(plan.close(alive, told)[-1]))
        sizes.append(len(outcomes))
    return sizes


def _sizes_of_one(
    plan: Plan, start: list[int], known: dict[str, int], fact: str, answers: Iterable[Allowed]
) -> Iterator[int]:
    told = dict(known)
    for answer in answers:
        alive = start[:]
        told[fact], masks = plan.entry(fact, answer)
        for number, mask in masks:
            alive[number] &= mask
        yield plan.count(plan.close(alive, told)[-1])


def _fact_state(
    fact: str, given: Mapping[str, Allowed], left: Iterable[tuple[Plan, list[int], object]]
) -> Allowed:
    if fact in given:
        return given[fact]
    if fact == DAY:
        return default_day()
    concluded = (plan.concluded(fact, alive) for plan, alive, _ in left if fact in plan.values)
    return next((found for found in concluded if found), None) or facts()[fact].every_on(
        day_of(given.get(DAY))
    )


def _between(live: Sequence[Table], given: Mapping[str, Allowed]) -> Iterator[str]:
    """Open facts whose answer chooses between tables, such as the scanner or the claim."""
    for fact in dict.fromkeys(fact for table in live for fact in table.scope):
        scopes = {table.scope.get(fact, facts()[fact].every) for table in live}
        if (
            len(scopes) > 1
            and len(_fact_state(fact, given, [(plan, *plan.alive(given)) for plan in map(plan_of, live)])) > 1
        ):
            yield fact


def decide(table: str | Table, **answers: object) -> Decision:
    """Asks one decision table.

    ``table``: a name of ``decisions.csv`` (or a ``Table``). ``answers``: facts by name; a value is one allowed value
    (text, a whole number in the fact's own unit: minutes, years, or for ``on`` a day such as 2026-03-01), several
    (``"ct|cbct"``, ``"60..74"`` or a collection), or ``None``/``"unknown"`` for open. Allowed are the table's own
    conditions, those of the tables that settle them (``requirements``), and the day.

    Returns a ``Decision``. Raises ``ValueError`` for an unknown table, fact or value, naming what is allowed.
    """
    plan = plan_of(find_table(table))
    alive, known = plan.full[:], {}
    try:
        for fact, answer in answers.items():
            if answer.__class__ is bool:  # True is 1 for a dictionary, and "yes" for us
                raise KeyError(answer)
            known[fact], masks = plan.look[fact][answer]  # type: ignore[index]
            for number, mask in masks:
                alive[number] &= mask
    except (
        KeyError,
        TypeError,
    ):  # several values, an open answer, a day, or a mistake: all that has to be read
        return decide_with(plan.table, read_answers(answers, plan.required, f"table {plan.table.name}"))
    known[DAY], masks = plan.today
    for number, mask in masks:
        alive[number] &= mask
    return Decision(plan, answers, plan.close(alive, known), known)


def decide_with(table: Table, given: Mapping[str, Allowed]) -> Decision:
    """``decide`` for answers that ``read_answers`` has read already; facts the table does not ask for are ignored."""
    plan = plan_of(table)
    used = {fact: allowed for fact, allowed in given.items() if fact in plan.look or fact == DAY}
    alive, known = plan.alive(used)
    return Decision(plan, used, alive, known, used)


def find_table(table: str | Table) -> Table:
    """The table of that name; ``ValueError`` names the tables there are."""
    if isinstance(table, Table):
        return table
    if table not in tables():
        raise ValueError(f"table: {table!r} is not known; allowed: {', '.join(tables())}")
    return tables()[table]


def fits(table: Table, given: Mapping[str, Allowed]) -> bool:
    """Whether any row of a table stands with these answers, which ``read_answer`` has read."""
    return bool(plan_of(table).alive(given)[0][-1])


def _settled(table: Table, given: Mapping[str, Allowed]) -> Iterator[tuple[str, Row]]:
    """The one row left behind each fact that the answers settle through other tables; what it rests on comes first."""
    for fact in table.conditions:
        if fact in given:
            continue
        plans = [plan_of(upstream) for upstream in settling_tables(fact)]
        left = [(plan.table, row) for plan in plans for row in plan.rows(plan.alive(given)[0][-1])]
        if len(left) == 1:
            upstream, row = left[0]
            yield from _settled(upstream, given)
            yield fact, row
