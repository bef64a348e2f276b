/* The claim desk as it is seen, in the book and in Voilà. Python decides: it tells the state in a hidden element, and
   hears words through a hidden field (omsnb/calculators/desk_view.py). Nothing here asks a network for anything. */
(function () {
  "use strict";
  const { Grid, make } = window.omsnbGrid;
  const SIGN = { deny: "✕", review: "?", unknown: "◔", warn: "!", ok: "✓", incomplete: "…" };
  const WORD = { deny: "Deny", review: "Review", unknown: "Unknown", warn: "Warn", ok: "OK", incomplete: "Incomplete" };
  const GIVEN = "omsnb-claim"; // a claim that another page hands over, in this tab's own memory
  const PIECE = 90000; // characters of a file that go in one message
  const MESSAGE = 120000;
  const LOOKS = new Set(["show", "add", "remove", "part", "load", "map", "case"]); // words that put another row in hand

  const read = (element) => {
    const text = element && element.querySelector("pre");
    return text ? JSON.parse(text.textContent) : null;
  };
  const button = (text, action, given) => make("button", { type: "button", onclick: action, ...given }, text);
  const labelled = (text, control) => make("label", { class: "desk-label" }, make("span", {}, text), control);
  const options = (pairs, none) => [
    ...(none === undefined ? [] : [make("option", { value: "" }, none)]),
    ...pairs.map(([value, label]) => make("option", { value }, label)),
  ];

  class Desk {
    constructor(root) {
      this.root = root;
      this.fixed = read(root.querySelector(".omsnb-desk-fixed"));
      this.words = root.querySelector(".omsnb-desk-words textarea");
      this.data = root.querySelector(".omsnb-desk-data");
      this.queue = [];
      this.number = 0;
      this.waits = 0;
      this.drawn = {};
      this.open = new Set();
      this.grid = new Grid(this, this.fixed.columns);
      this.build();
      new MutationObserver(() => this.hear()).observe(this.data, { childList: true, subtree: true });
      this.hear();
      this.begin();
    }

    // --- the channel: one message at a time, since a field keeps its last value alone

    send(...words) {
      if (words.some((word) => LOOKS.has(word.do))) this.grid.forget();
      this.queue.push(...words);
      this.flush();
    }
    flush() {
      if (this.waits || !this.queue.length) return;
      const words = [];
      let size = 0;
      while (this.queue.length && (!words.length || size < MESSAGE)) {
        const next = JSON.stringify(this.queue[0]).length;
        if (words.length && size + next > MESSAGE) break;
        size += next;
        words.push(this.queue.shift());
      }
      this.waits = this.number += 1;
      this.box.setAttribute("aria-busy", "true");
      this.words.value = JSON.stringify({ n: this.number, words });
      for (const kind of ["input", "change"]) this.words.dispatchEvent(new Event(kind, { bubbles: true }));
    }
    idle() {
      return !this.waits && !this.queue.length;
    }
    hear() {
      const state = read(this.data);
      if (!state || state === this.state) return;
      if (state.n === this.waits) this.waits = 0;
      if (!this.waits) this.box.removeAttribute("aria-busy");
      this.state = state;
      this.show(state);
      this.flush();
    }
    say(text) {
      this.said.textContent = text;
    }
    /* Asks the page for a part of Python that is fetched when it is wanted; where nobody answers, it is there. */
    async need(name) {
      const wait = [];
      this.root.dispatchEvent(new CustomEvent("omsnb-need", { bubbles: true, detail: { name, wait } }));
      await Promise.all(wait);
    }

    // --- what stands there always

    build() {
      const file = make("input", { type: "file", hidden: true, "aria-label": "A claim file", onchange: () => this.opened(file) });
      this.paste = make("textarea", { rows: 6, placeholder: "claim\tpatient\tdate\tcode\tunits …" });
      this.chosen = make("select", {}, ...options(this.fixed.cases));
      this.payer = make("select", {}, ...options(this.fixed.payers));
      this.day = make("input", { type: "date", value: this.fixed.day });
      this.place = make("select", {}, ...options(this.fixed.places.map(([code, label]) => [code, `${code} ${label}`]), "as the case says"));
      this.caseAsked = make("div");
      for (const control of [this.chosen, this.payer, this.day, this.place]) control.addEventListener("change", () => this.askCase(control === this.chosen));
      this.fromCase = make("details", {}, make("summary", {}, "Start from a case"), make("p", {}, "The lines that a case of the paper settles, for the payer and the day that you choose. Its open questions are asked below."),
        make("div", { class: "desk-fields" }, labelled("Case", this.chosen), labelled("Payer", this.payer), labelled("Date of service", this.day), labelled("Place of service", this.place)),
        this.caseAsked);
      this.pasting = make("details", {}, make("summary", {}, "Paste lines"), labelled("Lines with their header, from a spreadsheet or as text", this.paste),
        button("Read the pasted lines", () => this.send({ do: "load", text: this.paste.value, name: "" })));
      this.said = make("p", { class: "desk-said", role: "status" });
      this.summary = make("div", { class: "desk-summary" });
      this.question = make("section", { class: "desk-question", "aria-label": "Which column is which" });
      this.badges = make("p", { class: "desk-badges", "aria-hidden": "true" }); // all of it is said and shown above, too
      this.steps = ["undo", "redo"].map((step) => [0, 1].map(() => button(step === "undo" ? "Undo" : "Redo", () => this.send({ do: step }))));
      this.add = button("", () => this.send({ do: "add", row: this.grid.hand }), { title: "Ctrl+Enter" });
      this.copy = button("", () => this.send({ do: "add", row: this.grid.hand, copy: true }), { title: "Ctrl+Shift+Enter" });
      this.take = button("", () => this.send({ do: "remove", row: this.grid.hand }), { title: "Ctrl+Delete" });
      this.every = make("input", { type: "checkbox", onchange: () => this.send({ do: "show", every: this.every.checked }) });
      this.pages = make("p", { class: "desk-pages" });
      this.findings = make("div");
      this.heading = make("h2", { id: "desk-findings", tabindex: "-1" }, "Findings");
      this.form = make("div");
      this.formTitle = make("h2", {}, "The claim on its form");
      this.letters = make("div");
      this.paper = make("div", { class: "desk-paper" });
      const kinds = this.fixed.kinds.map((kind) => button(kind === "fhir" ? "FHIR" : kind.toUpperCase(), () => this.save(kind), { "aria-label": `Save as ${kind.toUpperCase()}` }));
      this.box = make("div", { class: "desk" },
        make("p", { class: "desk-where" }, make("strong", {}, this.fixed.where)), make("p", {}, this.fixed.about),
        make("div", { class: "desk-in" },
          make("p", { class: "desk-buttons" }, button("Open a file", () => file.click(), { class: "desk-main" }), file,
            button("Begin with an empty line", () => this.send({ do: "add", row: this.state.total - 1 })),
            button("Save an empty file to fill in", () => this.send({ do: "template" }))),
          make("p", { class: "desk-drop" }, "or drop a file here"), this.pasting, this.fromCase),
        this.said, this.summary, this.question,
        make("section", { "aria-label": "Lines" }, make("h2", {}, "Lines"),
          make("p", {}, make("a", { class: "desk-skip", href: "#desk-findings" }, "Skip the lines")),
          make("details", {}, make("summary", {}, "Keys"), make("p", {}, "Arrow keys and Enter go from field to field. Ctrl+Enter adds a line, Ctrl+Shift+Enter copies it, Ctrl+Delete takes it out; Ctrl+Z and Ctrl+Y undo and redo; Escape brings a field's old text back. A block of cells copied from a spreadsheet is laid over the lines from the field on.")),
          make("p", { class: "desk-buttons" }, this.add, this.copy, this.take, this.steps[0][0], this.steps[1][0], make("label", { class: "desk-check" }, this.every, " All columns")),
          make("div", { class: "desk-scroll", tabindex: "0", role: "region", "aria-label": "Table of lines" }, this.grid.table), ...this.grid.lists, this.pages),
        make("section", { "aria-labelledby": "desk-findings" }, this.heading, make("p", { class: "desk-buttons" }, this.steps[0][1], this.steps[1][1]), this.findings),
        make("section", { "aria-label": "The claim on its form" }, this.formTitle, this.form, this.letters),
        make("section", { "aria-label": "Save and print" }, make("h2", {}, "Save and print"), make("p", { class: "desk-buttons" }, ...kinds, button("Print", () => this.send({ do: "print", day: new Date().toLocaleDateString("en-CA") })))),
        this.badges, this.paper);
      this.box.addEventListener("dragover", (event) => {
        event.preventDefault();
        this.box.classList.add("desk-over");
      });
      this.box.addEventListener("dragleave", () => this.box.classList.remove("desk-over"));
      this.box.addEventListener("drop", (event) => {
        this.box.classList.remove("desk-over");
        const [dropped] = event.dataTransfer.files;
        if (!dropped) return;
        event.preventDefault();
        this.takeFile(dropped);
      });
      this.root.append(this.box);
    }

    /* A claim that another page handed over, or a case that the address names. */
    begin() {
      const name = new URLSearchParams(this.fixed.state).get("case");
      if (this.fixed.cases.some(([one]) => one === name)) {
        this.chosen.value = name;
        this.askCase(true);
        this.fromCase.open = true;
      }
      try {
        const given = JSON.parse(sessionStorage.getItem(GIVEN));
        sessionStorage.removeItem(GIVEN);
        if (given && given.text) this.send({ do: "load", text: given.text, name: given.name });
      } catch {
        /* no memory in this browser: the desk begins empty */
      }
    }

    // --- files

    async opened(input) {
      const [file] = input.files;
      input.value = "";
      if (file) await this.takeFile(file);
    }
    async takeFile(file) {
      const { bytes } = this.fixed.limits;
      const mb = (size) => `${(size / 2 ** 20).toFixed(1)} MB`;
      if (file.size > bytes) return this.say(`${file.name} has ${mb(file.size)}, and the desk reads up to ${mb(bytes)}. What stood on the desk is unchanged.`);
      this.say(`Reading ${file.name}, ${mb(file.size)} …`);
      try {
        const begins = new Uint8Array(await file.slice(0, 2).arrayBuffer());
        if (/\.xls[xm]$/i.test(file.name) || (begins[0] === 80 && begins[1] === 75)) await this.need("workbook");
        const address = await new Promise((done, failed) => {
          const reader = new FileReader();
          reader.onload = () => done(reader.result);
          reader.addEventListener("error", () => failed(reader.error));
          reader.readAsDataURL(file);
        });
        const text = address.slice(address.indexOf(",") + 1);
        for (let at = 0; at === 0 || at < text.length; at += PIECE) {
          this.send({ do: "part", name: file.name, data: text.slice(at, at + PIECE), first: at === 0, last: at + PIECE >= text.length });
        }
      } catch (problem) {
        this.say(`${file.name} cannot be read: ${problem.message || problem}. What stood on the desk is unchanged.`);
      }
    }
    async save(kind) {
      try {
        if (kind === "xlsx") await this.need("workbook");
        this.send({ do: "export", kind });
      } catch (problem) {
        this.say(`It cannot be saved: ${problem.message || problem}.`);
      }
    }
    download(name, content) {
      const link = make("a", { download: name, href: URL.createObjectURL(content) });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }

    // --- what follows from a state

    show(state) {
      this.grid.show(state);
      for (const one of this.steps[0]) this.off(one, !state.undo);
      for (const one of this.steps[1]) this.off(one, !state.redo);
      this.off(this.copy, !state.total);
      this.off(this.take, !state.total);
      this.every.checked = state.every;
      const { counts, worst, lines, refused } = state.summary;
      const found = this.fixed.statuses.filter((status) => counts[status]).map((status) => `${counts[status]} ${status}`);
      const unread = refused ? `${refused} not read, so the check is incomplete` : "";
      const weights = [unread, found.join(", ")].filter(Boolean).join("; ") || "nothing found";
      this.say(state.said && worst ? `${state.said} Now: ${weights}.` : state.said);
      this.draw("summary", state.summary, () => this.showSummary(state.summary));
      this.draw("badges", [counts, worst, lines, refused], () => {
        this.badges.replaceChildren(...(worst ? [this.badge(worst), ` ${weights}`] : ["No lines yet"]));
      });
      this.draw("question", state.question, () => this.showQuestion(state.question));
      this.draw("case", state.case, () => this.showCase(state.case));
      this.draw("pages", [state.first, state.total], () =>
        this.turn(this.pages, "lines", state.first, state.page, state.total, (first) => this.send({ do: "show", first })));
      this.draw("findings", state.findings, () => this.showFindings(state.findings));
      this.draw("form", [state.claim, state.preview], () => {
        this.formTitle.textContent = state.claim ? `Claim ${state.claim} on its form` : "The claim on its form";
        this.form.innerHTML = state.preview || "<p>Choose a line: its claim is shown here as the form has it.</p>"; // Python escaped it
        for (const table of this.form.querySelectorAll(".claim")) {
          for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", "The claim's lines"]]) table.setAttribute(name, value);
        }
      });
      this.draw("letters", state.letters, () => this.showLetters(state.letters));
      if (state.file) {
        const bytes = Uint8Array.from(atob(state.file.data), (letter) => letter.charCodeAt(0));
        this.download(state.file.name, new Blob([bytes], { type: "application/octet-stream" }));
      }
      if (state.print) this.print(state.print);
    }
    /* Draws a part if what it shows has changed. */
    draw(name, value, how) {
      const text = JSON.stringify(value === undefined ? null : value);
      if (this.drawn[name] === text) return;
      this.drawn[name] = text;
      how();
    }
    off(one, is) {
      one.setAttribute("aria-disabled", is ? "true" : "false"); // greyed for real, it would lose the keyboard's place
    }
    handed(row) {
      const number = row + 1;
      this.add.textContent = this.grid.total ? `Add a line after row ${number}` : "Add a line";
      this.copy.textContent = `Copy row ${number}`;
      this.take.textContent = `Take out row ${number}`;
    }
    badge(status, text) {
      return make("span", { class: `desk-badge desk-${status}` }, `${SIGN[status]} ${text || WORD[status]}`);
    }
    mark(element, status, text) {
      const wanted = `${status} ${text}`;
      if (element.dataset.mark === wanted) return;
      element.dataset.mark = wanted;
      element.replaceChildren(...(status ? [this.badge(status, text)] : []));
    }
    turn(element, what, first, page, total, go) {
      const held = element.contains(document.activeElement) ? document.activeElement.dataset.turn : "";
      element.hidden = total <= page;
      const one = (name, to, off) => {
        const made = button(`${name} ${page} ${what}`, () => off || go(to), { "data-turn": name, "data-key": name, "data-part": "turn" });
        this.off(made, off);
        return made;
      };
      element.replaceChildren(one("Previous", Math.max(0, first - page), first === 0),
        make("span", {}, `${first + 1} to ${Math.min(first + page, total)} of ${total.toLocaleString("en")}`),
        one("Next", first + page, first + page >= total));
      if (held) element.querySelector(`[data-turn="${held}"]`).focus();
    }
    showSummary({ lines, refused, worst, faults, more, notes }) {
      const list = (entries) => make("ul", {}, ...entries.map((text) => make("li", {}, text)));
      this.summary.replaceChildren(
        ...(worst ? [make("p", {}, this.badge(worst), ` ${lines + refused} rows = ${lines} read + ${refused} refused`)] : []),
        ...(faults.length ? [make("p", {}, "Not read, so the check is incomplete:"), list([...faults, ...(more ? [`and ${more} more`] : [])])] : []),
        ...(notes.length ? [make("details", { open: notes.some((note) => note.startsWith("still open")) }, make("summary", {}, "How it was read"), list(notes))] : []));
    }
    print(html) {
      this.paper.innerHTML = html; // Python escaped it
      document.documentElement.classList.add("desk-printing");
      window.addEventListener("afterprint", () => {
        document.documentElement.classList.remove("desk-printing");
        this.paper.replaceChildren();
      }, { once: true });
      window.print();
    }
  }

  function find() {
    for (const root of document.querySelectorAll(".omsnb-desk:not([data-drawn])")) {
      const parts = [".omsnb-desk-fixed pre", ".omsnb-desk-data pre", ".omsnb-desk-words textarea"];
      if (!parts.every((part) => root.querySelector(part))) continue;
      root.dataset.drawn = "1";
      new Desk(root);
    }
  }
  function start() {
    // a widget gets its classes after it is put in
    new MutationObserver(find).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["class"] });
    find();
  }
  window.omsnbDesk = { Desk, make, button, labelled, options, SIGN, WORD, start };
})();
