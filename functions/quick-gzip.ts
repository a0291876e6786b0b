import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Context } from "hono";
import { accepts } from "hono/accepts";

const compressed = promisify(gzip);

/**
 * JSON that is mostly numbers, gzipped beside the event loop where the caller takes that. Digits hardly compress: at
 * level 3 they cost a third of the time of level 6, which the handler's own compression uses, and are 2 % larger.
 */
export async function quickGzip(c: Context, answer: object): Promise<Response> {
  const encoding = accepts(c, { header: "Accept-Encoding", supports: ["gzip", "identity"], default: "identity" });
  if (encoding !== "gzip") return c.json(answer);
  const body = await compressed(JSON.stringify(answer), { level: 3 });
  return c.body(new Uint8Array(body), 200, {
    "Content-Type": "application/json",
    "Content-Encoding": "gzip",
    Vary: "Accept-Encoding",
  });
}
