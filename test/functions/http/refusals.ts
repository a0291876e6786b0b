import { Refusal } from "../../../functions/refusals/refusal.ts";

/** What a call refuses with; fails where it does not refuse. */
export function refusalOf(call: () => unknown): Refusal {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error(`It was taken: ${JSON.stringify(result, (_, v) => (typeof v === "bigint" ? String(v) : v))}`);
}
