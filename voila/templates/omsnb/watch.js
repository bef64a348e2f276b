(function () {
  'use strict';
  // An answer on the screen must belong to a living kernel. Twice a second the page asks its kernel, over the socket
  // that carries the answers, and every few seconds the server; when either keeps silent, the list is hidden.
  // Meanwhile the tab's own memory (sessionStorage, sent nowhere) keeps the form's state for the next kernel.
  const TICK = 250, BEAT = 500, SILENT = 3000, FIRST = 10000, ASK = 3000, ANSWER = 2500;
  const V1 = 'v1.kernel.websocket.jupyter.org', LOST = 'omsnb-stale';
  const session = 'omsnb' + Math.random().toString(36).slice(2);
  let socket = null, kernel = '', alive = false;    // alive: the kernel has said something over this socket
  let sent = 0, heard = 0, settled = 0;             // beats: sent, answered, and answered before the last tick
  let silence = 0, last = 0, ticked = 0, asked = 0, leaving = false;

  function lost() {
    if (!leaving) document.body.classList.add(LOST);
  }

  // What a reader unfolded in the result stays unfolded when the next answer brings a new result.
  const unfolded = new Set();
  document.addEventListener('click', function (event) {
    const summary = event.target.closest && event.target.closest('summary'), fold = summary && summary.parentElement;
    if (!fold || !fold.dataset.fold) return;
    if (fold.open) unfolded.delete(fold.dataset.fold); else unfolded.add(fold.dataset.fold);  // the click is yet to come
  }, true);
  new MutationObserver(function () {
    document.querySelectorAll('details[data-fold]:not([open])').forEach(function (fold) {
      fold.open = unfolded.has(fold.dataset.fold);
    });
  }).observe(document.documentElement, { childList: true, subtree: true });

  // --- the kernel ---------------------------------------------------------------------------------------------------

  const text = new TextDecoder(), bytes = new TextEncoder();

  // the server's binary form of a message: how many offsets, the offsets, then channel and parts one after another
  function packed(message) {
    const parts = ['shell', ...['header', 'parent_header', 'metadata', 'content'].map(function (name) {
      return JSON.stringify(message[name]);
    })].map(function (part) { return bytes.encode(part); });
    let at = 8 * (parts.length + 2);
    const all = new Uint8Array(at + parts.reduce(function (sum, part) { return sum + part.length; }, 0));
    const offsets = new DataView(all.buffer);
    offsets.setBigUint64(0, BigInt(parts.length + 1), true);
    parts.forEach(function (part, i) {
      offsets.setBigUint64(8 * (i + 1), BigInt(at), true);
      all.set(part, at);
      at += part.length;
    });
    offsets.setBigUint64(8 * (parts.length + 1), BigInt(at), true);
    return all.buffer;
  }

  function unpacked(buffer) {
    const view = new DataView(buffer);
    function part(i) {
      const from = Number(view.getBigUint64(8 * (i + 1), true)), to = Number(view.getBigUint64(8 * (i + 2), true));
      return JSON.parse(text.decode(new Uint8Array(buffer, from, to - from)));
    }
    return { header: part(1), parent_header: part(2), get content() { return part(4); } };
  }

  function beat() {
    const message = {
      channel: 'shell', parent_header: {}, metadata: {}, content: {}, buffers: [],
      header: {
        msg_id: session + '-' + (sent += 1), msg_type: 'kernel_info_request', session: session, username: '',
        version: '5.3', date: new Date().toISOString(),
      },
    };
    socket.send(socket.protocol === V1 ? packed(message) : JSON.stringify(message));
  }

  function hear(data) {
    let message;
    try { message = typeof data === 'string' ? JSON.parse(data) : unpacked(data); } catch (fault) { return; }
    const kind = message.header.msg_type, about = (message.parent_header || {}).msg_id || '';
    if (kind === 'kernel_info_reply') alive = true;
    if (kind !== 'status') return;
    const state = message.content.execution_state;
    if (/^(dead|restarting|autorestarting|terminating)$/.test(state)) return lost();
    // "idle" comes after all that was answered before it, so every answer older than this beat is on the screen
    if (state === 'idle' && about.indexOf(session + '-') === 0) { heard = Number(about.slice(session.length + 1)); silence = 0; }
  }

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...words) {
      super(...words);
      const found = /\/api\/kernels\/([^/]+)\/channels/.exec(String(words[0]));
      if (!found) return;
      socket = this; kernel = found[1]; alive = false; silence = 0; heard = settled = sent;
      this.addEventListener('close', lost);
      this.addEventListener('message', function (event) { if (socket === event.target) hear(event.data); });
    }
  };

  // --- the server ---------------------------------------------------------------------------------------------------

  function ask() {
    const stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, ANSWER);
    fetch(base() + 'api/kernels/' + kernel, { signal: stop.signal, cache: 'no-store' }).then(function (answer) {
      if (answer.status === 404) lost();
    }, lost).finally(function () { clearTimeout(timer); });
  }

  function config() {
    const data = document.getElementById('jupyter-config-data');
    try { return JSON.parse(data.textContent); } catch (fault) { return {}; }
  }
  function base() { return config().baseUrl || '/'; }

  // --- the answers --------------------------------------------------------------------------------------------------

  // kept: the state that the kernel told, and the changes that it had not answered yet, which are made again
  const place = 'omsnb ' + location.pathname + ' ' + document.title;
  let kept = '', changes = [], again = [], ready = false;

  function box() { return document.querySelector('.omsnb-kept input'); }

  function keep() {
    try {
      sessionStorage.setItem(place, JSON.stringify({ state: kept, changes: changes.concat(again) }));
    } catch (fault) { /* no memory in this browser: the form works all the same */ }
  }

  function label(control) { return control.labels && control.labels.length ? control.labels[0].textContent : ''; }

  function changed(event) {
    const control = event.target;
    if (!label(control) || control.closest('.omsnb-kept') || !control.closest('#rendered_cells')) return;
    const chosen = control.tagName === 'SELECT' ? control.options[control.selectedIndex].textContent : control.value;
    changes.push({ label: label(control), value: chosen, beat: sent + 1 });
    keep();
  }

  function put(control, value) {
    control.value = value;
    control.dispatchEvent(new Event('input', { bubbles: true }));
    control.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function change(wanted) {
    const control = Array.from(document.querySelectorAll('#rendered_cells :is(select, input, textarea)')).find(
      function (one) { return label(one) === wanted.label && !one.disabled; });
    if (!control) return;
    const option = control.tagName === 'SELECT' && Array.from(control.options).find(
      function (one) { return one.textContent === wanted.value; });
    if (option !== undefined) put(control, option ? option.value : wanted.value);
  }

  function remember() {
    const now = box();
    if (!now || !alive) return;
    if (!ready) {
      let memory = {};
      try { memory = JSON.parse(sessionStorage.getItem(place)) || {}; } catch (fault) { /* as if there were none */ }
      ready = true;
      kept = now.value;
      again = memory.changes || [];
      if (memory.state && memory.state !== kept) {
        kept = memory.state;
        put(now, kept);
        changes.push({ label: '', value: '', beat: sent + 1 });  // waited for, like a change
      }
      return keep();
    }
    const before = changes.length;
    changes = changes.filter(function (one) { return one.beat > settled; });
    settled = heard;
    if (!changes.length && again.length) change(again.shift());
    if (changes.length && changes[0].label === '') return;   // the old state is on its way into the new kernel
    if (now.value !== kept || changes.length !== before) { kept = now.value; keep(); }
  }

  // --- the round ----------------------------------------------------------------------------------------------------

  function tick() {
    const now = performance.now(), passed = Math.min(now - ticked, 2 * TICK);  // a page that slept has not listened
    ticked = now;
    if (!socket || document.body.classList.contains(LOST)) return;
    if (sent > heard || !alive) silence += passed;
    if (silence > (alive ? SILENT : FIRST)) return lost();
    if (alive && socket.readyState === 1 && sent === heard && now - last >= BEAT) { last = now; beat(); }
    if (now - asked >= ASK) { asked = now; ask(); }
    remember();
  }

  // a page that is left before Voilà's own script is there frees its kernel all the same
  function farewell() {
    leaving = true;
    const id = config().kernelId, cookie = /(?:^|; )_xsrf=([^;]+)/.exec(document.cookie), word = new FormData();
    if (!id || socket) return;
    word.append('_xsrf', cookie ? cookie[1] : '');
    navigator.sendBeacon(base() + 'voila/api/shutdown/' + id, word);
  }

  function mend() {
    const cells = document.getElementById('rendered_cells');
    if (cells) cells.setAttribute('role', 'main');
    document.querySelectorAll('.omsnb-result:not([aria-live])').forEach(function (box) {
      // where a sentence tells what an answer did, that is read out, and not the whole result with it
      const told = box.parentElement && box.parentElement.querySelector('.omsnb-said');
      box.setAttribute('aria-live', told ? 'off' : 'polite'); box.setAttribute('role', 'region'); box.setAttribute('aria-label', 'Result');
      box.tabIndex = 0;  // it scrolls by itself, so the keyboard must reach it
    });
    document.querySelectorAll('.omsnb-said:not([aria-live])').forEach(function (box) {
      box.setAttribute('aria-live', 'polite'); box.setAttribute('role', 'status');
    });
    // an answer that nothing fits is shown with its reason, and cannot be chosen
    document.querySelectorAll('.widget-dropdown option').forEach(function (option) {
      option.disabled = option.value.indexOf(' – ruled out: ') >= 0;
    });
  }

  // a control that is greyed while it has the focus would lose the keyboard's place: it waits until the focus goes on
  function keepFocus(changes) {
    changes.forEach(function (change) {
      const control = change.target;
      if (!control.disabled || control !== document.activeElement) return;
      control.disabled = false;
      control.addEventListener('blur', function () { control.disabled = Boolean(control.closest('.omsnb-idle')); }, { once: true });
    });
  }

  window.addEventListener('beforeunload', function () {
    leaving = true;
    setTimeout(function () { leaving = false; }, 4000);  // a page that is still there has not left
  });
  window.addEventListener('pagehide', farewell);
  window.addEventListener('pageshow', function (event) { if (event.persisted) location.reload(); });  // its kernel is gone
  document.addEventListener('change', changed, true);
  document.addEventListener('DOMContentLoaded', function () {
    new MutationObserver(keepFocus).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['disabled'] });
    const notice = document.createElement('div');
    notice.id = 'omsnb-lost'; notice.setAttribute('role', 'alert');
    notice.innerHTML = '<p>The connection to the explorer was lost, so its list is hidden: it would no longer follow your answers. Your answers are kept in this tab and come back when you start again.</p><button type="button">Start again</button>';
    notice.querySelector('button').addEventListener('click', function () { leaving = true; location.reload(); });
    document.body.prepend(notice);
    mend(); new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
    ticked = performance.now(); setInterval(tick, TICK);
  });
})();
