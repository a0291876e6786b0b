import { ROUTES } from "../../../contract/routes.ts";
import { parseJson } from "../../event/exact-json.ts";
import { Refusal } from "../../refusals/refusal.ts";
import { readBody } from "../body.ts";
import { read, SqlAnswer, SqlBody } from "../schemas.ts";
import type { Route } from "./route.ts";

export const sqlRoutes: readonly Route[] = [
  {
    ...ROUTES.sql,
    operation: "runSql",
    scope: "read",
    summary:
      "One read-only statement over the views, at most 10 s and 10,000 rows. A token for some projects sees those alone.",
    body: SqlBody,
    answer: SqlAnswer,
    refusals: [
      "sql-needs-all-projects",
      "sql-unavailable",
      "sql-not-a-query",
      "sql-timeout",
      "sql-too-large",
      "invalid-sql",
    ],
    async serve(c, { store, access, now }) {
      const { projects } = await access.grant(c, "read");
      if (projects !== "*" && store.sqlWithin === undefined) {
        throw new Refusal("sql-needs-all-projects", "SQL needs a token for all projects on this store.", {
          fix: 'Use a token whose projects are "*"; the other routes take this one.',
        });
      }
      const { sql } = read(SqlBody, parseJson(await readBody(c)));
      const begun = now();
      const result = projects === "*" ? await store.sql(sql) : await store.sqlWithin!(projects, sql);
      return c.json({ ...result, ms: now() - begun });
    },
  },
];
