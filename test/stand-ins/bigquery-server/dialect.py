"""BigQuery's SQL to DuckDB's, and what BigQuery would refuse of it."""

import sqlglot
from sqlglot import exp

# Imported here and not at first use, as by name: two threads that load a dialect at once get one half made.
from sqlglot.dialects import BigQuery, DuckDB

EVENTS = "events"
PARTITION_COLUMN = "received_at"
JSON_COLUMNS = {"logs", "params", "tags"}


class Refused(Exception):
    """What the API answers in place of rows: HTTP status, reason, message."""

    def __init__(self, status: int, reason: str, message: str):
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


def parse(text: str) -> list[exp.Expression]:
    try:
        statements = [one for one in sqlglot.parse(text, read=BigQuery) if one is not None]
    except sqlglot.errors.SqlglotError as error:
        found = (getattr(error, "errors", None) or [{}])[0]
        place = f" at [{found['line']}:{found['col']}]" if found.get("line") else ""
        raise Refused(400, "invalidQuery", f"Syntax error: {found.get('description') or str(error).splitlines()[0]}{place}")
    if not statements:
        raise Refused(400, "invalidQuery", "Syntax error: Unexpected end of statement at [1:1]")
    for statement in statements:
        if isinstance(statement, exp.Command) or not isinstance(
            statement, (exp.Query, exp.DDL, exp.DML, exp.Drop, exp.Alter, exp.TruncateTable)
        ):
            raise Refused(400, "invalidQuery", f"Syntax error: Unexpected keyword at [1:1]: {statement.sql()[:40]}")
    return statements


def statement_type(statement: exp.Expression) -> str:
    """What dry runs call it (JobStatistics2.statementType)."""
    if isinstance(statement, exp.Query):
        return "SELECT"
    if isinstance(statement, exp.Create):
        return f"CREATE_{statement.kind}"
    if isinstance(statement, exp.Drop):
        return f"DROP_{statement.args['kind']}"
    return type(statement).__name__.upper()


def place_of(statement: exp.Expression, name: str) -> str:
    """Where a name stands in the text, as the API writes it."""
    for identifier in statement.find_all(exp.Identifier):
        if identifier.name.lower() == name.lower() and "line" in identifier.meta:
            column = identifier.meta["col"] - len(identifier.name) + 1
            return f" at [{identifier.meta['line']}:{column}]"
    return ""


def is_writing(statement: exp.Expression) -> bool:
    return not isinstance(statement, exp.Query)


def qualify(statement: exp.Expression, default_dataset: str | None) -> None:
    """Names the dataset of each table; a project in front of it is taken off."""
    shadowed = {cte.alias for cte in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            continue
        table.set("catalog", None)
        if table.db or table.name in shadowed:
            continue
        if default_dataset is None:
            raise Refused(
                400,
                "invalid",
                f'Table "{table.name}" must be qualified with a dataset (e.g. dataset.table).',
            )
        table.set("db", exp.to_identifier(default_dataset))


def tables_of(statement: exp.Expression) -> list[exp.Table]:
    return [table for table in statement.find_all(exp.Table) if table.db]


def check(statement: exp.Expression) -> None:
    """Refuses what BigQuery refuses where that can be told from the text alone."""
    for select in statement.find_all(exp.Select):
        sources = [select.args.get("from_") or select.args.get("from")] + (select.args.get("joins") or [])
        reads_log = any(
            isinstance(source.this, exp.Table) and source.this.db and source.this.name == EVENTS
            for source in sources
            if source is not None
        )
        where = select.args.get("where")
        is_filtered = where is not None and any(
            column.name == PARTITION_COLUMN for column in where.find_all(exp.Column)
        )
        if reads_log and not is_filtered:
            raise Refused(
                400,
                "invalidQuery",
                f"Cannot query over table '{EVENTS}' without a filter over column(s) '{PARTITION_COLUMN}' that can be "
                "used for partition elimination",
            )
        for grouped in (select.args.get("group") or exp.Group()).expressions:
            if isinstance(grouped, exp.Column) and grouped.name in JSON_COLUMNS:
                raise Refused(400, "invalidQuery", "Grouping by expressions of type JSON is not allowed")
        if select.args.get("distinct") and any(
            isinstance(one, exp.Column) and one.name in JSON_COLUMNS for one in select.expressions
        ):
            raise Refused(400, "invalidQuery", "Column of type JSON cannot be used in SELECT DISTINCT")
    for comparison in statement.find_all(exp.EQ, exp.NEQ, exp.LT, exp.GT, exp.LTE, exp.GTE):
        for side in (comparison.left, comparison.right):
            if isinstance(side, exp.Column) and side.name in JSON_COLUMNS:
                raise Refused(
                    400, "invalidQuery", f"{type(comparison).__name__} is not defined for arguments of type JSON"
                )
    for ordered in statement.find_all(exp.Ordered):
        if isinstance(ordered.this, exp.Column) and ordered.this.name in JSON_COLUMNS:
            raise Refused(400, "invalidQuery", "ORDER BY does not support expressions of type JSON")


def to_duckdb(statement: exp.Expression) -> str:
    def adapted(node: exp.Expression) -> exp.Expression:
        # ARRAY_AGG(x ORDER BY y LIMIT 1): DuckDB has no LIMIT there, and only its first element is ever taken.
        if isinstance(node, exp.Limit) and isinstance(node.parent, (exp.ArrayAgg, exp.Order)):
            return node.this
        return node

    copy = statement.copy()
    for aggregate in copy.find_all(exp.ArrayAgg):
        limit = aggregate.this
        if isinstance(limit, exp.Limit):
            aggregate.set("this", limit.this)
    # sqlglot drops what stood between the parentheses of DIV(a - 1, b) together.
    for division in copy.find_all(exp.IntDiv):
        for side in ("this", "expression"):
            division.set(side, exp.paren(division.args[side], copy=False))
    for create in copy.find_all(exp.Create):
        create.set("properties", None)
    return copy.transform(adapted).sql(DuckDB, comments=False)
