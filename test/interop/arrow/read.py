"""Reads a Parquet file, and prints its schema, row groups and rows as JSON."""
import datetime
import json
import sys

import pyarrow.parquet as pq

file = pq.ParquetFile(sys.argv[1])
table = file.read()


def plain(value):
    if isinstance(value, float):
        return "NaN" if value != value else value
    if isinstance(value, datetime.datetime):
        return int(value.timestamp() * 1000 + 0.5) if value.tzinfo else value.isoformat(timespec="milliseconds")
    return value


statistics = [file.metadata.row_group(group).column(0).statistics for group in range(file.num_row_groups)]
print(json.dumps({
    "schema": [[field.name, str(field.type), field.nullable] for field in table.schema],
    "rowGroups": [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)],
    "bounds": [[bounds.min, bounds.max] for bounds in statistics],
    "rows": [{name: plain(value) for name, value in row.items()} for row in table.to_pylist()],
}))
