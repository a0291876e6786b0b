import { afterEach, beforeEach } from "vitest";
import { type Client, type ClientOptions, connect } from "../../../trainer/client/index.ts";
import { type StandIn, standIn } from "../../stand-ins/api.ts";

// New for each test of the file that imports them.
export let api: StandIn;
export let client: Client;
export let warnings: string[];

beforeEach(async () => {
  api = await standIn();
  warnings = [];
});

afterEach(async () => {
  client.close();
  await api.close();
});

/** A client of the stand-in that waits for nothing longer than a test has time for. */
export function connected(options: Partial<ClientOptions> = {}): Client {
  client = connect({
    url: api.url,
    token: "secret",
    flushMs: 10,
    retryMs: 10,
    maxRetryMs: 50,
    drainOnExit: false,
    provenance: false,
    onWarn: (message) => warnings.push(message),
    ...options,
  });
  return client;
}

/** Of the events that have arrived, in their order. */
export const kinds = () => api.events.map(({ kind }) => kind);
