/* Practice: one question at a time, an exam, or flash cards. What is right was decided by the engine when the book was
 * built and stands in practice-bank.js; nothing is decided here. The progress is kept in the reader's browser alone.
 */
(function () {
  "use strict";
  const KEY = "omsnb-practice";
  const ENOUGH = 10; /* right answers after which a chapter is ticked, or all of its questions where there are fewer */
  const AGAIN = 3; /* questions after which a missed one comes again */
  const root = document.querySelector("section.practice");
  if (!root) return;
  const own = document.currentScript ? document.currentScript.src : "";
  const { make, rich, button, focus, shuffled, scene, options, taken, asTable, asCards, table } = window.omsnbParts;
  let data;

  /* The progress: for each question the number of right and of wrong answers, and whether the last one was right. */
  let kept = { answers: {}, ticks: {} };
  let keeps = true;
  try {
    const found = JSON.parse(localStorage.getItem(KEY) || "null");
    if (found && found.answers && found.ticks) kept = found;
  } catch {
    keeps = false;
  }
  const keep = () => {
    kept.ticks = {};
    for (const chapter of data.chapters) {
      const done = counts(chapter.id);
      if (done.right >= Math.min(ENOUGH, done.all)) kept.ticks[chapter.page.split("/").pop()] = 1;
    }
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      keeps = false;
    }
    document.dispatchEvent(new Event("omsnb-ticks"));
    showProgress();
  };
  const note = (item, right) => {
    const [rights, wrongs] = kept.answers[item.id] || [0, 0];
    kept.answers[item.id] = [rights + (right ? 1 : 0), wrongs + (right ? 0 : 1), right ? 1 : 0];
  };
  const answered = (item, right) => {
    note(item, right);
    keep();
  };
  const missed = (item) => (kept.answers[item.id] || [])[2] === 0;
  const counts = (chapter) => {
    const items = data.items.filter((item) => item.chapter === chapter);
    const last = items.map((item) => (kept.answers[item.id] || [])[2]);
    return {
      all: items.length,
      right: last.filter((one) => one === 1).length,
      missed: last.filter((one) => one === 0).length,
    };
  };

  const heading = (text, item) => window.omsnbParts.heading(text, item, data.kinds);
  const reasons = (item, place) => window.omsnbParts.reasons(item, place, data.statements);

  /* The parts of the page. */
  const setup = make("form", { class: "practice-setup" });
  const session = make("div", { class: "practice-session" });
  const progress = make("div", { class: "practice-progress" });
  const record = make("div", { class: "practice-record" });
  const status = make("p", { role: "status", class: "practice-status" });
  const choice = (name, label, options) => {
    const made = make("select", { name });
    for (const [value, text] of options) made.append(make("option", { value }, text));
    return make("label", {}, label, made);
  };
  const number = (name, label, value, max) =>
    make("label", {}, label, make("input", { type: "number", name, value: String(value), min: name === "count" ? "1" : "0", max: String(max), step: "1" }));
  const chosen = (name) => setup.elements[name].value;

  const ofChapter = () =>
    data.items.filter((item) => chosen("chapter") === "all" || item.chapter === chosen("chapter"));
  const saved = (name) => (status.textContent = `Saved as ${name}.`);
  const pool = () =>
    ofChapter().filter(
      (item) =>
        chosen("which") === "all" || (chosen("which") === "missed" ? missed(item) : !kept.answers[item.id])
    );
  const start = () => {
    const length = Number(chosen("count"));
    const seed = Number(chosen("seed"));
    if (!Number.isInteger(length) || length < 1 || length > 100) {
      status.textContent = "How many questions: a whole number from 1 to 100.";
      return setup.elements.count.focus();
    }
    if (!Number.isInteger(seed) || seed < 0 || seed > 999999) {
      status.textContent = "Number of the draw: a whole number from 0 to 999999.";
      return setup.elements.seed.focus();
    }
    const items = shuffled(pool(), seed).slice(0, length);
    if (!items.length) {
      status.textContent = chosen("which") === "missed" ? "Nothing is missed here." : "Every question here has been answered.";
      return undefined;
    }
    status.textContent = items.length < length ? `There are ${items.length} such questions.` : "";
    return { one: oneByOne, exam, cards: cards }[chosen("mode")](items);
  };

  /* One question at a time. A missed one comes again a little later. */
  function oneByOne(items) {
    const waiting = items.map((item) => ({ item, again: false }));
    const wrong = new Set();
    let place = 0;
    const next = () => {
      if (place >= waiting.length) return finish(items, wrong);
      const { item, again } = waiting[place];
      place += 1;
      const title = heading(`Question ${place} of ${waiting.length}${again ? ", again" : ""}.`, item);
      const group = options(item, "practice-answer");
      const said = make("div", { class: "practice-said", role: "status" });
      const bar = make("div", { class: "practice-bar" });
      const check = () => {
        const answer = taken(group);
        if (answer < 0) {
          said.textContent = "Choose an answer first.";
          return;
        }
        group.querySelectorAll("input").forEach((input) => (input.disabled = true));
        if (answer !== item.right) {
          wrong.add(item);
          waiting.splice(Math.min(place + AGAIN, waiting.length), 0, { item, again: true });
        }
        answered(item, answer === item.right);
        said.replaceChildren(reasons(item, answer));
        const on = button(place < waiting.length ? "Next question" : "To the result", next, true);
        bar.replaceChildren(on, button("Stop here", () => finish(items.filter((one) => kept.answers[one.id]), wrong)));
        on.focus();
      };
      bar.append(button("Check", check, true), button("Stop here", close));
      session.replaceChildren(make("div", { class: "practice-question" }, title, ...scene(item), group, said, bar));
      focus(title);
      return undefined;
    };
    next();
  }

  /* An exam: all questions, then a score and a review. */
  function exam(items) {
    const groups = items.map((item, place) => options(item, `practice-answer-${place}`));
    const boxes = items.map((item, place) =>
      make("div", { class: "practice-question" }, heading(`Question ${place + 1} of ${items.length}.`, item), ...scene(item), groups[place], make("div", { class: "practice-said" }))
    );
    const bar = make("div", { class: "practice-bar" });
    const handIn = () => {
      const wrong = new Set();
      items.forEach((item, place) => {
        const answer = taken(groups[place]);
        groups[place].querySelectorAll("input").forEach((input) => (input.disabled = true));
        if (answer !== item.right) wrong.add(item);
        note(item, answer === item.right);
        boxes[place].querySelector(".practice-said").replaceChildren(reasons(item, answer));
      });
      keep();
      bar.remove();
      const result = finish(items, wrong, boxes);
      focus(result);
    };
    bar.append(button("Hand in", handIn, true), button("Stop here", close));
    session.replaceChildren(...boxes, bar);
    focus(boxes[0].querySelector("h2"));
  }

  /* Flash cards: the reader says whether it was known. */
  function cards(items) {
    const wrong = new Set();
    let place = 0;
    const next = () => {
      if (place >= items.length) return finish(items, wrong);
      const item = items[place];
      place += 1;
      const title = heading(`Card ${place} of ${items.length}.`, item);
      const back = make("div", { class: "practice-said", role: "status" });
      const bar = make("div", { class: "practice-bar" });
      const known = (right) => () => {
        if (!right) wrong.add(item);
        answered(item, right);
        next();
      };
      const turn = () => {
        back.replaceChildren(make("p", {}, make("strong", {}, ...rich(item.choices[item.right][0]))), make("p", {}, ...rich(item.choices[item.right][1])));
        bar.replaceChildren(button("I knew it", known(true), true), button("I did not know it", known(false)), button("Stop here", close));
        bar.firstChild.focus();
      };
      bar.append(button("Show the answer", turn, true), button("Stop here", close));
      session.replaceChildren(make("div", { class: "practice-question" }, title, ...scene(item), make("p", { class: "quiz-ask" }, ...rich(item.ask)), back, bar));
      focus(title);
      return undefined;
    };
    next();
  }

  function finish(items, wrong, boxes) {
    const bar = make("div", { class: "practice-bar" });
    const result = make("div", { class: "practice-question", role: "status" });
    result.append(make("h2", {}, `${items.length - wrong.size} of ${items.length} right${boxes ? "" : " at the first try"}.`));
    if (wrong.size) bar.append(button(`Practice the ${wrong.size} missed`, () => oneByOne([...wrong]), true));
    bar.append(
      button("Another draw", () => {
        setup.elements.seed.value = String((Number(chosen("seed")) + 1) % 1000000);
        start();
      }),
      button("Back to the choices", close)
    );
    result.append(bar);
    session.replaceChildren(result, ...(boxes || []));
    focus(result.firstChild);
    return result.firstChild;
  }
  function close() {
    session.replaceChildren();
    setup.elements.chapter.focus();
  }

  function showProgress() {
    const rows = data.chapters.map((chapter) => {
      const done = counts(chapter.id);
      const tick = chapter.page.split("/").pop() in kept.ticks ? "✓ practiced" : "";
      return [make("a", { href: chapter.page }, chapter.title), `${done.right} of ${done.all}`, String(done.missed), tick];
    });
    const clear = button("Clear my progress", () => {
      kept = { answers: {}, ticks: {} };
      keep();
      try {
        localStorage.removeItem(KEY);
      } catch {
        keeps = false;
      }
      record.replaceChildren();
      status.textContent = "Your progress is cleared.";
      progress.querySelector("button").focus();
    });
    const where = keeps
      ? "Your progress is kept in this browser alone."
      : "This browser does not let the page keep anything, so your progress ends when you leave the page.";
    progress.replaceChildren(
      table("Your progress", ["Chapter", "Right at the last try", "Missed", "Tick"], rows),
      make("p", {}, where),
      make("div", { class: "practice-bar" }, clear, button("Show my record", showRecord))
    );
  }
  function showRecord() {
    const hours = (minutes) => (minutes / 60).toFixed(2);
    const sum = (chapter) => chapter.outcomes.reduce((all, one) => all + one.minutes, 0);
    const rows = data.chapters.map((chapter) => {
      const done = counts(chapter.id);
      const tick = chapter.page.split("/").pop() in kept.ticks;
      const learned = make("ul", {}, ...chapter.outcomes.map((one) => make("li", {}, one.text)));
      return [chapter.title, learned, hours(sum(chapter)), `${done.right} right, ${done.missed} missed${tick ? ", ✓ practiced" : ""}`];
    });
    rows.push(["All", "", hours(data.chapters.reduce((all, chapter) => all + sum(chapter), 0)), ""]);
    const now = new Date();
    const day = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
    const title = make("h2", {}, "Record of completion: coding the digital workflow");
    const print = button("Print this record", () => {
      document.body.classList.add("practice-printing");
      window.print();
      document.body.classList.remove("practice-printing");
    });
    record.replaceChildren(
      title,
      make("p", {}, make("label", {}, "Name (printed, not kept)", make("input", { type: "text", autocomplete: "off" }))),
      make("p", {}, `Day: ${day}`),
      table("What was practiced, and the outline in hours", ["Chapter", "What it teaches", "Hours", "Practice"], rows),
      make("p", {}, "The hours are the authors' estimate of reading and practice. No body has approved them for credit."),
      make("div", { class: "practice-bar" }, print)
    );
    focus(title);
  }

  function show() {
    data = window.omsnbPractice;
    setup.append(
      make(
        "fieldset",
        {},
        make("legend", {}, `Choose from ${data.items.length} questions`),
        make(
          "div",
          { class: "practice-fields" },
          choice("mode", "How", [["one", "One at a time"], ["exam", "Exam with a review"], ["cards", "Flash cards"]]),
          choice("chapter", "Chapter", [["all", "All chapters"], ...data.chapters.map((chapter) => [chapter.id, chapter.title])]),
          choice("which", "Which questions", [["all", "All"], ["missed", "What I missed"], ["new", "What I have not answered"]]),
          number("count", "How many questions", 10, 100),
          number("seed", "Number of the draw", 1, 999999)
        ),
        make(
          "div",
          { class: "practice-bar" },
          make("button", { type: "submit", class: "practice-main" }, "Start"),
          button("Save as CSV", () => saved(asTable(ofChapter(), data.kinds))),
          button("Save for Anki", () => saved(asCards(ofChapter())))
        )
      )
    );
    setup.noValidate = true;
    setup.addEventListener("submit", (event) => {
      event.preventDefault();
      start();
    });
    root.replaceChildren(setup, status, session, progress, record);
    showProgress();
  }

  const script = make("script", { src: own.replace(/practice\.js.*/, "practice-bank.js") });
  script.addEventListener("load", show);
  script.addEventListener("error", () => root.append(make("p", { role: "alert" }, "The questions could not be loaded. Load the page again.")));
  document.head.append(script);
})();
