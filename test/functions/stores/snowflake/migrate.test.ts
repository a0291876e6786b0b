import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../../../functions/stores/snowflake/migrate.ts";
import { NO_PYTHON } from "../../../stand-ins/python-server.ts";
import { emptySchema, type FreshSchema, hasSnowflake, run } from "./subject.ts";

describe.skipIf(!hasSnowflake)(hasSnowflake ? "migrate Snowflake" : `migrate Snowflake ${NO_PYTHON}`, () => {
  let schema: FreshSchema;
  beforeAll(async () => {
    schema = await emptySchema();
  });
  afterAll(() => schema?.drop());
  const migrations = () =>
    run<{ name: string }>(
      schema.login,
      `SELECT DISTINCT name AS "name", hash AS "hash" FROM migrations WHERE name NOT LIKE 'metrics/%' ORDER BY name`,
    );

  test("from two places at once, then again: nothing is done that was done", async () => {
    await Promise.all([migrate(schema.login), migrate(schema.login)]);
    const done = await migrations();
    expect(done.map(({ name }) => name)).toEqual(["001-log.sql", "002-exact-numbers.sql", "views.sql"]);
    const count = () => run<{ n: string }>(schema.login, 'SELECT COUNT(*) AS "n" FROM migrations');
    const before = await count();
    await migrate(schema.login);
    expect(await count()).toEqual(before);
  });

  test("a file that was broken off is done again from its start, and the views after it", async () => {
    await run(schema.login, "DELETE FROM migrations WHERE name = '001-log.sql'");
    await run(schema.login, "DROP TABLE denied_tokens");
    await run(schema.login, "DROP VIEW raw_link");
    await migrate(schema.login);
    expect(await run(schema.login, 'SELECT jti AS "jti" FROM denied_tokens')).toEqual([]);
    expect(await run(schema.login, 'SELECT id AS "id" FROM raw_link')).toEqual([]);
    expect((await migrations()).length).toBe(3);
  });

  test("views of an older version are made anew", async () => {
    await run(schema.login, "DROP VIEW raw_link");
    await run(schema.login, "INSERT INTO migrations SELECT 'views.sql', 'older', DATEADD('second', 1, SYSDATE())");
    await migrate(schema.login);
    expect(await run(schema.login, 'SELECT id AS "id" FROM raw_link')).toEqual([]);
  });

  test("marks of appends that nobody will read are removed, and the newest stays", async () => {
    const day = 86_400_000n * 4_194_304n;
    const positions = [1n, day, 2n * day, 2n * day + 1n];
    for (const position of positions) await run(schema.login, `INSERT INTO appends SELECT 'a', ${position}, TRUE`);
    await migrate(schema.login);
    expect(await run(schema.login, 'SELECT pos AS "pos" FROM appends ORDER BY pos')).toEqual([
      { pos: String(2n * day) },
      { pos: String(2n * day + 1n) },
    ]);
  });

  test("a schema of a newer version is left alone, with a message that says what to do", async () => {
    await run(schema.login, "INSERT INTO migrations SELECT '999-later.sql', 'x', SYSDATE()");
    await expect(migrate(schema.login)).rejects.toThrow(
      "The database was migrated by a newer version (it has 999-later.sql). Run that version, or a newer one.",
    );
  });
});
