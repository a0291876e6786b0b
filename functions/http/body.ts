import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Context } from "hono";
import { LIMITS } from "../event/event.ts";
import { checkValues } from "../event/exact-json.ts";
import { Refusal } from "../refusals/refusal.ts";

const inflate = promisify(gunzip);
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Bytes that a body may have: as it arrives, and once inflated. */
export interface BodyLimits {
  bodyBytes: number;
  inflatedBytes: number;
}

/** The body as text, inflated, within the limits. */
export async function readBody(c: Context, limits: BodyLimits = LIMITS): Promise<string> {
  const encoding = c.req.header("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new Refusal("unknown-encoding", `The body's encoding ${encoding} is not known.`, {
      field: "Content-Encoding",
      fix: "Send gzip, or the body as it is.",
    });
  }
  const bytes = await readBytes(c, limits);
  const plain = encoding === "gzip" ? await inflated(bytes, limits) : bytes;
  const text = decoded(plain);
  checkValues(text);
  return text;
}

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Refusal("not-utf8");
  }
}

/** The body as it came, within the limit. */
export async function readBytes(c: Context, limits: Pick<BodyLimits, "bodyBytes"> = LIMITS): Promise<Uint8Array> {
  const declared = c.req.header("content-length");
  if (declared !== undefined && Number(declared) > limits.bodyBytes) throw tooLarge(limits);
  try {
    if (declared !== undefined) return new Uint8Array(await c.req.arrayBuffer());
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of (c.req.raw.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limits.bodyBytes) throw tooLarge(limits);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    // The caller went away, which is no error of ours.
    throw error instanceof Refusal ? error : new Refusal("invalid-request", "The body broke off.");
  }
}

async function inflated(bytes: Uint8Array, { inflatedBytes }: BodyLimits): Promise<Uint8Array> {
  try {
    return await inflate(bytes, { maxOutputLength: inflatedBytes });
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
      throw new Refusal("body-too-large", `The body inflates to more than ${inflatedBytes} bytes.`, {
        fix: "Send fewer events at a time.",
      });
    }
    throw new Refusal("not-gzip", "The body is not gzip, though Content-Encoding says so.", {
      field: "Content-Encoding",
      fix: "Gzip the body, or leave the header out.",
    });
  }
}

function tooLarge({ bodyBytes }: Pick<BodyLimits, "bodyBytes">): Refusal {
  return new Refusal("body-too-large", `The body is larger than ${bodyBytes} bytes.`);
}
