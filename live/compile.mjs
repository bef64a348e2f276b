// Run by tools/build_live.py with node: compiles Python sources with the very interpreter that will read them.
// node compile.mjs PYODIDE_FOLDER SOURCES_FOLDER
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const [pyodide, sources] = process.argv.slice(2).map((one) => resolve(one));
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`).href);
const python = await loadPyodide({ indexURL: `${pyodide}/` });
python.mountNodeFS("/mnt", sources);
const count = python.runPython(`
import pathlib, py_compile
from warnings import simplefilter
simplefilter("ignore")
root = pathlib.Path("/mnt")
found = sorted(root.rglob("*.py"))
for file in found:
    # sourceless and unchecked: a zip file has no times to compare, and the files never change; 2 leaves out docstrings
    py_compile.compile(
        str(file), f"{file}c", dfile=str(file.relative_to(root)), doraise=True, optimize=2,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    file.unlink()
len(found)
`);
console.log(count);
