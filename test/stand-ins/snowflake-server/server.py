"""fakesnow behind what Node's snowflake-sdk expects of the vendor. Prints its port, and ends when its input does.

Of the vendor's protocol fakesnow leaves out, and this puts in:
- rows as JSON with `returned`, under their aliases: the SDK cannot read Arrow;
- one statement at a time in a session: overlapping ones return each other's rows;
- a request that is sent again under its requestId is answered again, and not done again;
- `$num` within a string is text and no session variable; TO_CHAR knows the one format that is used here;
- the parameters of a statement are echoed, by which the SDK writes times;
- several statements at once, an array of binds without VALUES and a bind beyond 16 MB are refused as the vendor does;
- an error of syntax or of an unknown name says where it is, as the vendor does;
- GRANT and ALTER SESSION are taken, and do nothing.

Where it goes on differing from the vendor is written in snowflake-subject.ts.
"""

import asyncio
import base64
import gzip
import json
import math
import re
import socket
import sys
import threading
import warnings
from collections import OrderedDict, defaultdict
from datetime import date, datetime, timezone
from decimal import Decimal

import fakesnow.cursor
import fakesnow.server
import sqlglot
import uvicorn
from sqlglot import exp
from starlette.responses import JSONResponse
from starlette.routing import Route

warnings.filterwarnings("ignore")

# Loads both dialects before there are threads: two that load one at once get it half made.
sqlglot.transpile("SELECT 1", read="snowflake", write="duckdb")

IGNORED = [r"^\s*(--[^\n]*\n\s*)*GRANT\b", r"^\s*ALTER SESSION\b"]
ISO = 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"'


def cell(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        at = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        micros = (at - datetime(1970, 1, 1, tzinfo=timezone.utc)) // at.resolution
        return f"{Decimal(micros).scaleb(-6):.9f}" + (" 1440" if value.tzinfo else "")
    if isinstance(value, date):
        return str((value - date(1970, 1, 1)).days)
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else ("inf" if value > 0 else "-inf") if math.isinf(value) else repr(value)
    return str(value)


def rows_as_json(table, rowtype):
    # DESCRIBE, where they come from, loses the case of an alias.
    for column, name in zip(rowtype, table.column_names, strict=True):
        column["name"] = name
    rows = zip(*[column.to_pylist() for column in table.columns], strict=True)
    return json.dumps([[cell(value) for value in row] for row in rows]).encode()


def iso_time(expression):
    if isinstance(expression, exp.ToChar) and expression.text("format") == ISO:
        return exp.Anonymous(
            this="strftime", expressions=[expression.this, exp.Literal.string("%Y-%m-%dT%H:%M:%S.%fZ")]
        )
    return expression


plain_transform = fakesnow.cursor.FakeSnowflakeCursor._transform
fakesnow.cursor.FakeSnowflakeCursor._transform = lambda self, expression, params: plain_transform(
    self, expression.transform(iso_time), params
)
fakesnow.cursor.FakeSnowflakeCursor._inline_variables = lambda self, command: command
fakesnow.server.to_sf = rows_as_json
fakesnow.server.to_ipc = lambda rows: rows
fakesnow.server.shared_fs.nop_regexes = IGNORED

def statements_in(sql):
    try:
        return len([statement for statement in sqlglot.parse(sql, read="snowflake") if statement])
    except sqlglot.errors.SqlglotError:
        return 1


NOT_FOUND = re.compile(r'Referenced column "([^"]+)" not found')
NO_SYNTAX = re.compile(r"^(\d+ \(\w+\): )(.*?)\.? Line (\d+), Col: (\d+)\.", re.DOTALL)


def placed(message, sql):
    """The message with the place in the text that the vendor tells: lines from 1, positions from 0."""
    if found := NO_SYNTAX.search(message):
        return f"{found[1]}SQL compilation error:\nsyntax error line {found[3]} at position {int(found[4]) - 1} {found[2]}."
    if found := NOT_FOUND.search(message):
        for name in sqlglot.parse_one(sql, read="snowflake").find_all(exp.Identifier):
            if name.name.upper() == found[1].upper() and "line" in name.meta:
                place = f"error line {name.meta['line']} at position {name.meta['col'] - len(name.name)}"
                return f"{message.split(':')[0]}: SQL compilation error: {place}\ninvalid identifier '{found[1]}'"
    return message


def error(code, message):
    data = {"errorCode": code, "sqlState": "0A000"}
    return {"data": data, "code": code, "message": message, "success": False}


MOST_BYTES = 16_777_216


def refused(sent):
    """What the vendor would say of the statement and its binds, where fakesnow takes them."""
    if (count := statements_in(sent["sqlText"])) > 1:
        return error("000008", f"Actual statement count {count} did not match the desired count 1.")
    binds = [bind["value"] for bind in (sent.get("bindings") or {}).values()]
    if any(isinstance(value, list) for value in binds) and not re.search(r"\bVALUES\b", sent["sqlText"]):
        return error("002049", "SQL compilation error: Array bind is supported with INSERT ... VALUES only.")
    if any(len(value.encode()) > MOST_BYTES for value in binds if isinstance(value, str)):
        return error("100082", f"Max LOB size ({MOST_BYTES}) exceeded.")
    return None


locks = defaultdict(asyncio.Lock)
answered = OrderedDict()


async def query(request):
    session = request.headers.get("Authorization", "")
    async with locks[session]:
        request_id = request.query_params.get("requestId")
        if request_id in answered:
            return JSONResponse(answered[request_id])
        body = await request.body()
        sent = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        if refusal := refused(sent):
            return JSONResponse(refusal)
        response = await fakesnow.server.query_request(request)
        answer = json.loads(response.body)
        data = answer.get("data") or {}
        if answer.get("message"):
            answer["message"] = placed(answer["message"], sent["sqlText"])
        if "rowsetBase64" in data:
            data["rowset"] = json.loads(base64.b64decode(data.pop("rowsetBase64")) or "[]")
            data["queryResultFormat"] = "json"
        data.setdefault("parameters", []).extend(
            {"name": name, "value": value} for name, value in (sent.get("parameters") or {}).items()
        )
        if "rowset" in data:
            data["returned"] = data["total"] = len(data["rowset"])
        if response.status_code == 200:
            answered[request_id] = answer
            while len(answered) > 100:
                answered.popitem(last=False)
        return JSONResponse(answer, status_code=response.status_code)


routes = [route for route in fakesnow.server.app.routes if route.path != "/queries/v1/query-request"]
fakesnow.server.app.router.routes[:] = [Route("/queries/v1/query-request", query, methods=["POST"]), *routes]


def main():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(fakesnow.server.app, log_level="error", timeout_keep_alive=60))

    def stop_with_input():
        sys.stdin.read()
        server.should_exit = True
        server.force_exit = True

    threading.Thread(target=stop_with_input, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    server.run(sockets=[listener])


main()
