import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openSnowflakeStore } from "../../../../functions/stores/snowflake/snowflake.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { loginTo } from "./subject.ts";

/** What the service says when it cannot, which no stand-in of its SQL does: answers of its REST API, made up here. */
type Answer = { rows?: string[][]; columns?: string[]; code?: string; message?: string; sqlState?: string };

describe("what Snowflake answers", () => {
  let server: Server;
  let store: Store;
  const asked: string[] = [];
  let answer: (sql: string) => Answer = () => ({ rows: [] });

  beforeAll(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        response.setHeader("content-type", "application/json");
        if (!request.url?.startsWith("/queries/")) {
          response.end(JSON.stringify({ success: true, data: { token: "t", masterToken: "m", parameters: [] } }));
          return;
        }
        const { sqlText } = JSON.parse(Buffer.concat(parts).toString()) as { sqlText: string };
        asked.push(sqlText);
        response.end(JSON.stringify(bodyOf(answer(sqlText))));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const login = { ...loginTo(server.address() as { port: number }), schema: "S" };
    store = openSnowflakeStore({ writer: login, reader: login, pollMs: 1_000 });
  });
  afterAll(async () => {
    answer = () => ({ rows: [] });
    await store.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    asked.length = 0;
  });

  test.each([
    [
      "a spent quota",
      {
        code: "090073",
        message: "Warehouse 'W' cannot be resumed because resource monitor 'M' has exceeded its quota.",
      },
      3_600,
    ],
    [
      "a full queue",
      { code: "000629", message: "Statement reached its statement queued timeout of 30 second(s)." },
      10,
    ],
  ])("%s is 429 with a time to come back, and is not tried again", async (_, said, retryAfter) => {
    answer = () => ({ ...said, sqlState: "57014" });
    await expect(store.append([sampleEvent()])).rejects.toMatchObject({ status: 429, details: { retryAfter } });
    expect(asked.filter((sql) => sql.includes("INTO events"))).toEqual([]);
    await expect(store.projects()).rejects.toMatchObject({ status: 429 });
  });

  test("a warehouse that takes too long is 503 with a time to come back, and no request is tried alone", async () => {
    const late = {
      code: "000630",
      message: "Statement reached its statement or warehouse timeout of 30 second(s) and was canceled.",
      sqlState: "57014",
    };
    answer = (sql) => (sql.includes("INTO events") ? late : { rows: [] });
    const refused = { status: 503, details: { retryAfter: 10 } };
    const appends = await Promise.allSettled([store.append([sampleEvent()]), store.append([sampleEvent()])]);
    for (const append of appends) expect(append).toMatchObject({ status: "rejected", reason: refused });
    expect(asked.filter((sql) => sql.includes("INTO events")).length).toBe(1);
    answer = () => late;
    await expect(store.projects()).rejects.toMatchObject(refused);
  });

  test("what the vendor says may pass is tried again", async () => {
    let times = 0;
    answer = () => {
      times += 1;
      return times < 3
        ? { code: "000603", message: "internal error", sqlState: "XX000" }
        : { columns: ["project"], rows: [["p"]] };
    };
    expect(await store.projects()).toEqual(["p"]);
    expect(times).toBe(3);
  });

  test("a session that has ended is opened anew", async () => {
    let times = 0;
    answer = () => {
      times += 1;
      return times === 1
        ? { code: "390111", message: "Session no longer exists. New login required.", sqlState: "08001" }
        : { columns: ["project"], rows: [["p"]] };
    };
    expect(await store.projects()).toEqual(["p"]);
  });

  test("a query of the panel that takes too long, or is wrong, is the caller's to mend", async () => {
    answer = () => ({
      code: "000630",
      message: "Statement reached its statement or warehouse timeout of 10 second(s) and was canceled.",
      sqlState: "57014",
    });
    await expect(store.sql("SELECT 1")).rejects.toMatchObject({
      status: 400,
      message: "The statement took longer than 10 s.",
    });
    answer = () => ({
      code: "000904",
      message: "SQL compilation error: error line 1 at position 7\ninvalid identifier 'NOTHING'",
      sqlState: "42000",
    });
    await expect(store.sql("SELECT nothing FROM runs")).rejects.toMatchObject({
      status: 400,
      message: "SQL compilation error: error line 1 at position 7 invalid identifier 'NOTHING'.",
      details: { field: "sql, line 1, character 8" },
    });
  });

  test.each([
    "PUT file:///etc/hostname @~",
    "/* SELECT */ GET @~ file:///tmp",
    "DELETE FROM events",
    "ALTER SESSION SET TIMEZONE = 'Asia/Tokyo'",
    "CALL x()",
    "-- SELECT\nDROP VIEW runs",
    "",
  ])("%j never reaches the service", async (sql) => {
    await expect(store.sql(sql)).rejects.toMatchObject({ status: 400, message: "Only a query is taken here." });
    expect(asked).toEqual([]);
  });

  test("a reader who waits where nothing happens asks for metadata alone, and seldom", async () => {
    const quiet = String((Date.now() - 600_000 - 1_577_836_800_000) * 4_194_304);
    answer = () => ({ columns: ["newest"], rows: [[quiet]] });
    const cursor = await store.cursor();
    expect(BigInt(cursor)).toBe(BigInt(quiet) + 60_000n * 4_194_304n);
    for (let times = 0; times < 50; times++) {
      expect(await store.events({ project: "p", after: cursor, limit: 10 })).toEqual({
        events: [],
        cursor,
        more: false,
      });
    }
    // Of the marks: the table of events may have a row access policy, with which metadata does not answer.
    expect(asked.every((sql) => /^SELECT MAX\(pos\) AS "newest" FROM appends$/m.test(sql))).toBe(true);
    expect(asked.length).toBeLessThan(5);
  });

  test("out of reach, health says so and a read is refused with 503 in time", async () => {
    const nowhere = { ...loginTo({ port: 1 }), schema: "S" };
    const away = openSnowflakeStore({ writer: nowhere, reader: nowhere });
    expect(await away.health()).toMatchObject({ ok: false, kind: "snowflake" });
    await expect(away.projects()).rejects.toMatchObject({ status: 503, details: { retryAfter: 2 } });
    await away.close();
  }, 60_000);
});

function bodyOf({ rows = [], columns = ["x"], code, message, sqlState }: Answer): object {
  if (code !== undefined) return { success: false, code, message, data: { errorCode: code, sqlState } };
  const rowtype = columns.map((name) => ({ name, type: "text", nullable: true, length: 100, byteLength: 100 }));
  const data = { parameters: [], rowtype, rowset: rows, total: rows.length, returned: rows.length };
  return { success: true, data: { ...data, queryId: "q", queryResultFormat: "json", statementTypeId: 4096 } };
}
