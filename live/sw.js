// Keeps the manual for reading without a network. tools/build_live.py fills in the version and the files.
// Pages come from the network while there is one, so that a new edition shows at once; the runtime of the
// calculators, in folders named by their content, comes from the store once it was fetched.
"use strict";
const VERSION = "@VERSION@";
const FILES = /*@FILES@*/ [];
const PAGES = `omsnb-pages-${VERSION}`;
const RUNTIME = "omsnb-runtime";
const scope = self.registration ? self.registration.scope : "";
const runtime = (address) => /^live\/[0-9a-f]{12}\//.test(address.slice(scope.length));

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const store = await caches.open(PAGES);
      const old = (await caches.keys()).filter((name) => name.startsWith("omsnb-pages-") && name !== PAGES);
      // [path, digest]: a file that the store before this one holds with the same digest is not fetched again
      for (let at = 0; at < FILES.length; at += 8) {
        await Promise.all(FILES.slice(at, at + 8).map((file) => keep(store, old, file)));
      }
      await self.skipWaiting();
    })()
  );
});

async function keep(store, old, [path, digest]) {
  const address = `${scope}${path}`;
  for (const name of old) {
    const kept = await (await caches.open(name)).match(address);
    if (kept && kept.headers.get("x-digest") === digest) return store.put(address, kept);
  }
  const answer = await fetch(address, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const headers = new Headers(answer.headers);
  headers.set("x-digest", digest);
  return store.put(address, new Response(await answer.blob(), { headers }));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("omsnb-pages-") && name !== PAGES) await caches.delete(name);
      }
      await self.clients.claim();
    })()
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = request.url.split(/[?#]/)[0];
  if (request.method !== "GET" || !address.startsWith(scope)) return;
  event.respondWith(runtime(address) ? fromStore(address, request) : fromNetwork(address, request));
});

async function fromStore(address, request) {
  const kept = await caches.match(address, { cacheName: RUNTIME });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    const store = await caches.open(RUNTIME);
    const folder = address.slice(0, scope.length + "live/".length + 13);
    for (const old of await store.keys()) if (!old.url.startsWith(folder)) await store.delete(old);
    await store.put(address, answer.clone()).catch(() => {});
  }
  return answer;
}

async function fromNetwork(address, request) {
  try {
    return await fetch(request);
  } catch (problem) {
    const path = address.endsWith("/") ? `${address}index.html` : address;
    const kept = await caches.match(path, { cacheName: PAGES });
    if (kept) return kept;
    throw problem;
  }
}
