// Shows ipywidgets in a page: widget models and views here, Python in a worker, comm messages between them.
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as base from "@jupyter-widgets/base";
import * as controls from "@jupyter-widgets/controls";
import { Widget } from "@lumino/widgets";
import "@jupyter-widgets/controls/css/labvariables.css";
import "@jupyter-widgets/controls/css/widgets-base.css";

const KNOWN = { "@jupyter-widgets/base": base, "@jupyter-widgets/controls": controls };

class PageComm {
  constructor(python, id, target) {
    this.python = python;
    this.comm_id = id;
    this.target_name = target;
    this.early = [];
  }
  open() {
    return "";
  }
  // A model comes into being by and by; what Python said meanwhile waits for it.
  on_msg(callback) {
    this.received = callback;
    queueMicrotask(() => this.early.splice(0).forEach((message) => this.received(message)));
  }
  take(message) {
    if (this.received && !this.early.length) this.received(message);
    else this.early.push(message);
  }
  on_close(callback) {
    this.closed = callback;
  }
  close() {
    return "";
  }
  send(data, callbacks, metadata, buffers) {
    return this.python.send(this.comm_id, data, callbacks?.iopub?.status, buffers);
  }
}

class Manager extends ManagerBase {
  constructor(python) {
    super();
    this.python = python;
    this.comms = new Map();
  }
  async loadClass(name, module) {
    const found = KNOWN[module]?.[name];
    if (!found) throw new Error(`this page has no widget ${module}.${name}`);
    return found;
  }
  async _create_comm(target, id) {
    const made = new PageComm(this.python, id, target);
    this.comms.set(id, made);
    return made;
  }
  async _get_comm_info() {
    return {};
  }
  take(message) {
    const content = { comm_id: message.comm_id, data: message.data };
    if (message.type === "comm_open") {
      const made = new PageComm(this.python, message.comm_id, message.target_name);
      this.comms.set(message.comm_id, made);
      this.handle_comm_open(made, { content, metadata: message.metadata, buffers: [] });
    } else if (message.type === "comm_msg") {
      this.comms.get(message.comm_id)?.take({ content, metadata: message.metadata, buffers: [], parent_header: {} });
    } else if (message.type === "comm_close") {
      this.comms.get(message.comm_id)?.closed?.({ content });
      this.comms.delete(message.comm_id);
    }
  }
}

// One Python for all calculators of a page. `tell` hears {type: "progress" | "failed" | "ready"}.
export class Python {
  constructor(address, tell) {
    this.address = address;
    this.tell = tell;
    this.manager = new Manager(this);
    this.waiting = new Map();
    this.count = 0;
    this.worker = new Worker(address, { type: "module" });
    this.worker.onmessage = ({ data }) => this.take(data);
    this.worker.onerror = (event) => tell({ type: "failed", message: event.message || "its worker did not start" });
  }
  stop() {
    this.worker.terminate();
    this.manager = null;
  }
  send(comm_id, data, told, buffers = []) {
    const id = `m${++this.count}`;
    if (told) this.waiting.set(id, told);
    this.worker.postMessage({ type: "message", id, comm_id, data, buffers });
    return id;
  }
  take(message) {
    if (!this.manager) return;
    for (const one of message.messages || []) this.manager.take(one);
    if (message.type === "started") {
      this.waiting.get(message.slot)?.(message);
      this.waiting.delete(message.slot);
    } else if (message.type === "reply") {
      if (message.fault) this.tell({ type: "failed", message: message.fault });
      this.waiting.get(message.id)?.({ content: { execution_state: "idle" } });
      this.waiting.delete(message.id);
    } else {
      this.tell(message);
    }
  }
  // Shows a calculator in an element.
  async show(name, state, links, element) {
    const slot = `s${++this.count}`;
    const answer = await new Promise((done) => {
      this.waiting.set(slot, done);
      this.worker.postMessage({ type: "start", slot, name, state, links });
    });
    if (answer.fault) throw new Error(answer.fault);
    const model = await this.manager.get_model(answer.model_id);
    const view = await this.manager.create_view(model);
    Widget.attach(view.luminoWidget, element);
  }
  // For the next visit: keeps the files for reading without a network, and lets a worker of its own save a warmed
  // memory. Where the browser keeps nothing, every visit starts afresh.
  async keep() {
    if (!globalThis.caches) return;
    const folder = new URL("./", this.address).href;
    const { names } = await (await fetch(`${folder}files.json`)).json();
    const store = await caches.open("omsnb-runtime");
    for (const old of await store.keys()) if (!old.url.startsWith(folder)) await store.delete(old);
    await store.addAll(names.map((name) => folder + name));
    const saver = new Worker(this.address, { type: "module" });
    saver.onmessage = ({ data }) => {
      if (data.type !== "saved" && data.type !== "failed") return;
      document.documentElement.dataset.memory = data.type;
      saver.terminate();
    };
    saver.postMessage({ type: "save" });
  }
}
