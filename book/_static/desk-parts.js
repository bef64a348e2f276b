/* The parts of the claim desk that are drawn anew with each state: findings, letters, the question about columns. */
(function () {
  "use strict";
  const { Desk, make, button, labelled, options, SIGN, WORD } = window.omsnbDesk;
  const SHORT = 4000;

  /* Findings by weight, each with its remedy, its sources and the button that carries the remedy out. */
  Desk.prototype.showFindings = function ({ list, total, offset, status }) {
    const active = document.activeElement;
    const held = this.findings.contains(active) ? { key: active.dataset.key, part: active.dataset.part, at: (active.dataset.part === "mend" ? [...this.findings.querySelectorAll('[data-part="mend"]')] : this.places()).indexOf(active) } : null;
    const { counts } = this.state.summary;
    const every = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const filter = (name, text, count) =>
      button(`${text} ${count}`, () => this.send({ do: "show", status: name }), { "aria-pressed": String(status === name), "data-part": "filter", "data-key": name });
    const groups = this.fixed.statuses
      .map((name) => [name, list.filter((one) => one.status === name)])
      .filter(([, found]) => found.length);
    const pages = make("p", { class: "desk-pages" });
    this.turn(pages, "findings", offset, 20, total, (to) => this.send({ do: "show", offset: to }));
    this.findings.replaceChildren(
      ...(every
        ? [make("p", { class: "desk-buttons", role: "group", "aria-label": "Show findings of a weight" }, filter("", "All", every),
            ...this.fixed.statuses.filter((name) => counts[name]).map((name) => filter(name, `${SIGN[name]} ${WORD[name]}`, counts[name])))]
        : [make("p", {}, this.state.summary.lines ? "Nothing was found in the lines that were read." : "No line has been checked yet.")]),
      ...groups.flatMap(([name, found]) => [
        make("h3", {}, this.badge(name), ` ${counts[name]}`),
        make("ul", { class: "desk-list" }, ...found.map((one) => this.finding(one))),
      ]),
      pages
    );
    if (!held) return;
    const again = [...this.findings.querySelectorAll("[data-key]")].find((one) => one.dataset.key === held.key && one.dataset.part === held.part);
    const places = held.part === "mend" && this.findings.querySelector('[data-part="mend"]') ? [...this.findings.querySelectorAll('[data-part="mend"]')] : this.places();
    (again || places[Math.min(held.at, places.length - 1)] || this.heading).focus();
  };
  Desk.prototype.places = function () {
    return [...this.findings.querySelectorAll("button, summary, a")];
  };
  Desk.prototype.finding = function (one) {
    const lines = one.lines.slice(0, 6).map(({ claim, line, row }) =>
      row < 0 ? make("span", {}, `claim ${claim} line ${line}`)
        : button(`claim ${claim} line ${line}`, () => this.send({ do: "show", row, focus: true }), { class: "desk-link", "data-key": one.key, "data-part": `line ${row}`, title: "Go to the line" }));
    const { links } = this.fixed;
    const statements = one.guidance.flatMap((id, at) => [at ? ", " : "", links ? make("a", { href: `${links}guidance.html#guidance-${id}` }, id) : id]);
    const sources = one.sources.map(({ title, address }) => make("li", {}, title,
      ...address.filter((href) => /^https?:/.test(href)).flatMap((href) => [" ", make("a", { href, rel: "noopener noreferrer" }, href)])));
    const why = make("details", { open: this.open.has(one.key) }, make("summary", { "data-key": one.key, "data-part": "why" }, "Why, and sources"),
      make("p", {}, "Statements ", ...statements, "; check ", make("code", {}, one.rule), "."), make("ul", {}, ...sources));
    why.addEventListener("toggle", () => this.open[why.open ? "add" : "delete"](one.key));
    return make("li", { class: `desk-finding desk-edge-${one.status}` },
      make("p", { class: "desk-of" }, ...lines.flatMap((line) => [line, " "]), one.lines.length > 6 ? `and ${one.lines.length - 6} more` : ""),
      make("p", {}, one.because), make("p", {}, make("strong", {}, one.remedy)),
      ...(one.step ? [make("p", {}, button(one.step, () => this.send({ do: "mend", key: one.key }), { class: "desk-main", "data-key": one.key, "data-part": "mend" }))] : []), why);
  };

  /* Letters and notes that belong to the claim, to be finished, copied or saved. */
  Desk.prototype.showLetters = function (letters) {
    this.letters.replaceChildren(...letters.map(({ title, text }) => {
      const area = make("textarea", { rows: 14, "aria-label": title });
      area.value = text;
      const copy = button("Copy", async () => {
        try {
          await navigator.clipboard.writeText(area.value);
          copy.textContent = "Copied";
        } catch {
          area.select();
          copy.textContent = "Selected: copy it";
        }
        setTimeout(() => (copy.textContent = "Copy"), SHORT);
      });
      const save = button("Save as text", () => this.download("letter.txt", new Blob([area.value], { type: "text/plain" })));
      return make("details", { class: "desk-letter" }, make("summary", {}, title), area, make("p", { class: "desk-buttons" }, copy, save));
    }));
  };

  /* A case: what it leaves open is asked, until the reader has its lines written. */
  Desk.prototype.askCase = function (fresh, write) {
    const answers = fresh ? {} : Object.fromEntries([...this.caseAsked.querySelectorAll("[data-fact]")].map((one) => [one.dataset.fact, one.value]));
    this.send({ do: "case", case: this.chosen.value, payer: this.payer.value, date: this.day.value, place: this.place.value, answers, write: Boolean(write) });
  };
  Desk.prototype.showCase = function (asked) {
    const held = this.caseAsked.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    const again = (given) => ({ ...given, onchange: () => this.askCase(false) });
    const fields = asked ? asked.asked.map(({ fact, text, answer, options: pairs }) => {
      const given = again({ "data-fact": fact, "data-key": fact });
      const control = pairs.length ? make("select", given, ...options(pairs, "not answered yet")) : make("input", given);
      control.value = answer;
      return labelled(text, control);
    }) : [];
    this.caseAsked.replaceChildren(...(asked
      ? [make("div", { class: "desk-fields" }, ...fields),
          make("p", {}, make("strong", {}, asked.lines.length ? `Lines that stand: ${asked.lines.join(", ")}` : "No line stands yet.")),
          ...(asked.told.length ? [make("details", {}, make("summary", {}, `Open or left out: ${asked.told.length}`), make("ul", {}, ...asked.told.map((text) => make("li", {}, text))))] : []),
          button("Put the lines on the desk", () => this.askCase(false, true), { class: "desk-main", "data-key": "write" })]
      : [button("Ask what the case leaves open", () => this.askCase(true), { "data-key": "ask" })]));
    if (held) ([...this.caseAsked.querySelectorAll("[data-key]")].find((one) => one.dataset.key === held) || this.heading).focus();
  };

  /* Which column is which, where a table's own names do not tell. */
  Desk.prototype.showQuestion = function (asked) {
    const active = document.activeElement;
    const held = this.question.contains(active) ? active.dataset.key : "";
    this.question.replaceChildren();
    if (!asked) {
      if (held) this.heading.focus();
      return;
    }
    const fields = this.fixed.columns.map(({ name, label, wanted }) => [name, wanted ? `${label} *` : label]);
    const choices = asked.columns.map((column) => {
      const select = make("select", { "aria-label": `Column ${column.name} is`, "data-key": column.name, onchange: () => this.answer(false) }, ...options(fields, "not read"));
      select.value = column.field;
      return [column, select];
    });
    const fixed = asked.fixed.map(({ name, label, text }) => {
      const input = make("input", { "data-key": `fixed ${name}`, onchange: () => this.answer(false) });
      input.value = text;
      return [name, label, input];
    });
    const dates = make("select", { "data-key": "dates", onchange: () => this.answer(false) },
      ...options([["mdy", "month before day (3/28/2026)"], ["dmy", "day before month (28/3/2026)"]], "as the dates themselves tell"));
    dates.value = asked.dates;
    this.asked = { choices, fixed, dates };
    const shown = [...new Set(asked.rows.flatMap((row) => Object.keys(row)))];
    const label = (name) => this.fixed.columns.find((column) => column.name === name).label;
    this.question.append(
      make("h2", {}, "Which column is which?"),
      make("p", {}, `${asked.name}: not every column or cell could be understood. Say what the columns hold; * is needed.`),
      make("ul", {}, ...asked.asked.map((text) => make("li", {}, text))),
      make("div", { class: "desk-scroll", tabindex: "0", role: "region", "aria-label": "Columns of the file" },
        make("table", {}, make("thead", {}, make("tr", {}, ...["Column", "Example", "Is"].map((text) => make("th", { scope: "col" }, text)))),
          make("tbody", {}, ...choices.map(([column, select]) => make("tr", {}, make("th", { scope: "row" }, column.name), make("td", {}, column.example), make("td", {}, select)))))),
      make("div", { class: "desk-fields" }, ...fixed.map(([, text, input]) => labelled(`${text}, on every line (no column holds it)`, input)), labelled("Order of month and day", dates)),
      make("h3", {}, "As it would be read"),
      ...(asked.rows.length
        ? [make("div", { class: "desk-scroll", tabindex: "0", role: "region", "aria-label": "Rows as they would be read" },
            make("table", {}, make("thead", {}, make("tr", {}, ...shown.map((name) => make("th", { scope: "col" }, label(name))))),
              make("tbody", {}, ...asked.rows.map((row) => make("tr", {}, ...shown.map((name) => make("td", {}, row[name] || "")))))))]
        : []),
      make("ul", {}, ...asked.said.map((text) => make("li", {}, text))),
      make("p", { class: "desk-buttons" }, button("Read it with these columns", () => this.answer(true), { class: "desk-main", "data-key": "read" }),
        button("Leave it", () => this.send({ do: "map", close: true })))
    );
    const again = held && [...this.question.querySelectorAll("[data-key]")].find((one) => one.dataset.key === held);
    if (again) again.focus();
  };
  Desk.prototype.answer = function (all) {
    const { choices, fixed, dates } = this.asked;
    this.send({
      do: "map", read: all, dates: dates.value,
      fields: Object.fromEntries(choices.map(([column, select]) => [column.name, select.value])),
      fixed: Object.fromEntries(fixed.map(([name, , input]) => [name, input.value])),
    });
  };

  window.omsnbDesk.start();
})();
