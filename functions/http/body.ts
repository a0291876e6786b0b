import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Context } from "hono";
import { LIMITS } from "../event/event.ts";
import { checkValues } from "../event/exact-json.ts";
import { Refusal } from "../refusals/refusal.ts";

const inflate = promisify(gunzip);
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The body as text, inflated, within the limits. */
export async function readBody(c: Context): Promise<string> {
  const encoding = c.req.header("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new Refusal("unknown-encoding", `The body's encoding ${encoding} is not known.`, {
      field: "Content-Encoding",
      fix: "Send gzip, or the body as it is.",
    });
  }
  const bytes = await readBytes(c);
  const plain = encoding === "gzip" ? await inflated(bytes) : bytes;
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
export async function readBytes(c: Context): Promise<Uint8Array> {
  const declared = c.req.header("content-length");
  if (declared !== undefined) {
    if (Number(declared) > LIMITS.bodyBytes) throw tooLarge();
    return new Uint8Array(await c.req.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (c.req.raw.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > LIMITS.bodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function inflated(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await inflate(bytes, { maxOutputLength: LIMITS.inflatedBytes });
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
      throw new Refusal("body-too-large", `The body inflates to more than ${LIMITS.inflatedBytes} bytes.`, {
        fix: "Send fewer events at a time.",
      });
    }
    throw new Refusal("not-gzip", "The body is not gzip, though Content-Encoding says so.", {
      field: "Content-Encoding",
      fix: "Gzip the body, or leave the header out.",
    });
  }
}

function tooLarge(): Refusal {
  return new Refusal("body-too-large", `The body is larger than ${LIMITS.bodyBytes} bytes.`);
}
