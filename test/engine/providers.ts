/**
 * Stand-ins for the providers, for the real engine: one process that serves every package, keeps what was made in memory,
 * and refuses what a cloud would refuse: a name in use or not in its alphabet, a grant that is there already, a policy
 * that is no JSON, a reference to nothing.
 * Started with `127.0.0.1:0`, it prints its port.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as provider from "@pulumi/pulumi/provider/index.js";
import { nameRules } from "../../components/making/name-rules.ts";
// What single implementations add is there once they are.
import "../../components/registries.ts";
import { answerOf, outputsOf, SECRET_OUTPUTS } from "../components/cloud-values.ts";
import { badNames, grantOf } from "../components/rules.ts";
import { replacedBy } from "./replacements.ts";

type Values = Record<string, unknown>;

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const ACCOUNT = "123456789012";

interface Standing {
  type: string;
  physical: string | undefined;
  grant: string | undefined;
  /** What others may call it: its id, names, address and ARNs. */
  known: Set<unknown>;
}

/** What stands, by id. */
const standing = new Map<string, Standing>();
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
    const asked = askedOf(urn);
    if (asked === "fail") throw new Error(`${name} fails, as the test asked`);
    const values = bare(inputs) as Values;
    const physical = physicalOf(type, values);
    const [wrong] = badNames({ type, name, inputs: values });
    if (wrong !== undefined) throw new Error(wrong);
    refuseTakenName(type, physical);
    const grant = grantOf({ type, inputs: values });
    if (grant !== undefined && [...standing.values()].some((other) => other.grant === grant))
      throw new Error(`${urn}: existing object already found`);
    refuseBadPolicies(urn, values);
    refuseDanglingReferences(type, urn, values);
    const own = outputsOf(type, physical ?? name, values);
    if (asked === "exit") own.exitCode = 1;
    if (own.hex !== undefined) own.hex = createHash("sha256").update(`${urn} ${made}`).digest("hex").slice(0, 6);
    const outs: Values = { ...own, ...inputs, __hashes: hashesOf(inputs) };
    // An input that the cloud adds to, such as a function's configuration with its address.
    for (const [key, value] of Object.entries(own))
      if (isObject(value) && isObject(values[key]) && Object.keys(value).length > Object.keys(values[key]).length)
        outs[key] = { ...(inputs[key] as Values), ...without(value, values[key]) };
    for (const key of SECRET_OUTPUTS[type] ?? [])
      if (outs[key] !== undefined) outs[key] = { ...SECRET, value: outs[key] };
    const id = `${type.split(":").at(-1)}-${physical ?? name}-${createHash("sha256").update(urn).digest("hex").slice(0, 6)}-${++made}`;
    const arns = JSON.stringify(without(own, values)).match(/arn:aws:[^"]+/g) ?? [];
    standing.set(id, { type, physical, grant, known: new Set([id, physical, values.name, own.email, ...arns]) });
    return { id, outs };
  }

  async update(_id: string, urn: string, olds: Values, news: Values) {
    if (askedOf(urn) === "fail") throw new Error(`${urn} fails, as the test asked`);
    refuseDanglingReferences(typeOf(urn), urn, bare(news) as Values);
    return { outs: { ...olds, ...news, __hashes: hashesOf(news) } };
  }

  async delete(id: string) {
    if (!standing.delete(id)) throw new Error(`${id} does not exist`);
  }

  async invoke(token: string, inputs: Record<string, unknown>) {
    return { outputs: answerOf(token, inputs) };
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

/** Inputs that name another resource, by the packages and types whose it is. */
const REFERENCES: [type: RegExp, keys: RegExp][] = [
  [/^gcp:/, /^(bucket|topic|deadLetterTopic|subscription|network|subnetwork|privateNetwork|instance)$/],
  [/^gcp:(?!bigquery\/dataset:)/, /^datasetId$/],
  [/^aws:/, /^(vpcId|subnetIds?|vpcSubnetIds|securityGroupId|referencedSecurityGroupId|apiId|functionName)$/],
];

/** How tests call what stood there before the stack. */
const ADOPTED = /^adopted([-_]|$)/;

/** An ARN or account of ours, and whatever else names another resource, must be one that stands. */
function refuseDanglingReferences(type: string, urn: string, values: Values): void {
  const known = new Set([...standing.values()].flatMap((one) => [...one.known]));
  const text = JSON.stringify(values);
  const arns = text.match(new RegExp(`arn:aws:[a-z0-9-]+:[a-z0-9-]*:${ACCOUNT}:[A-Za-z0-9/_-]+`, "g")) ?? [];
  const accounts = text.match(/[a-z0-9-]+@my-project\.iam\.gserviceaccount\.com/g) ?? [];
  const named = REFERENCES.filter(([types]) => types.test(type)).flatMap(([, keys]) => entriesOf(values, keys));
  // What lies within a resource is named by the resource's ARN, a slash and its own name.
  for (const reference of [...arns, ...accounts, ...named].filter((one) => !ADOPTED.test(String(one))))
    if (!known.has(reference) && !known.has(String(reference).split("/").slice(0, -1).join("/")))
      throw new Error(`${urn}: ${reference} does not exist`);
}

function entriesOf(value: unknown, keys: RegExp): unknown[] {
  if (Array.isArray(value)) return value.flatMap((entry) => entriesOf(entry, keys));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    keys.test(key) && !isObject(entry) ? entry : entriesOf(entry, keys),
  );
}

/** A test names, in a file, a resource whose next creation fails, or whose process ends with 1: `exit NAME`. */
function askedOf(urn: string): "fail" | "exit" | undefined {
  const file = process.env.STAND_IN_FAILS;
  const [wanted, exits] = file && existsSync(file) ? readFileSync(file, "utf8").trim().split(" ").reverse() : [];
  if (!wanted || !urn.endsWith(`::${wanted}`)) return undefined;
  return exits === "exit" ? "exit" : "fail";
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

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The entries of one that the other lacks. */
function without(one: Values, other: Values): Values {
  return Object.fromEntries(Object.entries(one).filter(([key]) => !(key in other)));
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (value === null || typeof value !== "object") return value;
  if ((value as Values)[Object.keys(SECRET)[0] as string]) return bare((value as Values).value);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, bare(entry)]));
}

provider.main(new StandIn(), process.argv.slice(2));
