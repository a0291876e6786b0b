import { readFileSync } from "node:fs";
import type { DriverLogin } from "../../functions/adapters/environment.ts";
import { Mistake } from "../mistake.ts";

/**
 * A login for `snowflake://` or `bigquery://`, as a command line takes them; null for another
 * scheme. Its secrets are in files.
 */
export function loginOfUrl(url: URL, option: string): DriverLogin | null {
  return byScheme[url.protocol]?.(url, `${option} ${url.protocol}//${url.host}${url.pathname}`) ?? null;
}

const byScheme: Record<string, (url: URL, source: string) => DriverLogin> = {
  "snowflake:": (url, source) => ({
    driver: "snowflake",
    user: given(decodeURIComponent(url.username), source, "the user in front of @"),
    account: url.hostname,
    ...namesIn(url, source, ["database", "schema"]),
    ...parametersOf(url, source, { warehouse: null, role: null }),
    privateKey: fileOf("SNOWFLAKE_PRIVATE_KEY_PATH", source),
  }),
  "bigquery:": (url, source) => {
    const { dataset = "" } = namesIn(url, source, ["dataset"]);
    const views = dataset.replace(/_events$/, "_views");
    return {
      driver: "bigquery",
      project: url.hostname,
      dataset,
      ...parametersOf(url, source, { location: null, views }),
      auth: { by: "ambient" },
    };
  },
};

/** Another address of the service, such as a private one. */
const ADDRESSES = ["accessUrl", "endpoint"];

/** @param known with what stands for one that is left out; null where none may be */
function parametersOf(url: URL, source: string, known: Record<string, string | null>): Record<string, string> {
  const names = [...Object.keys(known), ...ADDRESSES];
  const unknown = [...url.searchParams.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Mistake(`${source} has no parameter ${unknown}: there are ${names.join(", ")}.`);
  const found = Object.entries(known).map(([name, other]) => [
    name,
    given(url.searchParams.get(name) ?? other, source, `?${name}=`),
  ]);
  const addresses = ADDRESSES.filter((name) => url.searchParams.has(name)).map((name) => [
    name,
    url.searchParams.get(name),
  ]);
  return Object.fromEntries([...found, ...addresses]);
}

/** The parts of the path. */
function namesIn(url: URL, source: string, names: string[]): Record<string, string> {
  const parts = url.pathname.slice(1).split("/").map(decodeURIComponent);
  return Object.fromEntries(names.map((name, index) => [name, given(parts[index], source, `the ${name} in its path`)]));
}

function given(value: string | null | undefined, source: string, what: string): string {
  if (value) return value;
  throw new Mistake(`${source} lacks ${what}. --help shows a whole one.`);
}

function fileOf(variable: string, source: string): string {
  const file = process.env[variable];
  if (!file) throw new Mistake(`${source} needs ${variable}: the file with the private key.`);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Mistake(`${variable}: ${(error as Error).message}`);
  }
}
