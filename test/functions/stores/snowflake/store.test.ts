import { describe, expect, test } from "vitest";
import { migrate } from "../../../../functions/stores/snowflake/migrate.ts";
import { openSnowflakeStore } from "../../../../functions/stores/snowflake/snowflake.ts";
import { NO_PYTHON } from "../../../stand-ins/python-server.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { storeSuite } from "../store-suite.ts";
import { emptySchema, hasSnowflake, run, snowflakeSubject } from "./subject.ts";

describe.skipIf(!hasSnowflake)(hasSnowflake ? "the Store contract" : `the Store contract ${NO_PYTHON}`, () => {
  storeSuite(snowflakeSubject);
});

describe.skipIf(!hasSnowflake)(hasSnowflake ? "Snowflake" : `Snowflake ${NO_PYTHON}`, () => {
  test("numbers keep the digits that a VARIANT rounds away", async () => {
    const { login, drop } = await emptySchema();
    await migrate(login);
    const store = openSnowflakeStore({ writer: login, reader: login, pollMs: 50, skewMs: 0 });
    const loss = 1.2345678901234566e-7;
    const event = sampleEvent({ kind: "on_epoch_end", epoch: 0, seq: 1, createdAt: 1, logs: `{"loss":${loss}}` });
    await store.append([event]);
    // As the vendor prints it; the test server's own would not tell.
    await run(login, `UPDATE events SET logs = PARSE_JSON('{"loss":1.234567890123457e-07}')`);
    expect(await store.append([event])).toMatchObject({ accepted: 0, duplicates: 1 });
    const part = { after: null, before: await store.cursor(), limit: 10 };
    expect((await store.log(part)).events).toMatchObject([{ logs: event.logs }]);
    expect((await store.events({ ...part, project: "default", after: "0" })).events).toMatchObject([
      { logs: { loss } },
    ]);
    expect((await store.run("default", "run"))?.summary).toMatchObject([{ last: loss, min: loss }]);
    const query = { project: "default", runs: ["run"], metrics: ["loss"], x: "epoch", points: 10 } as const;
    expect((await store.series({ ...query, runs: ["run"], metrics: ["loss"] })).series).toMatchObject([{ y: [loss] }]);
    await store.close();
    await drop();
  });
});
