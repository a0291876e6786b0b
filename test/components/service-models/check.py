"""
Says what the vendors' own descriptions of their APIs refuse of what components ask for.

Reads JSON from standard input, `[{"type", "name", "inputs"}]`, as a deployment makes it, and writes a JSON list of
complaints. AWS is asked in botocore's service models, Google in the discovery documents that google-api-python-client
ships. operations.json says of each resource type which request creates it; inputs find their field by name (`cidrBlock`,
`CidrBlock`) or by the row's `fields`, and one that finds none is a complaint: it was mistyped, or the row has to say under
`elsewhere` what becomes of it. `inside` is where in the request the inputs stand, `filled` what the provider adds, `json`
what is text here and an object there.
"""

import json
import pathlib
import re
import sys

import googleapiclient
from botocore.session import get_session

TABLE = json.loads((pathlib.Path(__file__).parent / "operations.json").read_text())
DISCOVERY = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"

# A file's contents, which the engine sends by itself.
UNKNOWN = object()


class Shape:
    """What a value may be: one of botocore's shapes or Google's schemas, under one set of names."""

    kind = "string"  # object, map, list, string, integer, number, boolean
    fields: dict = {}  # of an object: name -> a function that gives the Shape
    required: list = []
    item = None  # of a list or a map: a function that gives the Shape
    enum: list = []
    pattern = None
    least = most = None  # of the value, its length or its count

    def field(self, name):
        if name not in self.fields:
            raise SystemExit(f"operations.json: there is no {name} beside {', '.join(self.fields)}")
        return self.fields[name]()


class AwsShape(Shape):
    KINDS = {"structure": "object", "long": "integer", "float": "number", "double": "number"}

    def __init__(self, shape):
        kind = shape.type_name
        self.kind = self.KINDS.get(kind, kind)
        if self.kind == "object":
            self.fields = {name: (lambda of=of: AwsShape(of)) for name, of in shape.members.items()}
            self.required = shape.required_members
        if self.kind in ("list", "map"):
            of = shape.member if self.kind == "list" else shape.value
            self.item = lambda: AwsShape(of)
        self.enum = getattr(shape, "enum", [])
        self.pattern = shape.metadata.get("pattern")
        self.least, self.most = shape.metadata.get("min"), shape.metadata.get("max")


class GoogleShape(Shape):
    def __init__(self, schema, schemas, required=()):
        schema = schemas[schema["$ref"]] if "$ref" in schema else schema
        kind = schema.get("type", "any")
        if kind == "array":
            kind = "list"
            self.item = lambda: GoogleShape(schema["items"], schemas)
        if kind == "object" and "additionalProperties" in schema:
            kind = "map"
            self.item = lambda: GoogleShape(schema["additionalProperties"], schemas)
        # Whole numbers of 64 bits are text in Google's JSON.
        if schema.get("format") in ("int64", "uint64"):
            kind = "integer"
        self.kind = kind
        properties = schema.get("properties", {})
        self.fields = {name: (lambda of=of: GoogleShape(of, schemas)) for name, of in properties.items()}
        self.required = required
        self.enum = schema.get("enum", [])
        self.pattern = schema.get("pattern")
        self.least = int(schema["minimum"]) if "minimum" in schema else None
        self.most = int(schema["maximum"]) if "maximum" in schema else None


def aws_request(service, operation):
    return AwsShape(get_session().get_service_model(service).operation_model(operation).input_shape)


def google_request(document, schema):
    schemas = json.loads((DISCOVERY / f"{document}.json").read_text())["schemas"]
    return GoogleShape(schemas[schema], schemas)


def plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def field_of(shape, key, path, row):
    """The field that an input goes to, or None; `row.fields` says it where names differ."""
    named = row.get("fields", {}).get(path)
    if named is not None:
        return named.split(".")
    for spelling in (plain(key), plain(key) + "s", re.sub(r"s$", "", plain(key))):
        for name in shape.fields:
            if plain(name) == spelling:
                return [name]
    return None


def request_of(shape, value, path, row, wrong):
    """The value as the API takes it; what finds no field is told."""
    if isinstance(value, dict) and ("__pulumiAsset" in value or "__pulumiArchive" in value):
        return UNKNOWN
    if shape.kind == "object" and isinstance(value, list) and "Items" in shape.fields:
        items = request_of(shape.field("Items"), value, path, row, wrong)
        return {"Quantity": len(value), "Items": items}
    if shape.kind == "object" and isinstance(value, list) and len(value) == 1:
        return request_of(shape, value[0], path, row, wrong)
    if shape.kind == "object" and isinstance(value, dict):
        made = {}
        for key, entry in value.items():
            inner = f"{path}.{key}" if path else key
            if inner in row.get("elsewhere", {}):
                continue
            field = field_of(shape, key, inner, row)
            if field == [""]:
                made.update(request_of(shape, entry, inner, row, wrong))
            elif field is None:
                wrong.append(f"{inner}: no such field in {row['request']}")
            else:
                put(made, shape, field, lambda of, entry=entry, inner=inner: request_of(of, entry, inner, row, wrong))
        return made
    if shape.kind == "list" and isinstance(value, dict):
        of = shape.item()
        names = {plain(name): name for name in of.fields}
        if {"key", "value"} <= set(names):
            return [{names["key"]: key, names["value"]: entry} for key, entry in value.items()]
        if {"name", "value"} <= set(names):
            return [{names["name"]: key, names["value"]: entry} for key, entry in value.items()]
        return [request_of(of, value, path, row, wrong)]
    if shape.kind == "list" and isinstance(value, list):
        return [request_of(shape.item(), entry, path, row, wrong) for entry in value]
    if shape.kind == "list":
        return [value]
    if shape.kind == "map" and isinstance(value, dict):
        return {key: request_of(shape.item(), entry, f"{path}.*", row, wrong) for key, entry in value.items()}
    return value


