/* Starts the calculators of a page when they are wanted, and keeps the manual for reading without a network. */
(function () {
  "use strict";
  const root = document.documentElement.dataset.content_root || "./";
  const folder = new URL(`${root}live/`, location.href).href;
  const boxes = [...document.querySelectorAll(".live-calculator")];
  const REST = 3000;
  const PAUSE = 150;
  const SEEN = 4000;
  const FAILED = "The calculator could not be started, so the table stands for it.";
  const BROKE = "The calculator failed, so its answer was taken away. Start it again.";
  const OFFLINE = "The calculator was never loaded on this machine, and there is no network; the table stands for it.";
  let python = null;
  let opening = null;
  let near = null; /* starts what comes into sight */

  function part(box, name) {
    return box.querySelector(`.live-${name}`);
  }
  function say(box, text, isProblem) {
    const status = part(box, "status");
    status.textContent = text;
    status.classList.toggle("problem", Boolean(isProblem));
  }

  /* The page as it was built: the first state, and a button to start. */
  function reset(box, text, isProblem) {
    box.dataset.state = "resting";
    part(box, "form").replaceChildren();
    part(box, "static").hidden = false;
    part(box, "progress").hidden = true;
    part(box, "cancel").hidden = true;
    part(box, "start").hidden = false;
    say(box, text, isProblem);
  }
  function stopAll(text, isProblem) {
    if (python) python.stop();
    python = opening = null;
    for (const box of boxes) if (box.dataset.state !== "resting") reset(box, text, isProblem);
  }

  function cancel(box) {
    if (boxes.some((one) => one.dataset.state === "live")) reset(box, "Loading was cancelled.");
    else stopAll("Loading was cancelled.");
    part(box, "start").focus();
  }

  function tell(message) {
    if (message.type === "progress") {
      const mb = (bytes) => (bytes / 1e6).toFixed(1);
      for (const box of boxes.filter((one) => one.dataset.state === "loading")) {
        part(box, "progress").value = message.loaded / message.total;
        say(box, message.total > 1 ? `${message.what}: ${mb(message.loaded)} of ${mb(message.total)} MB` : message.what);
      }
    } else if (message.type === "failed") {
      console.error("calculator:", message.message);
      stopAll(boxes.some((box) => box.dataset.state === "live") ? BROKE : navigator.onLine ? FAILED : OFFLINE, true);
      registerOffline();
    } else if (message.type === "ready") {
      registerOffline();
      if (message.fresh) setTimeout(() => python && python.keep().catch(() => {}), REST);
    }
  }

  async function open() {
    if (typeof WebAssembly !== "object" || typeof Worker !== "function") throw new Error("no WebAssembly or no workers");
    const { version } = await (await fetch(`${folder}version.json`)).json();
    const here = `${folder}${version}/`;
    if (!document.querySelector("link[data-live]")) {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.dataset.live = "";
      style.href = `${here}front.css`;
      document.head.append(style);
    }
    const { Python } = await import(`${here}front.mjs`);
    return new Python(`${here}worker.mjs`, tell);
  }

  async function start(box, state) {
    if (box.dataset.state !== "resting") return;
    if (near) near.unobserve(box); // or one that was cancelled while out of sight would start again when it is seen
    box.dataset.state = "loading";
    part(box, "start").hidden = true;
    part(box, "cancel").hidden = false;
    part(box, "progress").hidden = false;
    say(box, "Loading Python");
    let mine;
    try {
      mine = await (opening ||= open());
      if (box.dataset.state !== "loading") return mine === python ? undefined : mine.stop();
      python = mine;
      await python.show(box.dataset.calculator, state || "", box.dataset.links, part(box, "form"));
      if (box.dataset.state !== "loading") return part(box, "form").replaceChildren();
    } catch (problem) {
      if (box.dataset.state === "loading") tell({ type: "failed", message: problem.stack || String(problem) });
      return;
    }
    box.dataset.state = "live";
    part(box, "static").hidden = true;
    part(box, "progress").hidden = true;
    part(box, "cancel").hidden = true;
    say(box, "");
    follow(box);
  }

  /* A new address makes the browser style the whole page anew, so it waits until the result is shown. */
  let address = null;
  let waiting = 0;
  function keepAddress(wanted) {
    address = wanted;
    clearTimeout(waiting);
    waiting = setTimeout(writeAddress, PAUSE);
  }
  function writeAddress() {
    clearTimeout(waiting);
    if (address !== null) history.replaceState(history.state, "", address);
    address = null;
  }

  /* A control that is greyed while it has the focus would lose the keyboard's place: it waits until the focus goes on. */
  function keepFocus(form) {
    const wait = (control) => {
      control.disabled = false;
      const later = () => (control.disabled = Boolean(control.closest(".omsnb-idle")));
      control.addEventListener("blur", later, { once: true });
    };
    new MutationObserver((changes) => {
      for (const { target } of changes) if (target.disabled && target === document.activeElement) wait(target);
    }).observe(form, { subtree: true, attributes: true, attributeFilter: ["disabled"] });
  }

  /* What a reader unfolded in the result stays unfolded when the next answer brings a new result. */
  function keepFolds(form) {
    const open = new Set();
    form.addEventListener(
      "click",
      (event) => {
        const fold = event.target.closest("summary")?.parentElement;
        if (!fold?.dataset.fold) return;
        if (fold.open) open.delete(fold.dataset.fold); // the click is about to close it
        else open.add(fold.dataset.fold);
      },
      true
    );
    const unfold = () => {
      for (const fold of form.querySelectorAll("details[data-fold]:not([open])")) fold.open = open.has(fold.dataset.fold);
    };
    new MutationObserver(unfold).observe(form, { childList: true, subtree: true });
  }

  /* The answers stand in the address, behind the #, which no server ever sees. */
  function follow(box) {
    const mend = () => {
      const form = part(box, "form");
      const said = form.querySelector(".omsnb-said:not([aria-live])");
      if (said) said.setAttribute("aria-live", "polite"); // one sentence, and not the whole result, is read out
      const result = form.querySelector(".omsnb-said") ? null : form.querySelector(".omsnb-result:not([aria-live])");
      if (result) {
        result.setAttribute("role", "region");
        result.setAttribute("aria-live", "polite");
        result.setAttribute("aria-label", `Result: ${box.getAttribute("aria-label")}`);
      }
      for (const note of part(box, "form").querySelectorAll(".omsnb-refused")) {
        const field = note.previousElementSibling.querySelector("input");
        if (!field) continue;
        note.id ||= `${field.id}-refused`;
        if (note.textContent.trim()) {
          field.setAttribute("aria-invalid", "true");
          field.setAttribute("aria-describedby", note.id);
        } else {
          field.removeAttribute("aria-invalid");
          field.removeAttribute("aria-describedby");
        }
      }
      for (const option of part(box, "form").querySelectorAll("option")) {
        option.disabled = option.value.includes(" – ruled out: "); // its text has spaces of another kind
      }
      const state = part(box, "form").querySelector(".omsnb-state");
      if (!state) return;
      const text = state.textContent.trim();
      if (text !== box.dataset.told) {
        const first = box.dataset.told === undefined;
        box.dataset.told = text;
        if (!first) keepAddress(text ? `#calculator=${box.dataset.calculator}&${text}` : location.pathname + location.search);
      }
    };
    new MutationObserver(mend).observe(part(box, "form"), { childList: true, subtree: true, characterData: true });
    mend();
  }

  /* A bookmark or a shared address opens its calculator with its answers. */
  function fromAddress() {
    address = null; // the reader went elsewhere, which is not to be overwritten
    const asked = location.hash.slice(1);
    if (!asked.startsWith("calculator=")) return;
    const [name, ...rest] = asked.slice("calculator=".length).split("&");
    const box = boxes.find((one) => one.dataset.calculator === name);
    if (box) {
      if (box.dataset.state !== "resting") reset(box, "");
      if (window.omsnb) window.omsnb.goTo(box);
      else box.scrollIntoView();
      start(box, rest.join("&"));
    } else if (boxes.length) {
      say(boxes[0], "The address names a calculator that is not on this page, so it was left out.", true);
    }
  }

  /* The button itself says what came of it, where the reader looks; the status says so to who listens. */
  function answer(button, text) {
    button.dataset.label ??= button.textContent;
    button.textContent = text;
    clearTimeout(Number(button.dataset.timer));
    button.dataset.timer = setTimeout(() => (button.textContent = button.dataset.label), SEEN);
  }
  function copy(event) {
    const button = event.target.closest && event.target.closest(".omsnb-copy");
    if (!button) return;
    const box = button.closest(".live-calculator");
    setTimeout(async () => {
      const text = part(box, "form").querySelector("textarea");
      try {
        await navigator.clipboard.writeText(text.value);
        answer(button, "Copied");
        say(box, "Copied.");
      } catch {
        text.focus();
        text.select();
        answer(button, "Selected: copy it");
        say(box, "The text is selected; copy it with your browser.");
      }
    }, 300);
  }

  /* A part of Python that only some readers want, such as the one for workbooks, is fetched when it is asked for. */
  function fetchPart(event) {
    if (python) event.detail.wait.push(python.part(event.detail.name));
  }

  /* A claim goes from page to page in this tab's own memory; nothing of it is sent. */
  function handOver(event) {
    const link = event.target.closest && event.target.closest("a[data-claim]");
    if (!link) return;
    try {
      sessionStorage.setItem("omsnb-claim", JSON.stringify({ name: link.dataset.from, text: link.dataset.claim }));
    } catch {
      event.preventDefault();
      say(link.closest(".live-calculator") || boxes[0], "This browser keeps no memory for the tab, so the lines cannot be handed over; copy them as text.", true);
    }
  }

  for (const box of boxes) {
    reset(box, "");
    keepFocus(part(box, "form"));
    keepFolds(part(box, "form"));
    part(box, "start").addEventListener("click", () => start(box));
    part(box, "cancel").addEventListener("click", () => cancel(box));
    box.addEventListener("click", copy);
    box.addEventListener("omsnb-need", fetchPart);
  }
  document.addEventListener("click", handOver);
  const spare = navigator.connection && navigator.connection.saveData;
  if (boxes.length && "IntersectionObserver" in window && !spare) {
    near = new IntersectionObserver(
      (seen) => {
        for (const one of seen) {
          if (!one.isIntersecting) continue;
          near.unobserve(one.target);
          start(one.target);
        }
      },
      { rootMargin: "200px" }
    );
    boxes.forEach((box) => near.observe(box));
  }
  fromAddress();
  window.addEventListener("hashchange", fromAddress);
  window.addEventListener("pagehide", writeAddress);

  /* Not while a calculator loads: the reader waits for that, and for no page kept for later. */
  let registered = false;
  function registerOffline() {
    if (registered || !("serviceWorker" in navigator) || !window.isSecureContext) return;
    registered = true;
    setTimeout(() => navigator.serviceWorker.register(`${root}sw.js`).catch(() => {}), REST);
  }
  window.addEventListener("load", () => {
    if (!boxes.some((box) => box.dataset.state === "loading")) registerOffline();
  });
})();
