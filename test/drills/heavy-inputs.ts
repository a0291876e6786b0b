import { gzipSync } from "node:zlib";
import type { Endpoint } from "../../embedded/stack.ts";
import { LIMITS } from "../../functions/event/event.ts";

/** Something large that anybody with a token, or without one, can send or ask. */
export interface HeavyInput {
  name: string;
  /**
   * Does it in a project of its own, and says what it counted. Throws where the answer is not as it
   * is to be.
   */
  send(to: Endpoint, project: string): Promise<string>;
}

const PADS = 300;
const PAD = 2_000_000;
/** As many as one inflated body may hold. */
const PADS_A_REQUEST = Math.floor(LIMITS.inflatedBytes / (PAD + 200));
const METRICS = 2_261;

export const HEAVY_INPUTS: HeavyInput[] = [
  {
    name: "300 events of 2 MB, and four streams that begin before them",
    async send(to, project) {
      for (let at = 0; at < PADS; at += PADS_A_REQUEST) {
        const length = Math.min(PADS_A_REQUEST, PADS - at);
        const pads = Array.from({ length }, () => ({ run_id: "pads", kind: "note", logs: { pad: "x".repeat(PAD) } }));
        expect(await post(to, `/v1/events?project=${project}`, gzipped(pads), to.token), [200]);
      }
      const ways = ["after=0", "after=0&backlog=100", "after=0&backlog=1000", "after=0&run=pads"];
      const seen = await Promise.all(ways.map((way) => streamed(to, `/v1/stream?project=${project}&${way}`)));
      return `${PADS} taken, ${seen.join(", ")} streamed`;
    },
  },
  {
    name: "an event of 100,000 metrics",
    async send(to, project) {
      const event = { run_id: "wide", kind: "on_epoch_end", epoch: 0, logs: metrics(100_000) };
      const status = expect(await post(to, `/v1/events?project=${project}`, gzipped([event]), to.token), [413]);
      return `answered ${status}`;
    },
  },
  {
    name: "16 runs with as many metrics as are taken, and four lists of them",
    async send(to, project) {
      for (let run = 0; run < 16; run++) await sendRun(to, project, `wide-${run}`, LIMITS.keys);
      const lists = await Promise.all(
        Array.from({ length: 4 }, () => get(to, `/v1/runs?project=${project}&limit=1000`)),
      );
      return `lists of ${lists.map(mb).join(", ")}`;
    },
  },
  {
    name: "10 runs of 2,261 metrics: list, one run, and the series of 200 metrics of them all",
    async send(to, project) {
      for (let run = 0; run < 10; run++) await sendRun(to, project, `many-${run}`, METRICS);
      const runs = Array.from({ length: 10 }, (_, run) => `run=many-${run}`).join("&");
      const some = Array.from({ length: 200 }, (_, metric) => `metric=m${metric}`).join("&");
      const answers = await Promise.all([
        get(to, `/v1/runs?project=${project}`),
        get(to, `/v1/runs/many-0?project=${project}`),
        get(to, `/v1/series?project=${project}&x=epoch&points=100&${runs}&${some}`),
        get(to, `/v1/series?project=${project}&x=epoch&points=100&${runs}&${some}`),
      ]);
      return answers.map(mb).join(", ");
    },
  },
  {
    name: "32 bodies of 30 kB that inflate to 32 MB, at once and without a token",
    async send(to) {
      const bomb = gzipSync(Buffer.alloc(LIMITS.inflatedBytes - 1_000, "["));
      const list = gzipSync(`{"token":"x","a":[${Array.from({ length: LIMITS.values - 1_000 }, () => "NaN").join()}]}`);
      const paths = ["/v1/session", "/v1/events", "/", "/v1/sql"];
      const bodies = Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? bomb : list));
      const statuses = await Promise.all(bodies.map((body, i) => post(to, paths[i % paths.length] as string, body)));
      return `answered ${[...new Set(statuses.map((status) => expect(status, [400, 401, 413])))].join(", ")}`;
    },
  },
  {
    name: "8 bodies that inflate to as many values as are taken, at once",
    async send(to, project) {
      const list = gzipSync(
        `[${Array.from({ length: 40 }, () => `{"run_id":"r","kind":"note","logs":{"a":[${Array.from({ length: LIMITS.values / 40 - 20 }, () => "NaN").join()}]}}`)}]`,
      );
      const path = `/v1/events?project=${project}`;
      const statuses = await Promise.all(Array.from({ length: 8 }, () => post(to, path, list, to.token)));
      return `answered ${[...new Set(statuses.map((status) => expect(status, [200, 503])))].join(", ")}`;
    },
  },
  {
    name: "four SQL answers of 10 GB and of one row of 500 MB",
    async send(to) {
      const sqls = ["SELECT repeat('x', 1000000) FROM generate_series(1, 10000)", "SELECT repeat('x', 500000000)"];
      const asked = [...sqls, ...sqls].map((sql) =>
        post(to, "/v1/sql", gzipSync(JSON.stringify({ sql })), to.readToken),
      );
      const statuses = await Promise.all(asked);
      return `answered ${[...new Set(statuses.map((status) => expect(status, [200, 400, 413])))].join(", ")}`;
    },
  },
];

function metrics(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, metric) => [`m${metric}`, metric / 7]));
}

async function sendRun(to: Endpoint, project: string, run: string, count: number): Promise<void> {
  const event = { run_id: run, kind: "on_epoch_end", epoch: 0, logs: metrics(count) };
  expect(await post(to, `/v1/events?project=${project}`, gzipped([event]), to.token), [200]);
}

const gzipped = (value: unknown): Buffer => gzipSync(JSON.stringify(value), { level: 1 });
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function post({ url }: Endpoint, path: string, body: Uint8Array, token?: string): Promise<number> {
  const headers = {
    "content-type": "application/json",
    "content-encoding": "gzip",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const answer = await fetch(url + path, { method: "POST", headers, body: new Uint8Array(body) });
  await sizeOf(answer);
  return answer.status;
}

/** Bytes of an answer, which is not kept. */
async function get({ url, readToken }: Endpoint, path: string): Promise<number> {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${readToken}` } });
  expect(answer.status, [200]);
  return sizeOf(answer);
}

async function sizeOf({ body }: Response): Promise<number> {
  let bytes = 0;
  for await (const chunk of (body ?? []) as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length;
  return bytes;
}

const EVENT = '"event_id":';
const RESET = "event: reset";

/**
 * Reads a stream to the last of the pads, or to where it leaps past them; answers how many it gave,
 * or "reset".
 */
async function streamed({ url, readToken }: Endpoint, path: string): Promise<number | "reset"> {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(120_000)]);
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${readToken}` }, signal });
  let [events, rest] = [0, ""];
  try {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      const text = rest + Buffer.from(chunk).toString("latin1");
      events += text.split(EVENT).length - 1;
      if (text.includes(RESET)) return "reset";
      if (events >= PADS) return events;
      // A mark that is cut in two is whole with the next chunk.
      const last = text.lastIndexOf(EVENT);
      rest = text.slice(Math.max(last < 0 ? 0 : last + EVENT.length, text.length - RESET.length));
    }
  } finally {
    ending.abort();
  }
  throw new Error(`A stream ended after ${events} events of ${PADS}.`);
}

function expect(status: number, wanted: readonly number[]): number {
  if (!wanted.includes(status)) throw new Error(`It was answered ${status}; right are ${wanted.join(", ")}.`);
  return status;
}
