import { request } from "node:http";
import { performance } from "node:perf_hooks";
import { gunzipSync } from "node:zlib";

export interface Answer {
  ms: number;
  /** Bytes on the wire and inflated. */
  gzipped: number;
  plain: number;
  body: unknown;
}

/** One request as a page sends it, up to its last byte; a `body` makes it a POST. */
export async function ask(
  { url, readToken }: { url: string; readToken: string },
  path: string,
  body?: object,
): Promise<Answer> {
  const begun = performance.now();
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${readToken}`,
      "accept-encoding": "gzip",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    request(`${url}${path}`, { method: body === undefined ? "GET" : "POST", headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve(Buffer.concat(chunks)) : reject(new Error(String(Buffer.concat(chunks)))),
      );
    })
      .on("error", reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
  const ms = performance.now() - begun;
  const plain = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
  return { ms, gzipped: bytes.length, plain: plain.length, body: JSON.parse(String(plain)) };
}

/** The middle one of so many times, in ms. */
export async function median(repeats: number, once: () => Promise<number>): Promise<number> {
  return (await sorted(repeats, once))[repeats >> 1] as number;
}

export async function sorted(repeats: number, once: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) times.push(await once());
  return times.sort((a, b) => a - b);
}
