import { LEVELS, splitKey } from "../stores/metric-keys.ts";
import { LIMITS } from "./event.ts";
import { isKnownKind } from "./kinds.ts";

/**
 * A value that was stored and yet makes no metric, though it looks like one, or one that nobody can
 * ask for; with the fix.
 */
export interface Warning {
  /** Where it stands in the request. */
  field: string;
  /** The same wherever it stands, so that whoever shows it can show it once. */
  detail: string;
  fix: string;
}

/** Warnings in one answer at the most. */
const MOST = 20;
const NUMBER_AS_TEXT = /^\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf(inity)?)\s*%?\s*$/i;

type Fields = Record<string, unknown>;

/** What to say of the values of one request, each thing once. */
export class Warnings {
  readonly #said = new Map<string, Warning>();

  get all(): Warning[] {
    return [...this.#said.values()];
  }

  /** Looks at an event's logs before they are written. */
  check(kind: string, logs: unknown, field: string): void {
    if (typeof logs !== "object" || logs === null || Array.isArray(logs)) return;
    if (LEVELS[kind] !== undefined) this.#checkMetrics(kind, logs as Fields, field);
    else if (kind === "define") this.#checkDefinition(logs as Fields, field);
    else if (!isKnownKind(kind)) this.#checkUnknown(kind, logs as Fields, field);
  }

  #checkMetrics(kind: string, logs: Fields, field: string): void {
    for (const name in logs) {
      const value = logs[name];
      if (isUnaskable(name) && isNumber(value)) {
        const { shown, is, fix } = misnamed(name);
        this.#say(`${field}.${shown}`, `${shown} of an event ${kind} ${is}, so it cannot be charted.`, fix);
        continue;
      }
      if (typeof value === "number") continue;
      const problem = problemOf(name, value);
      if (problem !== null)
        this.#say(`${field}.${name}`, `${name} of an event ${kind} ${problem.is}, so it is no metric.`, problem.fix);
    }
  }

  #checkDefinition({ metric, best }: Fields, field: string): void {
    if (typeof metric === "string" && (best === "min" || best === "max")) return;
    const detail = "An event define does not say which value of a metric is the best.";
    this.#say(field, detail, 'Send logs such as {"metric": "fid", "best": "min"}: best is min or max.');
  }

  #checkUnknown(kind: string, logs: Fields, field: string): void {
    if (!Object.values(logs).some((value) => typeof value === "number")) return;
    const detail = `The numbers of an event ${kind} are no metrics: only some kinds carry them.`;
    this.#say(field, detail, `If they are, send them as metrics, ${Object.keys(LEVELS).join(" or ")}.`);
  }

  #say(field: string, detail: string, fix: string): void {
    if (this.#said.size < MOST && !this.#said.has(detail)) this.#said.set(detail, { field, detail, fix });
  }
}

/** Series are asked for by the names of metrics, which are as long as other names. */
const isUnaskable = (name: string): boolean =>
  name === "" || (name.length > LIMITS.name && splitKey(name).metric.length > LIMITS.name);

const isNumber = (value: unknown): boolean =>
  typeof value === "number" || (typeof value === "object" && value !== null && "$num" in value);

function misnamed(name: string): { shown: string; is: string; fix: string } {
  if (name === "") return { shown: '""', is: "is a metric without a name", fix: "Give it a name." };
  return {
    shown: `${name.slice(0, 40)}…`,
    is: `has a name of ${name.length} characters`,
    fix: `Give it a name of ${LIMITS.name} characters at the most.`,
  };
}

function problemOf(name: string, value: unknown): { is: string; fix: string } | null {
  switch (typeof value) {
    case "string":
      return NUMBER_AS_TEXT.test(value) ? { is: "is text", fix: "Send the number without quotes." } : null;
    case "boolean":
      return { is: "is a boolean", fix: "Send 0 or 1." };
    case "object":
      if (value === null || "$num" in value) return null;
      if (Array.isArray(value)) {
        const fix = `Send its mean, or a number for each element (${name}/0, ${name}/1).`;
        return { is: "is a list", fix };
      }
      return {
        is: "is nested",
        fix: `Send ${Object.keys(value)
          .slice(0, 1)
          .map((key) => `${name}/${key}`)
          .join("")} beside the others.`,
      };
    default:
      return null;
  }
}
