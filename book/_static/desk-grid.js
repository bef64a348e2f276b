/* The claim desk's lines as a table of fields: native inputs, so that every way of writing works, with a spreadsheet's
   keys. A field is never made anew while it has the focus, and never overwritten while it is being written in. */
(function () {
  "use strict";
  const REST = 600; // milliseconds of rest after which what was typed is checked
  const PAUSE = 250;

  function make(tag, given, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given || {})) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  class Grid {
    constructor(desk, columns) {
      this.desk = desk;
      this.columns = new Map(columns.map((column) => [column.name, column]));
      this.head = make("tr");
      this.body = make("tbody");
      this.caption = make("caption");
      this.table = make("table", { class: "desk-lines" }, this.caption, make("thead", {}, this.head), this.body);
      this.lists = columns
        .filter((column) => column.choices.length)
        .map((column) =>
          make("datalist", { id: `desk-${column.name}` }, ...column.choices.map(([value, label]) => make("option", { value, label })))
        );
      this.shown = [];
      this.first = 0;
      this.total = 0;
      this.hand = 0;
      this.body.addEventListener("keydown", (event) => this.key(event));
      this.body.addEventListener("input", (event) => this.typed(event.target));
      this.body.addEventListener("change", (event) => this.commit(event.target));
      this.body.addEventListener("focusin", (event) => this.entered(event.target));
      this.body.addEventListener("focusout", (event) => this.left(event.target));
      this.body.addEventListener("paste", (event) => this.pasted(event));
    }

    /* Shows the lines of a state. */
    show(state) {
      this.total = state.total;
      const fresh = state.shown.join() !== this.shown.join();
      const before = document.activeElement;
      const place = this.body.contains(before) && before.dataset.column ? { row: this.rowOf(before), column: before.dataset.column } : null;
      if (fresh) {
        this.shown = state.shown;
        this.body.replaceChildren();
        this.head.replaceChildren(
          make("th", { scope: "col" }, "Row"),
          ...state.shown.map((name) => {
            const { label, wanted, help } = this.columns.get(name);
            return make("th", { scope: "col", title: help || undefined }, wanted ? `${label} *` : label);
          })
        );
      }
      while (this.body.rows.length > state.rows.length) this.body.lastElementChild.remove();
      while (this.body.rows.length < state.rows.length) this.body.append(this.row());
      this.first = state.first;
      state.rows.forEach((row, slot) => this.fill(this.body.rows[slot], row, state.first + slot));
      this.caption.textContent = state.total
        ? `Lines ${state.first + 1} to ${state.first + state.rows.length} of ${state.total}; * is needed`
        : "No line yet";
      this.setHand(state.hand);
      if (state.focus) this.focus(state.focus.row, state.focus.column);
      else if (place && !this.body.contains(document.activeElement)) {
        this.focus(Math.min(place.row, this.total - 1), place.column);
      }
    }

    row() {
      return make(
        "tr",
        {},
        make("th", { scope: "row" }, make("span", { class: "desk-number" }), make("span", { class: "desk-mark" })),
        ...this.shown.map((name) => {
          const { label, choices } = this.columns.get(name);
          const field = make("input", {
            "data-column": name, autocomplete: "off", spellcheck: "false", list: choices.length ? `desk-${name}` : undefined,
          });
          return make("td", { "data-label": label }, field, make("small", { class: "desk-bad" }));
        })
      );
    }

    fill(line, row, place) {
      line.dataset.row = place;
      const [head, ...cells] = line.cells;
      head.firstChild.textContent = place + 1;
      const bad = Object.keys(row.bad).length;
      this.desk.mark(head.lastChild, bad ? "incomplete" : row.worst, bad ? "not read" : "");
      cells.forEach((cell, at) => {
        const name = this.shown[at];
        const [field, note] = cell.children;
        const text = row.cells[name];
        const said = row.bad[name] || "";
        const label = `${this.columns.get(name).label}, row ${place + 1}`;
        if (field.getAttribute("aria-label") !== label) field.setAttribute("aria-label", label);
        if (field.dataset.known !== text || field.dataset.place !== String(place)) {
          if (field !== document.activeElement || field.value === field.dataset.known || field.dataset.place !== String(place)) field.value = text;
          field.dataset.known = text;
          field.dataset.place = place;
        } else if (field !== document.activeElement && field.value !== text && (!field.dataset.waits || this.desk.idle())) field.value = text;
        delete field.dataset.waits;
        if (note.textContent !== said) note.textContent = said;
        note.id = `desk-bad-${at}-${line.sectionRowIndex}`;
        if (said) {
          field.setAttribute("aria-invalid", "true");
          field.setAttribute("aria-describedby", note.id);
        } else {
          field.removeAttribute("aria-invalid");
          field.removeAttribute("aria-describedby");
        }
      });
    }

    rowOf(field) {
      return Number(field.closest("tr").dataset.row);
    }

    focus(row, column) {
      const line = this.body.rows[row - this.first];
      const name = this.shown.includes(column) ? column : this.shown[0];
      const field = line && line.querySelector(`[data-column="${name}"]`);
      if (!field) return;
      field.focus();
      field.select();
    }

    // --- writing

    typed(field) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.commit(field), REST);
    }
    commit(field) {
      if (!field.dataset.column || field.value === field.dataset.known || field.value === field.dataset.sent) return;
      clearTimeout(this.timer);
      field.dataset.sent = field.value;
      field.dataset.waits = "1";
      this.desk.send({ do: "enter", row: this.rowOf(field), column: field.dataset.column, text: field.value });
    }
    entered(field) {
      if (!field.dataset.column) return;
      delete field.dataset.sent;
      const row = this.rowOf(field);
      if (row === this.hand) return;
      this.setHand(row);
      clearTimeout(this.handed);
      this.handed = setTimeout(() => this.desk.send({ do: "show", row }), PAUSE);
    }
    /* The row that waits to be told is no longer the one in hand: told late, it would turn the page back. */
    forget() {
      clearTimeout(this.handed);
    }
    left(field) {
      delete field.dataset.sent;
      if (!field.dataset.waits && field.dataset.known !== undefined && field.value !== field.dataset.known) this.commit(field);
    }
    setHand(row) {
      this.hand = row;
      for (const line of this.body.rows) line.classList.toggle("desk-hand", Number(line.dataset.row) === row);
      this.desk.handed(row);
    }
    pasted(event) {
      const field = event.target;
      const text = event.clipboardData.getData("text/plain");
      if (!field.dataset.column || !/[\t\n\r]/.test(text.trimEnd())) return;
      event.preventDefault();
      this.desk.send({ do: "paste", row: this.rowOf(field), column: field.dataset.column, text, columns: this.shown });
    }

    // --- the keyboard's ways

    key(event) {
      const field = event.target;
      if (!field.dataset.column) return;
      const row = this.rowOf(field);
      const column = field.dataset.column;
      const control = event.ctrlKey || event.metaKey;
      const clean = field.value === field.dataset.known || field.value === field.dataset.sent;
      const at = field.selectionStart === field.selectionEnd ? field.selectionStart : -1;
      const whole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
      let done = true;
      if (event.altKey) done = false;
      else if (control && event.key === "Enter") this.after(field, { do: "add", row, column, copy: event.shiftKey });
      else if (control && event.key === "Delete") this.after(field, { do: "remove", row, column });
      else if (control && /^z$/i.test(event.key) && clean) this.desk.send({ do: event.shiftKey ? "redo" : "undo" });
      else if (control && /^y$/i.test(event.key) && clean) this.desk.send({ do: "redo" });
      else if (control) done = false;
      else if (event.key === "ArrowDown" || event.key === "Enter") this.move(field, 1);
      else if (event.key === "ArrowUp") this.move(field, -1);
      else if (event.key === "PageDown") this.move(field, this.body.rows.length);
      else if (event.key === "PageUp") this.move(field, -this.body.rows.length);
      else if (event.key === "ArrowLeft" && (at === 0 || whole)) this.beside(field, -1);
      else if (event.key === "ArrowRight" && (at === field.value.length || whole)) this.beside(field, 1);
      else if (event.key === "Escape" && !clean) field.value = field.dataset.known;
      else done = false;
      if (done) event.preventDefault();
    }
    after(field, word) {
      this.commit(field);
      this.desk.send(word);
    }
    move(field, by) {
      this.commit(field);
      const row = Math.max(0, Math.min(this.total - 1, this.rowOf(field) + by));
      if (this.body.rows[row - this.first]) this.focus(row, field.dataset.column);
      else this.desk.send({ do: "show", row, column: field.dataset.column, focus: true });
    }
    beside(field, by) {
      const next = this.shown[this.shown.indexOf(field.dataset.column) + by];
      if (next) this.focus(this.rowOf(field), next);
    }
  }

  window.omsnbGrid = { Grid, make };
})();
