/* The book's own script: search by number and synonym, hover cards, tables that sort, filter and fold, the
 * edition's banner.
 * Runs before a search starts, since it is deferred and the search waits for the page.
 */
(function () {
  "use strict";
  const CODE = /^([a-z]\d{4}|\d{4}[\dtf])$/;
  const own = document.currentScript ? document.currentScript.src : "";

  /* The cards' texts are loaded when the first card is wanted; a script also loads from a folder without a server. */
  let waiting;
  function cards() {
    if (window.omsnbCards) return Promise.resolve(window.omsnbCards);
    waiting ||= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = own.replace(/omsnb\.js.*/, "omsnb-cards.js");
      script.onload = () => done(window.omsnbCards);
      script.onerror = failed;
      document.head.append(script);
    });
    return waiting;
  }

  /* Search. Sphinx drops every word of a query that is all digits, and knows no synonyms. */
  function mendSearch() {
    const parse = Search._parseQuery;
    Search._parseQuery = (query) => {
      const parsed = parse(query);
      const [, wanted, , highlighted] = parsed;
      for (const word of splitQuery(query.toLowerCase())) {
        if (/^\d+$/.test(word)) {
          wanted.add(word);
          highlighted.add(word);
        }
      }
      return parsed;
    };

    /* Codes that the query names by number, whatever else it holds ("76376 or 76377"); else those whose synonym it is,
     * then those with all its words in one synonym. */
    function codesIn(query) {
      const words = splitQuery(query.toLowerCase());
      const numbers = words.filter((word) => CODE.test(word));
      if (numbers.length || !words.length || !window.omsnbCards) return numbers;
      const ranked = [];
      for (const [code, card] of Object.entries(window.omsnbCards.codes)) {
        const ranks = card.synonyms.map((synonym) => {
          const parts = splitQuery(synonym.toLowerCase());
          if (parts.join(" ") === words.join(" ")) return 0;
          return words.every((word) => parts.includes(word)) ? 1 : 2;
        });
        const rank = Math.min(2, ...ranks);
        if (rank < 2) ranked.push([rank, code.toLowerCase()]);
      }
      return ranked.sort((one, other) => one[0] - other[0]).map((entry) => entry[1]);
    }

    /* Sphinx loads the whole page of every result for its excerpt, hundreds for a common word: only the first get one. */
    const EXCERPTS = 30;
    let excerpts = EXCERPTS;
    Object.defineProperty(DOCUMENTATION_OPTIONS, "SHOW_SEARCH_SUMMARY", { get: () => excerpts-- > 0 });

    /* Results are shown from the end of the list. */
    const perform = Search._performSearch;
    Search._performSearch = (query, ...words) => {
      excerpts = EXCERPTS;
      const found = perform(query, ...words);
      const first = codesIn(query).flatMap((code) =>
        Search.performObjectSearch(code, new Set([code])).filter((row) => row[2].toLowerCase() === "#code-" + code)
      );
      const pages = new Set(first.map((row) => row[0]));
      return [...found.filter((row) => !pages.has(row[0])), ...first.reverse()];
    };
  }
  if (typeof Search !== "undefined") mendSearch();

  /* Hover cards: mouse, keyboard and touch. Escape closes; the card itself can be hovered; a second tap follows. */
  function hoverCards() {
    const card = document.createElement("div");
    card.id = "omsnb-card";
    card.setAttribute("role", "tooltip");
    card.hidden = true;
    const place = document.createElement("aside"); /* a landmark, so that screen readers find the card */
    place.setAttribute("aria-label", "Card of a code or term");
    place.append(card);
    document.body.append(place);
    let shownAt = null;
    let timer;

    function targetOf(event) {
      const link = event.target.closest && event.target.closest("a.code-link, a.term-link, a:has(> .std-term), .cites > a");
      return link && link.closest("article") ? link : null;
    }
    function line(name, text) {
      const made = document.createElement(name);
      made.textContent = text;
      card.append(made);
    }
    async function open(link) {
      clearTimeout(timer);
      if (shownAt === link) return;
      close();
      shownAt = link;
      const note = link.closest(".cites") && document.getElementById(link.hash.slice(1));
      const known = note ? { codes: {} } : await cards().catch(() => null);
      if (!known || shownAt !== link) return;
      const code = (link.hash.match(/^#code-(\w+)$/) || [])[1];
      card.replaceChildren();
      if (note) {
        line("span", note.textContent);
      } else if (code && known.codes[code]) {
        const entry = known.codes[code];
        line("strong", `${code} (${entry.system}): ${entry.label}`);
        for (const rule of entry.rules) line("span", rule);
      } else {
        const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, " ");
        const term = plain(link.dataset.term || decodeURIComponent(link.hash.replace("#term-", "")));
        const name = Object.keys(known.terms).find((key) => plain(key) === term);
        if (!name) return;
        line("strong", name);
        line("span", known.terms[name]);
      }
      if (link.title) {
        link.dataset.title = link.title;
        link.removeAttribute("title");
      }
      link.setAttribute("aria-describedby", card.id);
      card.hidden = false;
      const at = link.getBoundingClientRect();
      const size = card.getBoundingClientRect();
      const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - size.width - 8));
      const below = at.bottom + size.height + 8 < window.innerHeight;
      card.style.left = `${left + window.scrollX}px`;
      card.style.top = `${(below ? at.bottom + 2 : at.top - size.height - 2) + window.scrollY}px`;
    }
    function close() {
      clearTimeout(timer);
      if (shownAt) {
        shownAt.removeAttribute("aria-describedby");
        if (shownAt.dataset.title) shownAt.title = shownAt.dataset.title;
      }
      shownAt = null;
      card.hidden = true;
    }
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(close, 250);
    };
    document.addEventListener("pointerover", (event) => {
      if (event.pointerType === "touch") return;
      const link = targetOf(event);
      if (link) open(link);
      else if (card.contains(event.target)) clearTimeout(timer);
      else if (shownAt && document.activeElement !== shownAt) later();
    });
    document.addEventListener("focusin", (event) => {
      const link = targetOf(event);
      if (link && link.matches(":focus-visible")) open(link);
      else if (!link) close();
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && close());
    let touched = false;
    document.addEventListener("pointerdown", (event) => {
      touched = event.pointerType === "touch";
    });
    document.addEventListener(
      "click",
      (event) => {
        const link = targetOf(event);
        if (touched && link && shownAt !== link) {
          event.preventDefault();
          open(link);
        } else if (touched && !link && !card.contains(event.target)) close();
      },
      true
    );
  }

  /* Tables of class "sortable": a button in each header sorts, a field above filters; the count is announced. */
  function sortable(table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const status = document.createElement("output");
    const label = document.createElement("label");
    const field = document.createElement("input");
    const tools = document.createElement("p");
    field.type = "search";
    label.append("Filter the rows: ", field);
    tools.className = "table-tools";
    tools.append(label, " ", status);
    table.closest(".wide").before(tools);
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      status.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
    });
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        for (const other of cell.parentNode.cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        const text = (row) => row.cells[column].textContent.trim();
        rows.sort((one, other) => (up ? 1 : -1) * text(one).localeCompare(text(other), "en", { numeric: true }));
        body.append(...rows);
      });
    });
  }

  /* Parts of the page get their real height only when they come near the screen, which moves the goal for a while. */
  function goTo(wanted) {
    wanted.scrollIntoView();
    const check = () => {
      const { top } = wanted.getBoundingClientRect();
      if (top < 0 || top >= innerHeight) wanted.scrollIntoView();
    };
    const checks = [50, 200, 500, 1000].map((wait) => setTimeout(check, wait));
    for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"])
      addEventListener(kind, () => checks.forEach(clearTimeout), { once: true, passive: true });
  }
  window.omsnb = { goTo }; /* for the calculators' script, which jumps as well */

  /* A decision table is folded until it is wanted: by a tap, or by a link to one of its rows. It prints as it stands.
   * Without a script all tables stand open. */
  function folding() {
    const folds = [...document.querySelectorAll("details.folding")];
    function reveal(event) {
      const wanted = document.getElementById(location.hash.slice(1));
      const fold = wanted && (wanted.closest("details.folding") || wanted.querySelector(":scope > details.folding"));
      if (!fold || (fold.open && !event)) return;
      fold.open = true;
      goTo(wanted); /* a browser that opens the fold by itself does not always go there */
    }
    document.documentElement.classList.add("scripted");
    folds.forEach((fold) => fold.removeAttribute("open"));
    addEventListener("hashchange", reveal);
    reveal();
  }

  /* The reader's day decides whether the code year is over; a built page cannot know it. */
  function banner() {
    const edition = document.querySelector(".edition[data-valid-until]");
    const article = document.querySelector("article");
    const now = new Date();
    const today = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
    if (!edition || !article || today <= edition.dataset.validUntil) return;
    const made = document.createElement("p");
    made.className = "run-out";
    made.setAttribute("role", "note");
    made.textContent =
      `The code year ${edition.dataset.codeYear} ended on ${edition.dataset.validUntil}. ` +
      "This edition may be out of date: check every code against the current code sets.";
    article.prepend(made);
  }

  /* Ticks in the sidebar: chapters that the reader has practiced; the practice page keeps them in this browser. */
  function ticks() {
    let kept = {};
    try {
      kept = (JSON.parse(localStorage.getItem("omsnb-practice") || "{}") || {}).ticks || {};
    } catch {
      return;
    }
    document.querySelectorAll(".practice-tick").forEach((tick) => tick.remove());
    document.querySelectorAll("#pst-primary-sidebar a.reference.internal[href]").forEach((link) => {
      if (!(new URL(link.href).pathname.split("/").pop() in kept)) return;
      const tick = document.createElement("span");
      tick.className = "practice-tick";
      tick.textContent = " ✓ practiced";
      link.append(tick);
    });
  }

  hoverCards();
  ticks();
  document.addEventListener("omsnb-ticks", ticks);
  document.querySelectorAll("table.sortable").forEach(sortable);
  folding();
  banner();
})();
