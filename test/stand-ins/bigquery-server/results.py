"""Values between DuckDB and BigQuery's JSON: query parameters in, schema and rows out."""

import datetime
import json
import math

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


def parameter(kind: dict, value: dict):
    """A QueryParameterValue as DuckDB binds it."""
    if kind["type"] == "ARRAY":
        return [parameter(kind["arrayType"], one) for one in value.get("arrayValues") or []]
    if kind["type"] == "STRUCT":
        values = value["structValues"]
        return {field["name"]: parameter(field["type"], values[field["name"]]) for field in kind["structTypes"]}
    text = value.get("value")
    if text is None:
        return None
    match kind["type"]:
        case "INT64" | "INTEGER":
            return int(text)
        case "FLOAT64":
            return float(text)
        case "BOOL" | "BOOLEAN":
            return str(text).lower() == "true"
        case _:
            return text


# DuckDB's types by their ids, as TableFieldSchema calls them.
TYPES = {
    **dict.fromkeys(["tinyint", "smallint", "integer", "bigint", "hugeint", "ubigint", "uinteger"], "INTEGER"),
    **dict.fromkeys(["float", "double"], "FLOAT"),
    **dict.fromkeys(["timestamp with time zone"], "TIMESTAMP"),
    **dict.fromkeys(["timestamp"], "DATETIME"),
    "boolean": "BOOLEAN",
    "decimal": "NUMERIC",
    "date": "DATE",
    "json": "JSON",
    "blob": "BYTES",
}


def field_of(name: str, kind) -> dict:
    """A column's TableFieldSchema."""
    if kind.id == "list":
        return {**field_of(name, kind.children[0][1]), "mode": "REPEATED"}
    if kind.id == "struct":
        fields = [field_of(child, of) for child, of in kind.children]
        return {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": fields}
    called = "JSON" if str(kind) == "JSON" else TYPES.get(kind.id, "STRING")
    return {"name": name, "type": called, "mode": "NULLABLE"}


def cell(field: dict, value) -> dict:
    """One `{"v": ...}`: scalars are text, whatever they are."""
    if field["mode"] == "REPEATED":
        one = {**field, "mode": "NULLABLE"}
        return {"v": [cell(one, item) for item in value or []]}
    if value is None:
        return {"v": None}
    match field["type"]:
        case "RECORD":
            return {"v": {"f": [cell(inner, value[inner["name"]]) for inner in field["fields"]]}}
        case "BOOLEAN":
            return {"v": "true" if value else "false"}
        case "FLOAT":
            return {"v": double(value)}
        case "TIMESTAMP":
            return {"v": str((value - EPOCH) // MICROSECOND)}
        case "JSON":
            return {"v": value if isinstance(value, str) else json.dumps(value)}
        case _:
            return {"v": str(value)}


def double(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value))
