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
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from omsnb.answers import day_of, default_day, meet, read_answers, words
from omsnb.records import DAY, Allowed, Row, Table
from omsnb.tables import facts, guidance, sources, tables


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row fell away: the fact, what it may be, and what the row wanted."""

    fact: str
    given: Allowed
    wanted: Allowed

    def __str__(self) -> str:
        fact = facts()[self.fact]
        return f"{self.fact} is {words(fact, self.given)}; the row wants {words(fact, self.wanted)}"


@dataclass(frozen=True, slots=True)
class Fallen:
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


@dataclass(frozen=True)
class Decision:
    """The answer of a table: rows left, rows fallen, questions that still separate the rows left."""

    table: Table
    given: Mapping[str, Allowed]
    state: Mapping[str, Allowed]
    rows: tuple[Row, ...]
    fallen: tuple[Fallen, ...]

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
    now = len(_outcomes(asked, given))
    if now < 2:
        return ()
    live = [table for table in asked if _rows_left(table, given)]
    found: dict[str, Question] = {}
    for fact in dict.fromkeys(
        (*_between(live, given), *(f for table in live for f in _separating(table, given)))
    ):
        state = _fact_state(fact, given)
        left = [
            len(_outcomes(asked, {**given, fact: answer})) for answer in representatives(live, fact, state)
        ]
        shown = tuple(value for value in facts()[fact].values if value in state)
        found[fact] = Question(fact, facts()[fact].question, shown, now, sum(left) / len(left))
    order = {fact: place for place, fact in enumerate(f for table in asked for f in requirements(table))}
    return tuple(sorted(found.values(), key=lambda question: (question.expected, order[question.fact])))


def _between(live: Sequence[Table], given: Mapping[str, Allowed]) -> Iterator[str]:
    """Open facts whose answer chooses between tables, such as the scanner or the claim."""
    for fact in dict.fromkeys(fact for table in live for fact in table.scope):
        scopes = {table.scope.get(fact, facts()[fact].every) for table in live}
        if len(scopes) > 1 and len(_fact_state(fact, given)) > 1:
            yield fact


def decide(table: str | Table, **answers: object) -> Decision:
    """Asks one decision table.

    ``table``: a name of ``decisions.csv`` (or a ``Table``). ``answers``: facts by name; a value is one allowed value
    (text, a whole number in the fact's own unit: minutes, years, or for ``on`` a day such as 2026-03-01), several
    (``"ct|cbct"``, ``"60..74"`` or a collection), or ``None``/``"unknown"`` for open. Allowed are the table's own
    conditions, those of the tables that settle them (``requirements``), and the day.

    Returns a ``Decision``. Raises ``ValueError`` for an unknown table, fact or value, naming what is allowed.
    """
    chosen = find_table(table)
    given = read_answers(answers, requirements(chosen), f"table {chosen.name}")
    return decide_with(chosen, given)


def decide_with(table: Table, given: Mapping[str, Allowed]) -> Decision:
    """``decide`` for answers that ``read_answers`` has read already; facts the table does not ask for are ignored."""
    wanted = requirements(table)
    used = {fact: allowed for fact, allowed in given.items() if fact in wanted or fact == DAY}
    state = _state(table, used)
    rows, fallen = [], []
    for row in table.rows:
        reasons = tuple(
            Reason(fact, state[fact], allowed)
            for fact, allowed in row.conditions.items()
            if not meet(allowed, state[fact])
        )
        if reasons:
            fallen.append(Fallen(row, reasons))
        else:
            rows.append(row)
    return Decision(table, used, state, tuple(rows), tuple(fallen))


def find_table(table: str | Table) -> Table:
    """The table of that name; ``ValueError`` names the tables there are."""
    if isinstance(table, Table):
        return table
    if table not in tables():
        raise ValueError(f"table: {table!r} is not known; allowed: {', '.join(tables())}")
    return tables()[table]


def fits(table: Table, given: Mapping[str, Allowed]) -> bool:
    """Whether any row of a table stands with these answers, which ``read_answer`` has read."""
    return bool(_rows_left(table, given))


@cache
def _settling() -> Mapping[str, tuple[Table, ...]]:
    found: dict[str, list[Table]] = {}
    for table in tables().values():
        for fact in table.concludes:
            found.setdefault(fact, []).append(table)
    return {fact: tuple(settling) for fact, settling in found.items()}


def settling_tables(fact: str) -> tuple[Table, ...]:
    """Tables whose rows settle this fact for others."""
    return _settling().get(fact, ())


@cache
def _requirements(name: str) -> tuple[str, ...]:
    return tuple(_walk(tables()[name], frozenset()))


def requirements(table: Table) -> tuple[str, ...]:
    """Every fact that can bear on the table: its conditions, and those of the tables that settle them."""
    return (
        _requirements(table.name) if tables().get(table.name) is table else tuple(_walk(table, frozenset()))
    )


def _walk(table: Table, seen: frozenset[str]) -> Iterator[str]:
    found: dict[str, None] = {}
    for fact in table.conditions:
        found[fact] = None
        if facts()[fact].dated:
            found[DAY] = None
        for upstream in settling_tables(fact):
            if upstream.name in seen or upstream.name == table.name:
                raise ValueError(f"table {table.name}: the requirement graph has a circle at {fact}")
            found.update(dict.fromkeys(_walk(upstream, seen | {table.name})))
    yield from found


def _state(table: Table, given: Mapping[str, Allowed]) -> dict[str, Allowed]:
    """What each required fact may be: as given, else as the settling tables leave it, else anything."""
    state: dict[str, Allowed] = {}
    for fact in requirements(table):
        state[fact] = _fact_state(fact, given)
    return state


def _fact_state(fact: str, given: Mapping[str, Allowed]) -> Allowed:
    if fact in given:
        return given[fact]
    return default_day() if fact == DAY else _concluded(fact, given)


def _concluded(fact: str, given: Mapping[str, Allowed]) -> Allowed:
    values = {
        row.concludes[fact] for upstream in settling_tables(fact) for row in _rows_left(upstream, given)
    }
    if not values:  # no table settles it, or none of them applies to these facts
        return facts()[fact].every_on(day_of(given.get(DAY)))
    if facts()[fact].kind != "choice":
        raise ValueError(f"fact {fact}: a table cannot settle a {facts()[fact].kind}")
    return frozenset(values)


def _settled(table: Table, given: Mapping[str, Allowed]) -> Iterator[tuple[str, Row]]:
    """The one row left behind each fact that the answers settle through other tables; what it rests on comes first."""
    for fact in table.conditions:
        if fact in given:
            continue
        left = [(upstream, row) for upstream in settling_tables(fact) for row in _rows_left(upstream, given)]
        if len(left) == 1:
            upstream, row = left[0]
            yield from _settled(upstream, given)
            yield fact, row


Bearing = tuple[tuple[str, Allowed], ...]


def _bearing(table: Table, given: Mapping[str, Allowed]) -> Bearing:
    return tuple(
        (fact, _interval(table.name, given[fact]) if fact == DAY else given[fact])
        for fact in _requirements(table.name)
        if fact in given
    )


@lru_cache(maxsize=2**12)
def _interval(name: str, days: Allowed) -> Allowed:
    """The days that a table cannot tell from these: with them a year of claims needs one entry, not 365."""
    assert isinstance(days, range)
    spans = [span for span in _intervals(name) if meet(span, days)]
    return range(spans[0].start, spans[-1].stop)


@cache
def _intervals(name: str) -> tuple[range, ...]:
    spans = representatives((tables()[name],), DAY, facts()[DAY].every)
    return tuple(span for span in spans if isinstance(span, range))


def _rows_left(table: Table, given: Mapping[str, Allowed]) -> tuple[Row, ...]:
    if tables().get(table.name) is table:  # the manual's own; a test may bring a table that is not
        return _rows_known(table.name, _bearing(table, given))
    return _rows_fitting(table, given)


@lru_cache(maxsize=2**16)  # one answer changes few tables, and each question asks most of them again
def _rows_known(name: str, bearing: Bearing) -> tuple[Row, ...]:
    return _rows_fitting(tables()[name], dict(bearing))


def _rows_fitting(table: Table, given: Mapping[str, Allowed]) -> tuple[Row, ...]:
    state = {fact: _fact_state(fact, given) for fact in table.conditions}
    return tuple(
        row
        for row in table.rows
        if all(meet(allowed, state[fact]) for fact, allowed in row.conditions.items())
    )


def _outcomes(asked: Iterable[Table], given: Mapping[str, Allowed]) -> frozenset[tuple[object, ...]]:
    return frozenset(row.outcome for table in asked for row in _rows_left(table, given))


def _separating(table: Table, given: Mapping[str, Allowed], settles: str = "") -> tuple[str, ...]:
    """Facts to ask: a change of that fact alone turns one row left into another with a different result."""
    if tables().get(table.name) is table:
        return _separating_known(table.name, _bearing(table, given), settles)
    return tuple(_separating_facts(table, given, settles))


@lru_cache(maxsize=2**14)
def _separating_known(name: str, bearing: Bearing, settles: str) -> tuple[str, ...]:
    return tuple(_separating_facts(tables()[name], dict(bearing), settles))


def _separating_facts(table: Table, given: Mapping[str, Allowed], settles: str) -> Iterator[str]:
    state = _state(table, given)
    rows = _rows_left(table, given)
    asked: dict[str, None] = {}
    for fact in table.conditions:
        if len(state[fact]) > 1 and any(
            _turns_on(fact, one, other, state)
            for one in rows
            for other in rows
            if _result(one, settles) != _result(other, settles)
        ):
            upstream = settling_tables(fact)
            if fact in given or not upstream:
                asked[fact] = None
            else:
                for source in upstream:
                    asked.update(dict.fromkeys(_separating(source, given, fact)))
    yield from asked


def _result(row: Row, settles: str) -> object:
    return row.concludes[settles] if settles else row.outcome


def _turns_on(fact: str, one: Row, other: Row, state: Mapping[str, Allowed]) -> bool:
    if fact not in one.conditions or fact not in other.conditions:
        return False
    for name in {*one.conditions, *other.conditions}:
        both = meet(one.conditions.get(name, state[name]), other.conditions.get(name, state[name]))
        if bool(meet(both, state[name])) == (name == fact):
            return False
    return True


def representatives(asked: Sequence[Table], fact: str, allowed: Allowed) -> Iterator[Allowed]:
    """Every choice, or for a number or a day one range between two neighbouring limits that the tables name."""
    if not isinstance(allowed, range):
        yield from (frozenset({value}) for value in facts()[fact].values if value in allowed)
        return
    starts = {allowed.start}
    if fact == DAY:
        lives = (
            value.life
            for one in asked
            for name in requirements(one)
            for value in facts()[name].values.values()
            if value.life is not None
        )
        starts |= {start for span in lives for start in (span.start, span.stop) if start in allowed}
    for table in {id(table): table for one in asked for table in _network(one)}.values():
        for row in table.rows:
            limits = row.conditions.get(fact)
            if isinstance(limits, range):
                starts |= {start for start in (limits.start, limits.stop) if start in allowed}
    ordered = [*sorted(starts), allowed.stop]
    yield from (range(start, stop) for start, stop in pairwise(ordered))


def _network(table: Table) -> Iterator[Table]:
    yield table
    for fact in requirements(table):
        yield from settling_tables(fact)
