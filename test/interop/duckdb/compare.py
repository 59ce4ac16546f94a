"""Compares and reads tables of Parquet with DuckDB: takes a file of cases as JSON, and prints what it finds as JSON."""
import json
import sys

import duckdb

OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
connection = duckdb.connect()


def plain(value):
    """Whole numbers as text, for they may be too large for JSON."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def rows(sql, parameters=()):
    found = connection.execute(sql, parameters)
    names = [column[0] for column in found.description]
    return [{name: plain(value) for name, value in zip(names, row)} for row in found.fetchall()]


def quoted(names, table=""):
    return ", ".join(f'{table}"{name}"' for name in names)


def source(path):
    return f"read_parquet('{path}', file_row_number = true)"


def compare(before, after, columns, key):
    before, after = source(before), source(after)
    if key is None:
        earlier, later = (f"(SELECT {quoted(columns)} FROM {table})" for table in (before, after))
        return {"added": rows(f"{later} EXCEPT ALL {earlier}"), "removed": rows(f"{earlier} EXCEPT ALL {later}"), "changed": []}
    same = " AND ".join(f'a."{name}" IS NOT DISTINCT FROM b."{name}"' for name in key)
    other = " OR ".join(f'a."{name}" IS DISTINCT FROM b."{name}"' for name in columns)
    return {
        "added": rows(f"SELECT {quoted(columns, 'a.')} FROM {after} a ANTI JOIN {before} b ON {same}"),
        "removed": rows(f"SELECT {quoted(columns, 'a.')} FROM {before} a ANTI JOIN {after} b ON {same}"),
        "changed": rows(f"SELECT {quoted(columns, 'a.')} FROM {after} a JOIN {before} b ON {same} WHERE {other}"),
    }


def read(path, columns, where, limit, offset):
    parts, parameters = ["true"], []
    for name, condition in where.items():
        for operator, value in condition.items():
            values = value if operator == "in" else [value]
            parameters += values
            if operator in OPERATORS:
                parts.append(f'"{name}" {OPERATORS[operator]} ?')
            else:
                words = "IS DISTINCT FROM" if operator == "ne" else "IS NOT DISTINCT FROM"
                parts.append("(" + " OR ".join(f'"{name}" {words} ?' for _ in values) + ")")
    sql = f"SELECT {quoted(columns)} FROM {source(path)} WHERE {' AND '.join(parts)} ORDER BY file_row_number LIMIT ? OFFSET ?"
    return rows(sql, [*parameters, limit, offset])


with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
print(json.dumps({
    "differences": [compare(**case) for case in cases["differences"]],
    "reads": [read(**case) for case in cases["reads"]],
}))
