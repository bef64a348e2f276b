"""Large tables in our own columns: most cells are read as they are, other rows go through the plan. Needs Arrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from omsnb.cell_words import NO_VALUE
from omsnb.claim_tables import claim_fields
from omsnb.claims import Row, parse_cell
from omsnb.column_plan import Plan
from omsnb.csv_rows import hidden, shown

Array = np.ndarray[Any, Any]
KNOWN_MOST = 2**18


class Tidy:
    """Batches of claim lines whose cells are written in other ways than ours, brought to ours by a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._fine: dict[tuple[str, str], bool] = {}

    def batch(self, batch: Any, numbers: Array) -> tuple[Any, Array]:
        """The batch and its row numbers, with every row that needs it read anew. ``batch``: columns of dictionaries."""
        odd = np.zeros(len(batch), dtype=bool)
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            wrong = self._odd(name, column.dictionary)
            if wrong.any():
                odd |= wrong[column.indices.to_numpy(zero_copy_only=False)]
        if not odd.any():
            return batch, numbers
        columns = {
            name: column.to_pylist() for name, column in zip(batch.schema.names, batch.columns, strict=True)
        }
        kept = np.ones(len(batch), dtype=bool)
        for place in np.flatnonzero(odd).tolist():
            row = Row(int(numbers[place]), {name: shown(cells[place]) for name, cells in columns.items()})
            lines = list(self._plan.rows(row))
            kept[place] = bool(lines)
            for line in lines:
                for name, cells in columns.items():
                    cells[place] = hidden(line.cells[name])
        made = pa.record_batch(
            {name: pa.array(cells, pa.string()).dictionary_encode() for name, cells in columns.items()}
        )
        return (made, numbers) if kept.all() else (made.filter(pa.array(kept)), numbers[kept])

    def _odd(self, name: str, texts: Any) -> Array:
        """Which different cells of a column the plan must read."""
        entry = claim_fields()[name]
        if entry.kind == "text" and name != "tooth":
            said = pyarrow.compute.is_in(
                pyarrow.compute.utf8_lower(pyarrow.compute.utf8_trim_whitespace(texts)),
                value_set=pa.array(sorted(NO_VALUE)),
            )
            return np.asarray(said.to_numpy(zero_copy_only=False), dtype=bool)
        return np.array([not self._is_fine(name, text) for text in texts.to_pylist()], dtype=bool)

    def _is_fine(self, name: str, text: str) -> bool:
        key = name, text
        if key not in self._fine:
            if len(self._fine) > KNOWN_MOST:
                self._fine.clear()
            self._fine[key] = self._reads(name, text)
        return self._fine[key]

    def _reads(self, name: str, text: str) -> bool:
        if text and self._plan.map.values.get(name):
            return False
        try:
            if name == "tooth":
                return self._plan.cell(name, name, text.strip()) == text
            value = parse_cell(claim_fields()[name], text)
        except ValueError:
            return False
        if name in ("units", "charge"):
            return value is None or value >= 0
        return True
