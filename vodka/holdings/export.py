"""Everything that vodka holds about a person, as JSON and as CSV (GDPR art. 15 and 20). The columns: docs/your-data.md."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from vodka import clock
from vodka.holdings.store import HOLDINGS, Holder, rows_of

COLUMNS = ("section", "item", "field", "value")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a text begins that a spreadsheet would compute

Export = dict[str, Any]


def gather(holder: Holder) -> Export:
    """`{"exported_at": moment, section: [row, …], …}`: each row an object; moments are ISO 8601 in UTC."""
    return {"exported_at": _plain(clock.now())} | {
        holding.name: [{name: _plain(value) for name, value in row.items()} for row in rows_of(holding, holder)]
        for holding in HOLDINGS
    }


def as_json(export: Export) -> str:
    """The export as one JSON object."""
    return json.dumps(export, ensure_ascii=False, indent=2) + "\n"


def as_csv(export: Export) -> str:
    """The export as one table (RFC 4180): a line for each value, with its section, the number of its row, its field."""
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(_lines(export))
    return written.getvalue()


def _lines(export: Export) -> Iterator[tuple[str, int, str, str]]:
    for section, rows in export.items():
        if isinstance(rows, str):
            yield section, 1, section, rows
            continue
        for number, row in enumerate(rows, 1):
            for name, value in row.items():
                yield section, number, name, _cell(value)


def _cell(value: object) -> str:
    """Text as it is, lists and objects as JSON, nothing as nothing; what a spreadsheet would compute gets an apostrophe."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value
