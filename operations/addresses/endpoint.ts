import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stackEndpoint } from "../../operations/addresses/stack-endpoint.ts";
import { Mistake } from "../mistake.ts";

/** Where events go, and the token they go with (ingest scope). */
export interface IngestEndpoint {
  url: string;
  token: string;
}

export interface EndpointOptions {
  url?: string | undefined;
  token?: string | undefined;
  /** A stack that `pulumi up` has brought up. */
  stack?: string | undefined;
  /** The folder in which `integraviz start` keeps its data. */
  data: string;
}

/**
 * Finds the endpoint: as given, that of a deployed stack, or that of the stack on this machine,
 * which writes `endpoint.json` into its data folder. Throws a Mistake where there is none of these.
 */
export async function findEndpoint({ url, token, stack, data }: EndpointOptions): Promise<IngestEndpoint> {
  if (stack !== undefined) {
    const other = url !== undefined ? "--url" : token !== undefined ? "--token" : undefined;
    if (other) throw new Mistake(`--stack and ${other} both say where the run goes: leave one of them out.`);
    return checked(await stackEndpoint(stack), `--stack ${stack}`);
  }
  if (url !== undefined && token !== undefined) return checked({ url, token }, "--url");
  if (url !== undefined) throw new Mistake("--url needs --token: give a token with ingest scope.");
  const file = join(data, "endpoint.json");
  const local = checked(await readEndpoint(file), file);
  return { ...local, token: token ?? local.token };
}

async function readEndpoint(file: string): Promise<IngestEndpoint> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR")
      throw new Mistake(`${file} cannot be read: ${error.message}.`);
    throw new Mistake(
      `There is no ${file}, so where should the run be sent? Start the stack first (integraviz start), name its folder with --data, name a deployed one with --stack, or give --url and --token.`,
    );
  });
  const value = parsed(text);
  const { url, token } = (value ?? {}) as Partial<Record<keyof IngestEndpoint, unknown>>;
  if (typeof url === "string" && typeof token === "string") return { url, token };
  throw new Mistake(`${file} has no url and token. Start the stack again (integraviz start): it writes the file anew.`);
}

function checked(endpoint: IngestEndpoint, where: string): IngestEndpoint {
  if (!URL.canParse(endpoint.url) || !/^https?:$/.test(new URL(endpoint.url).protocol)) {
    throw new Mistake(`${where}: ${JSON.stringify(endpoint.url)} is no address. One looks like http://127.0.0.1:4080.`);
  }
  if (endpoint.token.trim() === "") throw new Mistake(`${where}: the token is empty. Give one with ingest scope.`);
  return endpoint;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
