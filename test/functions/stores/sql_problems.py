"""Reads [[dialect, [path, ...]], ...] as JSON and says what sqlglot does not understand of each text, as JSON."""

import json
import logging
import sys
from pathlib import Path

import sqlglot
from sqlglot import exp

# A statement that is not understood is kept as a Command, with a warning: here it is a problem.
logging.disable(logging.WARNING)


def problems(dialect, paths):
    text = "".join(Path(path).read_text(encoding="utf-8") for path in paths)
    try:
        statements = [statement for statement in sqlglot.parse(text, read=dialect) if statement]
    except sqlglot.errors.SqlglotError as error:
        return [{"problem": f"line {error.errors[0]['line']}: {error.errors[0]['description']}"}]
    if not statements:
        return [{"problem": "no statement"}]
    return [
        {"command": command.sql(dialect=dialect, comments=False)}
        for statement in statements
        for command in statement.find_all(exp.Command)
    ]


json.dump([problems(dialect, paths) for dialect, paths in json.load(sys.stdin)], sys.stdout)
