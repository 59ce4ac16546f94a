"""Writes one table in every form that is read, and prints its rows as JSON in the form of row-json.ts."""
import base64
import datetime
import decimal
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

moment = datetime.datetime(2024, 1, 2, 3, 4, 5, 678000)
table = pa.table({
    "int32": pa.array([1, None, -3] * 40, pa.int32()),
    "int64": pa.array([2**60, -2, None] * 40, pa.int64()),
    "uint64": pa.array([2**63, 1, None] * 40, pa.uint64()),
    "double": pa.array([1.5, None, float("nan")] * 40, pa.float64()),
    "float": pa.array([0.25, None, -0.5] * 40, pa.float32()),
    "text": pa.array(["a", "é😀", None] * 40, pa.string()),
    "dictionary": pa.array(["x", "y", None] * 40).dictionary_encode(),
    "truth": pa.array([True, None, False] * 40),
    "bytes": pa.array([b"\x00\xff", None, b""] * 40, pa.binary()),
    "list": pa.array([[1, None, 2], None, []] * 40, pa.list_(pa.int32())),
    "struct": pa.array([{"a": 1, "b": "q"}, None, {"a": None, "b": "z"}] * 40, pa.struct([("a", pa.int32()), ("b", pa.string())])),
    "lists": pa.array([[["p"], ["q", None]], [None, []], None] * 40, pa.list_(pa.list_(pa.string()))),
    "structs": pa.array([[{"p": 1}, {"p": None}], [], None] * 40, pa.list_(pa.struct([("p", pa.int32())]))),
    "moment": pa.array([moment, None, datetime.datetime(1970, 1, 1)] * 40, pa.timestamp("us")),
    "day": pa.array([datetime.date(2020, 2, 29), None, datetime.date(1970, 1, 1)] * 40),
    "decimal": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("-3.25")] * 40, pa.decimal128(10, 2)),
    "needed": pa.array(range(120), pa.int32()),
})
table = table.cast(table.schema.set(table.schema.get_field_index("needed"), pa.field("needed", pa.int32(), nullable=False)))


def plain(value, kind):
    if value is None:
        return None
    if pa.types.is_int64(kind) or pa.types.is_uint64(kind):
        return str(value)
    if isinstance(value, float):
        return "NaN" if value != value else value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, datetime.date):
        return value.isoformat() + "T00:00:00.000Z"
    if pa.types.is_list(kind):
        return [plain(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return {field.name: plain(value[field.name], field.type) for field in kind}
    return value


directory = sys.argv[1]
files = []
for codec in ["none", "snappy", "gzip", "brotli", "zstd"]:
    for version in ["1.0", "2.0"]:
        name = f"{codec}-{version}.parquet"
        pq.write_table(table, f"{directory}/{name}", compression=codec, data_page_version=version, row_group_size=50)
        files.append(name)
encodings = {"int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED", "double": "BYTE_STREAM_SPLIT", "text": "DELTA_LENGTH_BYTE_ARRAY"}
plainly = table.select(["int32", "int64", "double", "text"])
pq.write_table(plainly, f"{directory}/encodings.parquet", use_dictionary=False, column_encoding=encodings)
rows = [{name: plain(row[name], table.schema.field(name).type) for name in row} for row in table.to_pylist()]
print(json.dumps({"files": files, "rows": rows}))
