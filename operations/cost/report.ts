/** A stack's cost, as data and as text. */
import type { Made } from "./made.ts";
import { PRICES_DATE, priced } from "./prices.ts";
import { type Quota, quotasOf } from "./quotas.ts";
import { atRest, type Charge } from "./rates.ts";
import { costOf, LOAD, trainingHour, type Use, useOf } from "./usage.ts";

export interface Cost {
  /** USD a month while nobody trains; what has no price in the table is left out. */
  atRest: number;
  charges: Charge[];
  /** USD of a million events, kept for a month. */
  millionEvents: number;
  uses: Use[];
  /** USD of an hour in which some run trains, beside its events. */
  trainingHour: number;
  /** What runs out first, and at how many events a second. */
  firstQuota: Quota | undefined;
}

const MILLION = 1e6;

export function costOfMade(made: readonly Made[]): Cost {
  const charges = atRest(made);
  const uses = useOf(made, MILLION);
  return {
    atRest: charges.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
    charges,
    millionEvents: costOf(uses),
    uses,
    trainingHour: trainingHour(made),
    firstQuota: quotasOf(made)[0],
  };
}

/** `12.30`, and `0.004` where cents say nothing. */
export function usd(amount: number): string {
  return amount !== 0 && amount < 0.1 ? amount.toPrecision(1) : amount.toFixed(2);
}

export function costText({ atRest, charges, millionEvents, uses, trainingHour, firstQuota }: Cost): string {
  const line = (amount: number | null, what: string) => `${(amount === null ? "?" : usd(amount)).padStart(9)}  ${what}`;
  return [
    "USD a month, while nobody trains:",
    ...alike(charges).map(({ what, usd, count }) => line(usd, count === 1 ? what : `${what} (${count})`)),
    line(atRest, "in all"),
    "",
    `USD of a million events (${LOAD.eventsPerRequest} a request, kept for a month):`,
    ...alike(uses.map(({ what, price, amount }) => ({ what, usd: priced(price, amount) }))).map(({ what, usd }) =>
      line(usd, what),
    ),
    line(millionEvents, "in all"),
    ...(trainingHour > 0
      ? ["", line(trainingHour, "USD of each hour in which some run trains, for the warehouse")]
      : []),
    ...(firstQuota === undefined
      ? []
      : ["", `First to run out: ${firstQuota.what}, at ${Math.floor(firstQuota.eventsPerSecond)} events/s.`]),
    "",
    `List prices of ${PRICES_DATE}, in Frankfurt where regions differ, most of them unverified; free tiers, data`,
    "that leaves the cloud, and what others charge (seats of a visualizer) are not in it.",
  ].join("\n");
}

interface Alike {
  what: string;
  usd: number | null;
  count: number;
}

/** Those of one name as one, what has no price and the dearest first. */
function alike(charges: readonly { what: string; usd: number | null }[]): Alike[] {
  const all = new Map<string, Alike>();
  for (const { what, usd } of charges) {
    const { usd: before, count } = all.get(what) ?? { usd: 0, count: 0 };
    all.set(what, { what, usd: usd === null || before === null ? null : before + usd, count: count + 1 });
  }
  return [...all.values()].sort((a, b) => (b.usd ?? Number.MAX_VALUE) - (a.usd ?? Number.MAX_VALUE));
}
