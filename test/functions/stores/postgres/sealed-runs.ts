import pg from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import { sealWindow } from "../../../../functions/stores/postgres/chunks/seal.ts";
import { openPostgresStore, type PostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import type { SeriesQuery, Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import { asUser, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

export const RUN = "run";
const X = ["step", "epoch", "time"] as const;

/** Runs that are sealed when a test says so, compared with the memory store, which has only a log. */
export class SealedRuns {
  database!: FreshDatabase;
  store!: PostgresStore;
  sealers!: pg.Pool;

  constructor() {
    beforeAll(async () => {
      this.database = await freshDatabase();
      this.store = openPostgresStore({ ...this.database, seals: false });
      this.sealers = new pg.Pool({ connectionString: this.database.writerUrl, max: 4 });
    });
    afterAll(async () => {
      await this.store.close();
      await this.sealers.end();
    });
  }

  asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return asUser(this.database.ownerUrl, work);
  }

  async countOf(table: string, project: string): Promise<number> {
    return this.asOwner(async (client) => {
      const { rows } = await client.query(`SELECT count(*)::integer AS n FROM ${table} WHERE project = $1`, [project]);
      return (rows[0] as { n: number }).n;
    });
  }

  async sealAll(project: string, run = RUN): Promise<number> {
    let sealed = 0;
    for (;;) {
      const once = await sealWindow(this.sealers, { project, run }, { all: true });
      if (once.sealed === 0) return sealed;
      sealed += once.sealed;
    }
  }

  /** Appends to the store and to its model. */
  async both(memory: MemoryStore, events: Event[]): Promise<void> {
    for (let from = 0; from < events.length; from += 1_000) {
      const some = events.slice(from, from + 1_000);
      await this.store.append(some);
      await memory.append(some);
    }
  }

  /** Resolves once every transaction that was open beside the last append has ended. */
  async settled(project: string, memory: MemoryStore): Promise<void> {
    const count = async () => this.store.logSize({ after: null, before: await this.store.cursor(), project });
    await expect.poll(count).toBe(memory.rows.length);
  }

  async sameSeries(project: string, memory: Store, points: number[], metrics = ["loss", "acc", "rare", "odd"]) {
    for (const x of X) {
      for (const atMost of points) {
        for (const writers of [false, true]) {
          const query: SeriesQuery = { project, runs: [RUN, "nobody"], metrics, x, points: atMost, writers };
          const theirs = (await this.store.series(query)).series.map((one) => ({ ...one }));
          const ours = (await memory.series(query)).series;
          expect(theirs.sort(byIdentity)).toEqual(ours.sort(byIdentity));
        }
      }
    }
  }

  async sameSummary(project: string, memory: Store): Promise<void> {
    const of = async (from: Store) => JSON.parse(JSON.stringify((await from.run(project, RUN))?.summary));
    expect(await of(this.store)).toEqual(await of(memory));
  }
}

function byIdentity(a: object, b: object): number {
  const of = (one: object) => JSON.stringify(Object.entries(one).filter(([, value]) => typeof value === "string"));
  return of(a) < of(b) ? -1 : 1;
}

let next = 0;
/** A project that no other test uses. */
export const fresh = (): string => {
  next += 1;
  return `chunks-${next}`;
};

/** A deterministic noise, so that a failure can be looked at again. */
export const noise = (n: number): number => {
  const value = Math.sin(n * 12.9898) * 43758.5453;
  return value - Math.floor(value);
};

export const batch = (project: string, n: number, fields: Partial<Event> = {}): Event =>
  sampleEvent({
    project,
    id: `e-${n.toString().padStart(6, "0")}-${fields.writer ?? ""}`,
    seq: 1_790_000_000_000_000 + n,
    step: n,
    epoch: Math.floor(n / 300),
    createdAt: 1_790_000_000_000_000 + n * 1000 + Math.floor(noise(n) * 500),
    logs: JSON.stringify({ loss: noise(n), acc: n % 7, ...(n % 50 === 0 ? { rare: n } : {}) }),
    ...fields,
  });

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
