import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asUser, connected, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

const LOOKS = 20_000;
const IDLERS = 3;
/** Transactions that have an id and append nothing, one after the other. */
const IDLE = "DO $$ BEGIN FOR i IN 1..500 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$";
/** Every look has a snapshot of its own. How many saw the log end lower than one before. */
const LOOK = `DO $$
DECLARE
  highest bigint := 0;
  horizon bigint;
  lower integer := 0;
BEGIN
  FOR i IN 1..${LOOKS} LOOP
    SELECT log_horizon() INTO horizon;
    IF horizon < highest THEN lower := lower + 1; END IF;
    highest := greatest(highest, horizon);
  END LOOP;
  PERFORM set_config('test.lower', lower::text, false);
END $$`;

let database: FreshDatabase;
let idlers: pg.Client[];
beforeAll(async () => {
  database = await freshDatabase();
  idlers = await Promise.all(Array.from({ length: IDLERS }, () => connected(database.writerUrl)));
});
afterAll(async () => {
  for (const idler of idlers) await idler.end();
});

test("never goes back while transactions that append nothing come and go", async () => {
  let isLooking = true;
  let ended = 0;
  const idling = idlers.map(async (idler) => {
    while (isLooking) {
      await idler.query(IDLE);
      ended += 500;
    }
  });
  const lower = await asUser(database.writerUrl, async (client) => {
    await client.query(LOOK);
    return (await client.query("SELECT current_setting('test.lower') AS lower")).rows;
  }).finally(() => {
    isLooking = false;
  });
  await Promise.all(idling);
  expect(lower).toEqual([{ lower: "0" }]);
  expect(ended).toBeGreaterThan(500 * IDLERS);
}, 120_000);
