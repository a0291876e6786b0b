import { describe, expect, test } from "vitest";
import { migrate } from "../../../../functions/stores/postgres/migrate.ts";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { asUser, emptyDatabase, freshDatabase } from "./fresh-database.ts";

const migrationsOf = (ownerUrl: string) =>
  asUser(
    ownerUrl,
    async (client) => (await client.query("SELECT name, hash, at FROM integraviz.migrations ORDER BY name")).rows,
  );

describe("migrate", () => {
  test("from two places at once, then again: each step once", async () => {
    const { ownerUrl } = await emptyDatabase();
    await Promise.all([migrate(ownerUrl), migrate(ownerUrl), migrate(ownerUrl)]);
    const done = await migrationsOf(ownerUrl);
    const names = [
      "001-log.sql",
      "002-chunks.sql",
      "003-access.sql",
      "004-purge.sql",
      "005-locks.sql",
      "006-tombstones.sql",
      "007-positions.sql",
      "008-reader-limits.sql",
      "011-safe-arithmetic.sql",
      "012-writers.sql",
      "013-safe-functions.sql",
      "014-run-starts.sql",
      "015-lines.sql",
      "016-audited.sql",
      "017-lines-later.sql",
      "018-lines-meanwhile.sql",
      "views.sql",
    ];
    expect(done.map(({ name }) => name)).toEqual(names);
    await migrate(ownerUrl);
    expect(await migrationsOf(ownerUrl)).toEqual(done);
  });

  test("a database of a newer version is left alone, with a message that says what to do", async () => {
    const { ownerUrl } = await freshDatabase();
    await asUser(ownerUrl, (client) =>
      client.query("INSERT INTO integraviz.migrations (name, hash) VALUES ('999-later.sql', 'x')"),
    );
    await expect(migrate(ownerUrl)).rejects.toThrow(
      "The database was migrated by a newer version (it has 999-later.sql). Run that version, or a newer one.",
    );
  });

  test("views of an older version are made anew, and readers keep their rights", async () => {
    const { ownerUrl, readerUrl } = await freshDatabase();
    await asUser(ownerUrl, async (client) => {
      await client.query("UPDATE integraviz.migrations SET hash = 'older' WHERE name = 'views.sql'");
      await client.query("DROP VIEW integraviz.raw_link");
    });
    await migrate(ownerUrl);
    await asUser(readerUrl, (client) => client.query("SELECT * FROM raw_link"));
  });

  test("views are made anew after a step below them", async () => {
    const { ownerUrl, readerUrl } = await freshDatabase();
    await asUser(ownerUrl, async (client) => {
      await client.query("DELETE FROM integraviz.migrations WHERE name = '005-locks.sql'");
      await client.query("DROP FUNCTION integraviz.leave_purged_unsealed CASCADE");
      await client.query("DROP VIEW integraviz.raw_link");
    });
    await migrate(ownerUrl);
    await asUser(readerUrl, (client) => client.query("SELECT * FROM raw_link"));
  });

  test("policies of an older version are made anew", async () => {
    const { ownerUrl } = await freshDatabase();
    const policies = () =>
      asUser(ownerUrl, async (client) => {
        const { rows } = await client.query(
          "SELECT * FROM pg_policies WHERE schemaname = 'integraviz' ORDER BY tablename, policyname",
        );
        return rows;
      });
    const before = await policies();
    await asUser(ownerUrl, async (client) => {
      await client.query("ALTER POLICY projects ON integraviz.events USING (true)");
      await client.query("COMMENT ON POLICY projects ON integraviz.events IS 'older'");
    });
    await migrate(ownerUrl);
    expect(await policies()).toEqual(before);
  });

  test("gives up where a reader holds what it needs, with a message that says what to do", async () => {
    const { ownerUrl, readerUrl } = await freshDatabase();
    await asUser(ownerUrl, (client) =>
      client.query("UPDATE integraviz.migrations SET hash = 'older' WHERE name = 'views.sql'"),
    );
    await asUser(readerUrl, async (client) => {
      await client.query("BEGIN");
      await client.query("SELECT count(*) FROM runs");
      await expect(migrate(ownerUrl)).rejects.toThrow(/waited 5 s for tables or views .* End that session/);
      await client.query("COMMIT");
    });
    await migrate(ownerUrl);
  }, 30_000);

  test("a step that fails leaves nothing half done", async () => {
    const { ownerUrl } = await emptyDatabase();
    await asUser(ownerUrl, async (client) => {
      await client.query("CREATE SCHEMA integraviz");
      await client.query("CREATE TABLE integraviz.denied_tokens (a int)");
    });
    await expect(migrate(ownerUrl)).rejects.toThrow(/denied_tokens/);
    expect(await migrationsOf(ownerUrl)).toEqual([]);
    await asUser(ownerUrl, async (client) => {
      await expect(client.query("SELECT * FROM integraviz.events")).rejects.toMatchObject({ code: "42P01" });
      await client.query("DROP TABLE integraviz.denied_tokens");
    });
    await migrate(ownerUrl);
  });

  test("a log restored into another cluster, whose transactions count from the start, goes on above what is there", async () => {
    const database = await freshDatabase();
    const ahead = (1n << 40n) << 20n;
    await asUser(database.ownerUrl, (client) =>
      client.query(
        `INSERT INTO integraviz.events (pos, seq, created_at, project, run_id, event_id, writer, kind)
         VALUES ($1, 1, now(), 'restored', 'run', 'old', '', 'k')`,
        [String(ahead)],
      ),
    );
    await migrate(database.ownerUrl);
    const store = openPostgresStore(database);
    await store.append([sampleEvent({ project: "restored", id: "new" })]);
    const ids = async () =>
      (await store.events({ project: "restored", after: "0", limit: 10 })).events.map(({ event_id }) => event_id);
    await expect.poll(ids).toEqual(["old", "new"]);
    await store.close();
  });
});
