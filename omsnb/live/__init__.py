"""The calculators inside a static page: the side that runs in the reader's browser, in Pyodide.

Nothing here needs a browser, so tests run it like any other code.
"""
