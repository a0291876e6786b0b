import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import * as z from "zod/mini";
import { parseJson } from "../functions/event/exact-json.ts";
import { readLogs, readName } from "../functions/event/values.ts";
import { type Access, readProjectQuery } from "../functions/http/access.ts";
import { readBody } from "../functions/http/body.ts";
import { read } from "../functions/http/schemas.ts";
import { Refusal } from "../functions/refusals/refusal.ts";
import { quotedText } from "../functions/stores/sql-text.ts";
import type { Store } from "../functions/stores/store.ts";

interface Options {
  store: Pick<Store, "append" | "sql" | "sqlWithin" | "tagSeq">;
  access: Access;
  /** ms since 1970. */
  now?: () => number;
}

/**
 * As URLSearchParams writes it, and as long as 500 of them still come in one answer to SQL, which
 * is cut at 16 MB.
 */
const Address = z
  .string()
  .check(
    z.maxLength(20_000),
    z.regex(/^[\w*.+%&=-]*$/, "Invalid input: expected the part of an address behind the #, percent-encoded"),
  );

/** What a view shows is the part of the page's address behind the #; null takes the view away. */
const ViewBody = z.strictObject({
  run: z.string(),
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(100)),
  view: z.nullable(Address),
});

const SAVED_VIEWS = readFileSync(new URL("./saved-views.sql", import.meta.url), "utf8");

/**
 * Serves the page's saved views: `GET /views` lists those of a project, `POST /views` keeps one
 * under a name, with who did it. A view is an event of a run that it was made at, and is gone with
 * it; of one name the last counts.
 */
export function serveViews(app: Hono, { store, access, now = Date.now }: Options): void {
  app.get("/views", async (c) => {
    const grant = await access.grant(c, "read");
    const project = readProjectQuery(c, grant);
    const sql = SAVED_VIEWS.replace("= @project", () => `= ${quotedText(project)}`);
    const { rows } = await (grant.projects === "*" ? store.sql(sql) : store.sqlWithin!(grant.projects, sql));
    c.header("cache-control", "no-store");
    return c.json({ views: rows.map(([name, view, actor, at]) => ({ name, view, actor, at })) });
  });

  app.post("/views", async (c) => {
    const grant = await access.grant(c, "control");
    const project = readProjectQuery(c, grant);
    const { run: asked, ...logs } = read(ViewBody, parseJson(await readBody(c)));
    const run = readName(asked, "run");
    const createdAt = now() * 1000;
    const isKnown = (await store.tagSeq(project, run)) !== null;
    const appended =
      isKnown &&
      (await store.append([
        {
          ...{ project, run, id: randomUUID(), writer: "server", seq: createdAt, kind: "view_saved" },
          ...{ actor: grant.actor, epoch: null, step: null, batch: null, createdAt, sentSkew: null },
          logs: readLogs(logs, "body", true),
        },
      ]));
    if (!appended || appended.purged !== undefined)
      throw new Refusal("unknown-run", `There is no run ${run} in this project.`, { field: "run" });
    return c.json({ accepted: appended.accepted }, 202);
  });
}
