"""A stand-in of BigQuery's REST API (v2) over DuckDB, for tests: jobs.query, jobs.insert, getQueryResults, datasets,
tables and tabledata.insertAll, with accounts that have rights on datasets. Prints its port, and ends with its input.

Where it differs from the vendor is said in test/functions/stores/bigquery/subject.ts.
"""

import json
import re
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import duckdb
from dialect import Refused, check, is_writing, parse, place_of, qualify, statement_type, tables_of, to_duckdb
from results import cell, field_of, parameter

ROLES = ["READER", "WRITER", "OWNER"]
# getQueryResults gives at most so many rows a page, so that paging is met (the vendor: 20 MB).
PAGE_ROWS = 5_000
# What tabledata.insertAll takes (cloud.google.com/bigquery/quotas#streaming_inserts).
INSERT_ROWS = 50_000
INSERT_BYTES = 10_485_760
PROJECT = "/bigquery/v2/projects/[^/]+"


class Warehouse:
    def __init__(self):
        self.lock = threading.RLock()
        self.duckdb = duckdb.connect()
        self.duckdb.execute("SET TimeZone = 'UTC'")
        self.access: dict[str, dict[str, str]] = {}
        self.jobs: dict[str, dict] = {}
        self.inserted: dict[str, None] = {}

    def make_dataset(self, name: str, access: list[dict]) -> None:
        with self.lock:
            if name in self.access:
                raise Refused(409, "duplicate", f"Already Exists: Dataset {name}")
            self.duckdb.execute(f'CREATE SCHEMA "{name}"')
            self.access[name] = {one["userByEmail"]: one["role"] for one in access}

    def demand(self, account: str, dataset: str, role: str) -> None:
        if dataset not in self.access:
            raise Refused(404, "notFound", f"Not found: Dataset {dataset}")
        has = self.access[dataset].get(account)
        if has is None or ROLES.index(has) < ROLES.index(role):
            raise Refused(
                403, "accessDenied", f"Access Denied: Dataset {dataset}: User {account} does not have permission."
            )

    def plan(self, account: str, query: dict) -> tuple[list, dict]:
        """The statements of a query, allowed and in DuckDB's SQL, and its parameters."""
        statements = parse(query["query"])
        default = (query.get("defaultDataset") or {}).get("datasetId")
        for statement in statements:
            qualify(statement, default)
            for table in tables_of(statement):
                self.demand(account, table.db, "WRITER" if is_writing(statement) else "READER")
            check(statement)
        bound = {
            one["name"]: parameter(one["parameterType"], one["parameterValue"])
            for one in query.get("queryParameters") or []
        }
        return statements, bound

    def dry_run(self, account: str, query: dict) -> dict:
        statements, _ = self.plan(account, query)
        kind = statement_type(statements[0]) if len(statements) == 1 else "SCRIPT"
        told = {"statementType": kind, "totalBytesProcessed": "0"}
        with self.lock:
            for statement in statements:
                if not is_writing(statement):
                    text = f"SELECT * FROM ({to_duckdb(statement)}) LIMIT 0"
                    result = self.answered(lambda text=text: self.duckdb.execute(text), statement)
                    told["schema"] = {"fields": [field_of(column[0], column[1]) for column in result.description]}
        return {"totalBytesProcessed": "0", "query": told}

    def run(self, account: str, query: dict) -> str:
        statements, bound = self.plan(account, query)
        job: dict = {"schema": {"fields": []}, "rows": []}
        with self.lock:
            for statement in statements:
                text = to_duckdb(statement)
                used = {name: value for name, value in bound.items() if re.search(rf"\${name}\b", text)}
                result = self.answered(lambda text=text, used=used: self.duckdb.execute(text, used or None), statement)
                if not is_writing(statement):
                    fields = [field_of(column[0], column[1]) for column in result.description]
                    rows = result.fetchall()
                    job["schema"]["fields"] = fields
                    job["rows"] = [{"f": [cell(field, value) for field, value in zip(fields, row)]} for row in rows]
            name = f"job_{uuid.uuid4().hex}"
            self.jobs[name] = job
        return name

    def answered(self, work, statement=None):
        try:
            return work()
        except duckdb.CatalogException as error:
            text = str(error)
            if "already exists" in text:
                raise Refused(409, "duplicate", f"Already Exists: {text}")
            raise Refused(404, "notFound", f"Not found: {text.splitlines()[0]}")
        except duckdb.BinderException as error:
            unknown = re.search(r'Referenced column "([^"]+)" not found', str(error))
            if unknown is None or statement is None:
                raise Refused(400, "invalidQuery", str(error).splitlines()[0])
            name = unknown[1]
            raise Refused(400, "invalidQuery", f"Unrecognized name: {name}{place_of(statement, name)}")
        except duckdb.TransactionException as error:
            raise Refused(400, "invalidQuery", f"Could not serialize access to table: {error}")
        except duckdb.Error as error:
            raise Refused(400, "invalidQuery", str(error).splitlines()[0])

    def page(self, name: str, token: str | None, limit: int) -> dict:
        if name not in self.jobs:
            raise Refused(404, "notFound", f"Not found: Job {name}")
        job = self.jobs[name]
        begin = int(token or 0)
        end = begin + min(limit, PAGE_ROWS)
        more = {"pageToken": str(end)} if end < len(job["rows"]) else {}
        return {
            "jobComplete": True,
            "jobReference": {"projectId": "stand-in", "jobId": name, "location": "US"},
            "schema": job["schema"],
            "totalRows": str(len(job["rows"])),
            "totalBytesProcessed": "0",
            "rows": job["rows"][begin:end],
            **more,
        }

    def insert_all(self, account: str, dataset: str, table: str, body: dict) -> dict:
        """All of the rows, or none where one is not valid (skipInvalidRows is not set)."""
        self.demand(account, dataset, "WRITER")
        if len(body["rows"]) > INSERT_ROWS:
            raise Refused(400, "invalid", f"Too many rows present in the request, the limit is {INSERT_ROWS}.")
        with self.lock:
            self.answered(lambda: self.duckdb.execute("BEGIN"))
            try:
                columns = self.answered(
                    lambda: self.duckdb.execute(f'DESCRIBE "{dataset}"."{table}"').fetchall()
                )
                errors = self.insert_rows(f'"{dataset}"."{table}"', columns, body["rows"])
                self.duckdb.execute("ROLLBACK" if errors else "COMMIT")
            except BaseException:
                self.duckdb.execute("ROLLBACK")
                raise
            if errors:
                stopped = [index for index in range(len(body["rows"])) if index not in errors]
                listed = [{"index": index, "errors": [{"reason": "invalid", **why}]} for index, why in errors.items()]
                listed += [{"index": index, "errors": [{"reason": "stopped", "message": ""}]} for index in stopped]
                return {"kind": "bigquery#tableDataInsertAllResponse", "insertErrors": listed}
            for row in body["rows"]:
                if row.get("insertId"):
                    self.inserted[row["insertId"]] = None
            return {"kind": "bigquery#tableDataInsertAllResponse"}

    def insert_rows(self, table: str, columns: list, rows: list[dict]) -> dict[int, dict]:
        names = ", ".join(f'"{column[0]}"' for column in columns)
        casts = ", ".join(f'CAST(r."{column[0]}" AS {column[1]})' for column in columns)
        errors: dict[int, dict] = {}
        fresh = []
        for index, row in enumerate(rows):
            unknown = set(row["json"]) - {column[0] for column in columns}
            if unknown:
                errors[index] = {"location": min(unknown), "message": "no such field."}
            for column, kind, *_ in columns:
                if kind == "JSON" and row["json"].get(column) is not None:
                    try:
                        json.loads(row["json"][column])
                    except ValueError:
                        errors[index] = {"location": column, "message": "Invalid JSON"}
            if row.get("insertId") is None or row["insertId"] not in self.inserted:
                fresh.append(row["json"])
        if errors or not fresh:
            return errors
        shape = ", ".join(f'"{column[0]}" {"VARCHAR" if column[1] == "JSON" else column[1]}' for column in columns)
        source = json.dumps([{column[0]: row.get(column[0]) for column in columns} for row in fresh])
        text = f"""INSERT INTO {table} ({names}) SELECT {casts}
            FROM (SELECT UNNEST(CAST(CAST($rows AS JSON) AS STRUCT({shape})[])) AS r)"""
        self.answered(lambda: self.duckdb.execute(text, {"rows": source}))
        return errors

    def list_tables(self, account: str, dataset: str) -> dict:
        self.demand(account, dataset, "READER")
        with self.lock:
            rows = self.duckdb.execute(
                "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1",
                [dataset],
            ).fetchall()
        tables = [
            {"tableReference": {"datasetId": dataset, "tableId": name}, "type": kind.replace("BASE ", "")}
            for name, kind in rows
        ]
        return {"tables": tables, "totalItems": len(tables)}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    warehouse = Warehouse()
    # Faults that tests have asked for: pattern of the path, answers left, status, reason; 0 times takes all back.
    faults: list[list] = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def body(self) -> dict:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.endswith("/insertAll") and len(content) > INSERT_BYTES:
            raise Refused(413, "uploadTooLarge", f"Request payload size exceeds the limit: {INSERT_BYTES} bytes.")
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[0] for name, values in parse_qs(content.decode()).items()}
        return json.loads(content) if content else {}

    def serve(self):
        try:
            self.answer(200, self.route(self.body()))
        except Refused as error:
            self.refuse(error)
        except Exception as error:  # noqa: BLE001: a fault of the stand-in must reach the test as one
            self.refuse(Refused(400, "standInBroken", f"{type(error).__name__}: {error}"))

    def route(self, body: dict):
        url = urlparse(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        path = url.path
        if path == "/subject":
            return {"token": "subject"}
        if path == "/token":
            # The audience of the exchange names the account that is asked for.
            account = body["audience"].rsplit("/", 1)[1]
            return {
                "access_token": account,
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "token_type": "Bearer",
                "expires_in": 3600,
            }
        if path == "/faults":
            if body["times"] == 0:
                self.faults.clear()
                return {}
            self.faults.append([re.compile(body["path"]), body["times"], body["status"], body["reason"]])
            return {}
        for fault in self.faults:
            if fault[1] > 0 and fault[0].search(path):
                fault[1] -= 1
                raise Refused(fault[2], fault[3], f"The test asked for {fault[3]}.")
        account = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        if not account:
            raise Refused(401, "required", "Request is missing required authentication credential.")
        return self.api(path, account, asked, body)

    def api(self, path: str, account: str, asked: dict, body: dict):
        warehouse = self.warehouse
        is_post = self.command == "POST"
        if match := re.fullmatch(rf"{PROJECT}/queries", path):
            job = warehouse.run(account, body)
            return warehouse.page(job, None, int(body.get("maxResults") or PAGE_ROWS))
        if match := re.fullmatch(rf"{PROJECT}/queries/([^/]+)", path):
            return warehouse.page(match[1], asked.get("pageToken"), int(asked.get("maxResults") or PAGE_ROWS))
        if match := re.fullmatch(rf"{PROJECT}/jobs", path):
            query = body["configuration"]["query"]
            status = {"state": "DONE"}
            if body["configuration"].get("dryRun"):
                return {"status": status, "statistics": warehouse.dry_run(account, query)}
            job = warehouse.run(account, query)
            return {"status": status, "jobReference": {"projectId": "stand-in", "jobId": job}, "statistics": {}}
        if match := re.fullmatch(rf"{PROJECT}/datasets", path):
            warehouse.make_dataset(body["datasetReference"]["datasetId"], body["access"])
            return body
        if match := re.fullmatch(rf"{PROJECT}/datasets/([^/]+)", path):
            warehouse.demand(account, match[1], "READER")
            return {"datasetReference": {"datasetId": match[1]}}
        if match := re.fullmatch(rf"{PROJECT}/datasets/([^/]+)/tables", path):
            return warehouse.list_tables(account, match[1])
        if (match := re.fullmatch(rf"{PROJECT}/datasets/([^/]+)/tables/([^/]+)/insertAll", path)) and is_post:
            return warehouse.insert_all(account, match[1], match[2], body)
        raise Refused(404, "notFound", f"Not found: {self.command} {path}")

    def refuse(self, error: Refused):
        told = {"message": error.message, "domain": "global", "reason": error.reason}
        self.answer(error.status, {"error": {"code": error.status, "message": error.message, "errors": [told]}})

    def answer(self, status: int, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
