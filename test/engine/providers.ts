/**
 * Stand-ins for the providers, for the real engine: one process that serves every package, keeps what was made in memory,
 * and refuses what a cloud would refuse: a name in use, a policy that is no JSON, a reference to nothing.
 * Started with `127.0.0.1:0`, it prints its port.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as provider from "@pulumi/pulumi/provider/index.js";
import { nameRules } from "../../components/name-rules.ts";
import { answerOf, outputsOf, SECRET_OUTPUTS } from "../components/cloud-values.ts";
import { replacedBy } from "./replacements.ts";

type Values = Record<string, unknown>;

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const ACCOUNT = "123456789012";

/** What stands, by id. */
const standing = new Map<string, { type: string; physical: string | undefined; arn: string | undefined }>();
/** How many were ever made: an id is never given twice, or a replacement made before its original goes could share the original's. */
let made = 0;

class StandIn implements provider.Provider {
  version = "0.0.0";

  async check(_urn: string, _olds: Values, news: Values) {
    return { inputs: news };
  }

  async diff(_id: string, urn: string, olds: Values, news: Values) {
    const before = olds.__hashes as Record<string, string>;
    const after = hashesOf(news);
    const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (key) => before[key] !== after[key],
    );
    const replaces = changed.filter((key) => replacedBy(typeOf(urn)).includes(key));
    return { changes: changed.length > 0, replaces, deleteBeforeReplace: false };
  }

  async create(urn: string, inputs: Values) {
    const type = typeOf(urn);
    const name = urn.split("::").at(-1) as string;
    failIfAsked(urn);
    const values = bare(inputs) as Values;
    const physical = physicalOf(type, values);
    refuseTakenName(type, physical);
    refuseBadPolicies(urn, values);
    refuseDanglingReferences(urn, values);
    const outs: Values = { ...outputsOf(type, physical ?? name, values), ...inputs, __hashes: hashesOf(inputs) };
    for (const [key, value] of Object.entries(outputsOf(type, physical ?? name, values)))
      if (!(key in inputs)) outs[key] = value;
    for (const key of SECRET_OUTPUTS[type] ?? [])
      if (outs[key] !== undefined) outs[key] = { ...SECRET, value: outs[key] };
    const id = `${type.split(":").at(-1)}-${physical ?? name}-${createHash("sha256").update(urn).digest("hex").slice(0, 6)}-${++made}`;
    standing.set(id, { type, physical, arn: typeof outs.arn === "string" ? outs.arn : undefined });
    return { id, outs };
  }

  async update(_id: string, urn: string, olds: Values, news: Values) {
    failIfAsked(urn);
    refuseDanglingReferences(urn, bare(news) as Values);
    return { outs: { ...olds, ...news, __hashes: hashesOf(news) } };
  }

  async delete(id: string) {
    if (!standing.delete(id)) throw new Error(`${id} does not exist`);
  }

  async invoke(token: string) {
    return { outputs: answerOf(token) };
  }
}

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) as string;
}

function physicalOf(type: string, values: Values): string | undefined {
  const field = nameRules[type]?.field;
  return field ? (values[field] as string | undefined) : undefined;
}

function refuseTakenName(type: string, physical: string | undefined): void {
  if (physical === undefined) return;
  for (const other of standing.values())
    if (other.type === type && other.physical === physical)
      throw new Error(`a ${type} named ${physical} already exists`);
}

function refuseBadPolicies(urn: string, { policy, assumeRolePolicy, redrivePolicy }: Values): void {
  for (const text of [policy, assumeRolePolicy, redrivePolicy]) {
    if (text === undefined) continue;
    try {
      JSON.parse(text as string);
    } catch {
      throw new Error(`${urn}: a policy is no JSON`);
    }
  }
}

/** An ARN of our own account must be one that stands. */
function refuseDanglingReferences(urn: string, values: Values): void {
  const arns = [...standing.values()].flatMap(({ arn }) => arn ?? []);
  const found =
    JSON.stringify(values).match(new RegExp(`arn:aws:[a-z]+:[a-z0-9-]*:${ACCOUNT}:[A-Za-z0-9/_-]+`, "g")) ?? [];
  for (const reference of found)
    if (!arns.some((arn) => arn === reference || reference.startsWith(arn) || arn.startsWith(reference)))
      throw new Error(`${urn}: ${reference} does not exist`);
}

/** A test names, in a file, the resources whose next creation fails. */
function failIfAsked(urn: string): void {
  const file = process.env.STAND_IN_FAILS;
  if (!file || !existsSync(file)) return;
  const wanted = readFileSync(file, "utf8").trim();
  if (wanted && urn.endsWith(`::${wanted}`)) throw new Error(`${wanted} fails, as the test asked`);
}

function hashesOf(inputs: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, value]) => [
        key,
        createHash("sha256")
          .update(JSON.stringify(bare(value)) ?? "")
          .digest("hex")
          .slice(0, 12),
      ]),
  );
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (value === null || typeof value !== "object") return value;
  if ((value as Values)[Object.keys(SECRET)[0] as string]) return bare((value as Values).value);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, bare(entry)]));
}

provider.main(new StandIn(), process.argv.slice(2));
