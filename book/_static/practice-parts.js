/* What the practice page is made of: elements, the order of a draw, and questions as files. Decides nothing. */
(function () {
  "use strict";

  const make = (name, given, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given || {})) {
      if (key === "class") made.className = value;
      else if (key in made && typeof value !== "string") made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  };
  /* A text of the data; *words* between asterisks are emphasized. */
  const rich = (text) =>
    text.split(/\*([^*]+)\*/).map((part, place) => (place % 2 ? make("em", {}, part) : part));
  const letter = (place) => String.fromCharCode(65 + place);
  const button = (text, act, main) => {
    const made = make("button", { type: "button", class: main ? "practice-main" : "" }, text);
    made.addEventListener("click", act);
    return made;
  };
  const focus = (node) => {
    node.tabIndex = -1;
    node.focus();
  };

  /* Numbers from a seed (mulberry32), so that one number gives one order in every browser. */
  const numbers = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const shuffled = (items, seed) => {
    const next = numbers(seed);
    const left = [...items];
    for (let place = left.length - 1; place > 0; place -= 1) {
      const other = Math.floor(next() * (place + 1));
      [left[place], left[other]] = [left[other], left[place]];
    }
    return left;
  };

  /* A question: its case, and a group of answers. */
  const scene = (item) =>
    item.scene.length
      ? [make("dl", { class: item.scene.length > 1 ? "quiz-scene" : "" }, ...item.scene.flatMap(([asked, said]) => [make("dt", {}, asked), make("dd", {}, said)]))]
      : [];
  const few = (item) =>
    item.choices.length < 4 ? ` Only ${item.choices.length === 2 ? "two" : "three"} answers compete here.` : "";
  const options = (item, name) => {
    const group = make("fieldset", { class: "practice-options" }, make("legend", {}, ...rich(item.ask + few(item))));
    item.choices.forEach(([text], place) =>
      group.append(
        make(
          "label",
          { class: "quiz-option" },
          make("input", { type: "radio", name, value: String(place) }),
          make("span", {}, `${letter(place)}. `, ...rich(text))
        )
      )
    );
    return group;
  };
  const taken = (group) => {
    const input = group.querySelector("input:checked");
    return input ? Number(input.value) : -1;
  };
  const reasons = (item, place, statements) => {
    const right = place === item.right;
    const said = make("div", {});
    const verdict = right ? "Right. " : place < 0 ? `The answer is ${letter(item.right)}. ` : `Not this one. The answer is ${letter(item.right)}. `;
    said.append(make("p", {}, make("strong", {}, verdict), ...rich(item.choices[item.right][1])));
    if (!right && place >= 0)
      said.append(make("p", {}, `Your answer, ${letter(place)}: `, ...rich(item.choices[place][1])));
    const others = make("ul", {});
    item.choices.forEach(([, why], other) => {
      if (other !== item.right && other !== place) others.append(make("li", {}, `${letter(other)}: `, ...rich(why)));
    });
    if (others.children.length)
      said.append(make("details", {}, make("summary", {}, "Why not the others"), others));
    const rests = make("ul", {});
    for (const id of item.rests) {
      const [text, address] = statements[id];
      rests.append(make("li", {}, `${text} `, address ? make("a", { href: address }, id) : id));
    }
    said.append(make("details", {}, make("summary", {}, "What it rests on"), rests));
    return said;
  };
  const heading = (text, item, kinds) =>
    make("h2", {}, text, make("span", { class: "quiz-kind" }, ` ${kinds[item.kind]}, chapter ${item.chapter}`));

  /* Questions as a file: a table, or the text that Anki imports. Both return the name of the file. */
  const save = (name, type, text) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    return name;
  };
  const told = (item) => item.scene.map(([asked, said]) => `${asked}: ${said}`).join("\n");
  const listed = (item) => item.choices.map(([text], place) => `${letter(place)}) ${text}`).join("\n");
  const whys = (item) => item.choices.map(([, why], place) => `${letter(place)}) ${why}`).join("\n");
  const answer = (item) => `${letter(item.right)}) ${item.choices[item.right][0]}`;
  const asTable = (items, kinds) => {
    const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? "'" : "") + text.replaceAll('"', '""')}"`;
    const rows = [["id", "chapter", "kind", "case", "question", "options", "answer", "why"]];
    for (const item of items)
      rows.push([item.id, item.chapter, kinds[item.kind], told(item), item.ask, listed(item), answer(item), whys(item)]);
    return save("practice.csv", "text/csv", rows.map((row) => row.map(cell).join(",")).join("\n") + "\n");
  };
  const asCards = (items) => {
    const html = (text) =>
      text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]).replaceAll("\t", " ").replaceAll("\n", "<br>");
    const head = ["#separator:tab", "#html:true", "#notetype:Basic", "#guid column:1", "#deck column:2", "#tags column:5"];
    const rows = items.map((item) =>
      [item.id, `Coding the digital workflow::Chapter ${item.chapter}`, html(`${told(item)}\n\n${item.ask}\n\n${listed(item)}`), html(`${answer(item)}\n\n${whys(item)}`), `chapter-${item.chapter} ${item.kind}`].join("\t")
    );
    return save("practice-anki.txt", "text/plain", [...head, ...rows].join("\n") + "\n");
  };

  function table(caption, head, rows) {
    return make(
      "div",
      { class: "practice-wide", tabindex: "0", role: "region", "aria-label": caption },
      make(
        "table",
        {},
        make("caption", {}, caption),
        make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
        make("tbody", {}, ...rows.map(([first, ...rest]) => make("tr", {}, make("th", { scope: "row" }, first), ...rest.map((cell) => make("td", {}, cell)))))
      )
    );
  }

  window.omsnbParts = { make, rich, button, focus, shuffled, scene, options, taken, reasons, heading, asTable, asCards, table };
})();
