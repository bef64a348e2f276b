// Run by tools/build_live.py with node: starts what was built, as the worker does, and makes every calculator once.
// Fails when a part of Python's library that was left out is needed after all. node check.mjs FOLDER
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const folder = resolve(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const python = await loadPyodide({ indexURL: `${folder}/`, stdLibURL: `${folder}/python_stdlib.zip` });
python.unpackArchive(new Uint8Array(readFileSync(`${folder}/site.zip`)), "zip", { extractDir: "/home/pyodide" });
python.runPython("from omsnb.live.stand_in import stand_in_ipython; stand_in_ipython()");
const bridge = python.pyimport("omsnb.live.bridge");
bridge.connect();
try {
  bridge.warm();
  python.unpackArchive(new Uint8Array(readFileSync(`${folder}/workbook.zip`)), "zip", { extractDir: "/home/pyodide" });
  python.runPython(`
import importlib
importlib.invalidate_caches()
from omsnb.claim_files import claim_bytes, read_given, template_bytes
given = read_given(template_bytes("xlsx"), "lines.xlsx")
assert given.lines == 1 and read_given(claim_bytes(given.claims, "xlsx"), "claims.xlsx").claims == given.claims
`);
} catch (problem) {
  console.error(problem.message); // thrown on, node would print the interpreter's source in one line
  process.exit(1);
}
