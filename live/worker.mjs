// The Python side: Pyodide in a module worker. Asks for files of this folder alone.
// Messages in:  {type: "start", slot, name, state, links} | {type: "message", id, comm_id, data, buffers} | {type: "save"}
// Messages out: {type: "progress", loaded, total, what} | {type: "ready", fresh} | {type: "saved"}
//               | {type: "started", slot, model_id, messages, fault} | {type: "reply", id, messages, fault}
//               | {type: "failed", message}
import { loadPyodide } from "./pyodide.mjs";

const here = new URL("./", import.meta.url).href;
const post = (message) => self.postMessage(message);
const SITE = "/home/pyodide";

// A saved memory fits the interpreter and the browser that made it; the folder's name is a digest of the interpreter.
const MEMORY = "omsnb-memory";
const key = `${here}memory?${encodeURIComponent(navigator.userAgent)}`;

const silent = () => {};
const options = { indexURL: here, stdLibURL: `${here}python_stdlib.zip`, stdout: silent, stderr: silent };

async function archive() {
  const answer = await fetch(`${here}site.zip`);
  if (!answer.ok) throw new Error(`site.zip: ${answer.status}`);
  return answer.arrayBuffer();
}

// Where a file is missing Pyodide would wait for ever, so every answer is looked at.
// `count` says how much there is still to come, while there is anything to say.
let count = silent;
const plain = self.fetch.bind(self);
self.fetch = async (...asked) => {
  const answer = await plain(...asked).catch((problem) => {
    post({ type: "failed", message: String(problem) });
    throw problem;
  });
  if (!answer.ok) post({ type: "failed", message: `${answer.url}: ${answer.status}` });
  else if (answer.body && count !== silent) countParts(answer.clone().body.getReader()).catch(silent);
  return answer;
};

async function countParts(reader) {
  for (let part = await reader.read(); !part.done; part = await reader.read()) count(part.value.length);
}

async function countBytes() {
  const { total } = await (await fetch(`${here}files.json`)).json();
  let loaded = 0;
  count = (bytes) => {
    loaded = Math.min(loaded + bytes, total);
    post({ type: "progress", loaded, total, what: loaded < total ? "Loading Python" : "Starting Python" });
  };
}

async function restored() {
  try {
    if (!self.caches || !(await caches.has(MEMORY))) return null;
    const answer = await caches.match(key, { cacheName: MEMORY });
    if (!answer) return null;
    post({ type: "progress", loaded: 1, total: 1, what: "Starting Python" });
    const python = await loadPyodide({ ...options, _loadSnapshot: new Uint8Array(await answer.arrayBuffer()) });
    return { python, bridge: python.pyimport("omsnb.live.bridge"), fresh: false };
  } catch (problem) {
    console.warn("The saved memory does not fit; starting afresh.", problem);
    await caches.delete(MEMORY);
    return null;
  }
}

async function fresh(more = {}) {
  await countBytes();
  const [python, site] = await Promise.all([loadPyodide({ ...options, ...more }), archive()]);
  python.unpackArchive(site, "zip", { extractDir: SITE });
  python.runPython("from omsnb.live.stand_in import stand_in_ipython; stand_in_ipython()");
  const bridge = python.pyimport("omsnb.live.bridge");
  bridge.connect();
  return { python, bridge, fresh: true };
}

// In a worker of its own, after the first answer: no calculator stands in the memory that is saved, and nobody waits.
async function save() {
  const { python, bridge } = await fresh({ _makeSnapshot: true });
  bridge.warm();
  bridge.destroy();
  const memory = python.makeMemorySnapshot();
  await caches.delete(MEMORY);
  await (await caches.open(MEMORY)).put(key, new Response(memory));
  post({ type: "saved" });
}

let loading;
async function start() {
  // Where WebAssembly is blocked Pyodide would wait for ever; the smallest module there is tells at once.
  await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const loaded = (await restored()) || (await fresh());
  post({ type: "ready", fresh: loaded.fresh });
  // A restored memory comes without files. It was warmed, so it needs them last of all.
  if (!loaded.fresh) archive().then((site) => loaded.python.unpackArchive(site, "zip", { extractDir: SITE }));
  return loaded;
}

self.onmessage = async ({ data: message }) => {
  try {
    if (message.type === "save") return await save();
    const { python, bridge } = await (loading ||= start());
    if (message.type === "start") {
      const answer = JSON.parse(bridge.start(message.name, message.state, message.links));
      post({ type: "started", slot: message.slot, ...answer });
    } else if (message.type === "message") {
      const parts = (message.buffers || []).map((part) => new Uint8Array(part.buffer || part));
      const buffers = python.toPy(parts);
      const answer = JSON.parse(bridge.receive(message.comm_id, JSON.stringify(message.data), buffers));
      buffers.destroy();
      post({ type: "reply", id: message.id, ...answer });
    }
  } catch (problem) {
    post({ type: "failed", message: String(problem.message || problem) });
  }
};
