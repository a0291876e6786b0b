import { createHash } from "node:crypto";
import { mistake } from "../checking/mistake.ts";
import { nameRules } from "./name-rules.ts";

/** How the service behind a resource type lets it be named and tagged. */
export interface NameRule {
  /**
   * The input that holds the physical name; null: the type has none, or its name means something (a
   * URL, a dataset id given by config).
   */
  field: string | null;
  /** The most characters. */
  max: number;
  /** "dns": a-z 0-9 -; "snake": a-z 0-9 _; "upper": A-Z 0-9 _; "plain": a-z A-Z 0-9 - _. */
  alphabet: "dns" | "snake" | "upper" | "plain";
  /** The input that takes tags. "labels" are Google's: lower case; a "list" of them is Docker's. */
  tags: "tags" | "labels" | "userLabels" | "list" | null;
}

const JOINERS = { dns: "-", plain: "-", snake: "_", upper: "_" } as const;
const FOREIGN = {
  dns: /[^a-z0-9]+/g,
  plain: /[^A-Za-z0-9_-]+/g,
  snake: /[^a-z0-9_]+/g,
  upper: /[^A-Z0-9_]+/g,
} as const;

export function nameRule(type: string): NameRule {
  const rule = nameRules[type];
  if (!rule)
    throw mistake(
      `No name rule for ${type}.\n  fix: add its length, alphabet and tags to components/making/name-rules.ts, or to the rows of lazySdk`,
    );
  return rule;
}

/**
 * The deterministic physical name of a resource: the parts joined; a hash instead of the end where
 * that is too long, and a hash of the immutable inputs where a replacement would otherwise meet its
 * predecessor.
 */
export function physicalName(type: string, parts: string[], immutable?: unknown): string {
  const { max, alphabet } = nameRule(type);
  const joiner = JOINERS[alphabet];
  const joined = parts.join("-");
  const cased = alphabet === "upper" ? joined.toUpperCase() : alphabet === "plain" ? joined : joined.toLowerCase();
  const spelt = cased.replaceAll("-", joiner).replace(FOREIGN[alphabet], joiner);
  // A DNS name begins with a letter and ends with no hyphen; that of a project may not.
  const clean = alphabet === "dns" ? spelt.replace(/-$/, "").replace(/^(?=[^a-z])/, "i") : spelt;
  const tail = immutable === undefined ? "" : `${joiner}${digest(JSON.stringify(immutable), alphabet)}`;
  if (clean.length + tail.length <= max) return clean + tail;
  const end = tail || `${joiner}${digest(joined, alphabet)}`;
  return `${clean.slice(0, max - end.length).replace(/[-_]+$/, "")}${end}`;
}

/** Six characters that tell this text from others. */
export function digest(text: string, alphabet: NameRule["alphabet"] = "dns"): string {
  const hex = createHash("sha256").update(text).digest("hex").slice(0, 6);
  return alphabet === "upper" ? hex.toUpperCase() : hex;
}

/** The arguments with the deployment's tags laid under their own. */
export function withTags(
  args: Record<string, unknown>,
  rule: NameRule,
  tags: Record<string, string>,
): Record<string, unknown> {
  if (rule.tags === null) return args;
  if (rule.tags === "list") {
    const list = Object.entries(tags).map(([label, value]) => ({ label, value }));
    return { ...args, labels: [...list, ...((args.labels as object[] | undefined) ?? [])] };
  }
  const own = args[rule.tags] as Record<string, unknown> | undefined;
  return { ...args, [rule.tags]: { ...(rule.tags === "tags" ? tags : labels(tags)), ...own } };
}

/** Tags as Google takes them: lower case, at most 63 of a-z 0-9 _ -. */
export function labels(tags: Record<string, string>): Record<string, string> {
  const lower = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, "-")
      .slice(0, 63);
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [lower(key), lower(value)]));
}