def put(made, shape, steps, value_of):
    """Puts a value at the end of a path of fields, through lists of one and maps."""
    step, *rest = steps
    of = shape.item() if shape.kind == "map" else shape.field(step)
    if not rest:
        made[step] = value_of(of)
    elif of.kind == "list":
        inside = made.setdefault(step, [{}])
        put(inside[0], of.item(), rest, value_of)
    else:
        put(made.setdefault(step, {}), of, rest, value_of)


def check(shape, value, path, row, wrong):
    if value is UNKNOWN or shape.kind == "any":
        return
    where = path or "the request"
    if shape.kind == "object":
        if not isinstance(value, dict):
            wrong.append(f"{where}: {value!r} is no object")
            return
        for name in shape.required:
            inner = f"{path}.{name}" if path else name
            if name not in value and inner not in row.get("filled", []):
                wrong.append(f"{inner}: required and missing")
        for name, entry in value.items():
            check(shape.field(name), entry, f"{path}.{name}" if path else name, row, wrong)
        return
    if shape.kind in ("list", "map"):
        if not isinstance(value, (list, dict)):
            wrong.append(f"{where}: {value!r} is no {shape.kind}")
            return
        bounds(shape, len(value), where, f"{len(value)} entries", wrong)
        for entry in value.values() if isinstance(value, dict) else value:
            check(shape.item(), entry, path, row, wrong)
        return
    if shape.kind == "boolean":
        if not isinstance(value, bool) and value not in ("true", "false"):
            wrong.append(f"{where}: {value!r} is neither true nor false")
        return
    if shape.kind in ("integer", "number"):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = None
        if isinstance(value, bool) or number is None or (shape.kind == "integer" and number % 1):
            wrong.append(f"{where}: {value!r} is no {shape.kind}")
        else:
            bounds(shape, number, where, repr(value), wrong)
        return
    if not isinstance(value, (str, int, float)):
        wrong.append(f"{where}: {value!r} is no text")
        return
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if shape.enum and text not in shape.enum:
        wrong.append(f"{where}: {text!r} is none of {', '.join(map(str, shape.enum[:12]))}")
    if shape.pattern and re.search(f"^(?:{pattern_of(shape.pattern)})$", text) is None:
        wrong.append(f"{where}: {text!r} does not match {shape.pattern}")
    bounds(shape, len(text), where, f"{len(text)} characters", wrong)


def pattern_of(pattern):
    """Java's and RE2's classes in Python's words."""
    for theirs, ours in (("\\p{L}", "a-zA-Z"), ("\\p{N}", "0-9"), ("\\p{Z}", " "), ("\\p{Alnum}", "a-zA-Z0-9")):
        pattern = pattern.replace(theirs, ours)
    return re.sub(r"\\p\{\w+\}", "", pattern)


def bounds(shape, size, where, said, wrong):
    if shape.least is not None and size < shape.least:
        wrong.append(f"{where}: {said}, at least {shape.least}")
    if shape.most is not None and size > shape.most:
        wrong.append(f"{where}: {said}, at most {shape.most}")


def request_shape(row):
    """Where in the request that creates a resource its inputs stand."""
    vendor, document, name = row["request"].split(":")
    shape = aws_request(document, name) if vendor == "aws" else google_request(document, name)
    for step in filter(None, row.get("inside", "").split(".")):
        shape = shape.field(step)
        shape = shape.item() if shape.kind == "list" else shape
    return shape


def complaints(resources):
    shapes = {}
    for resource in resources:
        row = TABLE.get(resource["type"])
        said = f"{resource['name']} ({resource['type']})"
        if row is None:
            yield f"{said}: no row in operations.json"
            continue
        if resource["type"] not in shapes:
            shapes[resource["type"]] = request_shape(row)
        shape = shapes[resource["type"]]
        inputs = dict(resource["inputs"])
        for key in row.get("json", []):
            if key in inputs:
                inputs[key] = json.loads(inputs[key])
        wrong = []
        request = request_of(shape, inputs, "", row, wrong)
        check(shape, request, "", row, wrong)
        yield from (f"{said}: {one}" for one in wrong)


if __name__ == "__main__":
    json.dump(list(complaints(json.load(sys.stdin))), sys.stdout)
