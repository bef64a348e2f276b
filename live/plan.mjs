// Answers from the compiled tables (omsnb/live/plan.py) before Python has started: a row is a bit, and each answer takes away
// the rows that it does not fit. Rows go beyond 32 in places, so all bit sets are BigInt.
const bits = function* (set) {
  for (let place = 0; set; place++, set >>= 1n) if (set & 1n) yield place;
};
const all = (size) => (1n << BigInt(size)) - 1n;
const DAY = "on";

/** Days since 0001-01-01 of a day written 2026-03-01, as Python counts them. */
export const ordinal = (text) => Date.parse(`${text}T00:00:00Z`) / 864e5 + 719163;

export class Plan {
  /** data: what plan.json holds. */
  constructor({ d, f, t }) {
    this.facts = f;
    this.tables = {};
    this.settling = {};
    for (const [name, { m, c, r, o }] of Object.entries(t)) {
      const masks = {};
      for (const fact in m) masks[fact] = m[fact].map((one) => BigInt(`0x${one}`));
      const outcome = o.map((one) => JSON.stringify([r[o.indexOf(one)].slice(0, 3), Object.entries(r[o.indexOf(one)][3]).sort()]));
      this.tables[name] = { masks, cuts: c, rows: r, full: all(r.length), asks: Object.keys(m), outcome };
      for (const fact of new Set(r.flatMap((row) => Object.keys(row[3])))) (this.settling[fact] ||= []).push(name);
    }
    this.today = this.span(DAY, d, d);
  }

  size(fact) {
    return (this.facts[fact].v || this.facts[fact].s).length;
  }

  /** The spans of a number or a day from first to last, as bits. */
  span(fact, first, last) {
    const place = (value) => this.facts[fact].s.findLastIndex((start) => start <= value);
    return all(place(last) + 1) & ~all(Math.max(place(first), 0));
  }

  /** An answer as bits; null where it leaves the fact open, undefined where it is none of the fact's. */
  read(fact, text) {
    if (text === "" || text === "unknown") return null;
    const { v, s, e, k } = this.facts[fact];
    if (v) {
      const places = String(text).split("|").map((one) => v.indexOf(one));
      return places.includes(-1) ? undefined : places.reduce((set, place) => set | (1n << BigInt(place)), 0n);
    }
    const number = k === "day" ? ordinal : Number;
    const [from, to] = String(text).includes("..") ? String(text).split("..") : [text, text];
    const first = from === "" ? s[0] : number(from), last = to === "" ? e - 1 : number(to);
    return first >= s[0] && last < e && first <= last ? this.span(fact, first, last) : undefined;
  }

  requirements(name, found = new Set()) {
    for (const fact of this.tables[name].asks) {
      found.add(fact);
      if (this.facts[fact].a) found.add(DAY);
      for (const up of this.settling[fact] || []) this.requirements(up, found);
    }
    return found;
  }

  /** What a fact may be: as given, else as the settling tables leave it, else anything that lives on the day. */
  state(fact, given) {
    if (fact in given) return given[fact];
    if (fact === DAY) return this.today;
    let known = 0n;
    for (const up of this.settling[fact] || [])
      for (const row of bits(this.left(up, given))) known |= 1n << BigInt(this.facts[fact].v.indexOf(this.tables[up].rows[row][3][fact]));
    if (known) return known;
    if (!this.facts[fact].a) return all(this.size(fact));
    for (const day of bits(this.state(DAY, given))) known |= BigInt(`0x${this.facts[fact].a[day]}`);
    return known;
  }

  /** Rows of a table that the answers leave, as bits. */
  left(name, given) {
    const { asks, masks, full } = this.tables[name];
    let rows = full;
    for (const fact of asks) {
      let fit = 0n;
      for (const place of bits(this.state(fact, given))) fit |= masks[fact][place];
      rows &= fit;
    }
    return rows;
  }

  outcomes(name, given) {
    return new Set([...bits(this.left(name, given))].map((row) => this.tables[name].outcome[row])).size;
  }

  /** Facts whose change alone turns one row left into another with a different result. */
  *separating(name, given, settles = "") {
    const { asks, masks, rows, outcome } = this.tables[name];
    const left = [...bits(this.left(name, given))];
    const result = (row) => (settles ? rows[row][3][settles] : outcome[row]);
    const state = Object.fromEntries(asks.map((fact) => [fact, [...bits(this.state(fact, given))]]));
    const meet = (fact, both) => state[fact].some((place) => (masks[fact][place] & both) === both);
    const turning = new Set();
    for (const one of left)
      for (const other of left)
        if (one < other && result(one) !== result(other)) {
          const both = (1n << BigInt(one)) | (1n << BigInt(other));
          const apart = asks.filter((fact) => !meet(fact, both));
          if (apart.length === 1) turning.add(apart[0]);
        }
    for (const fact of asks)
      if (turning.has(fact)) {
        const settling = this.settling[fact];
        if (fact in given || !settling) yield fact;
        else for (const up of settling) yield* this.separating(up, given, fact);
      }
  }

  /** Open facts that still separate the rows left; the one that narrows fastest comes first. */
  questions(name, given) {
    const now = this.outcomes(name, given);
    if (now < 2) return [];
    const order = [...this.requirements(name)];
    return [...new Set(this.separating(name, given))]
      .map((fact) => {
        const cuts = this.tables[name].cuts[fact];
        const open = [...bits(this.state(fact, given))].filter((place, first) => !cuts || !first || cuts.includes(place));
        const left = open.map((place) => this.outcomes(name, { ...given, [fact]: 1n << BigInt(place) }));
        return { fact, expected: left.reduce((sum, one) => sum + one, 0) / left.length, left: now };
      })
      .sort((one, other) => one.expected - other.expected || order.indexOf(one.fact) - order.indexOf(other.fact));
  }
}
