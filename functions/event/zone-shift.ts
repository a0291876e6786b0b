const NAIVE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\s*$/;
const QUARTER_MS = 15 * 60_000;
/** How long a request may take to arrive. */
const ON_THE_WAY_MS = 60_000;
/** How far a clock on a wall may be from UTC. */
const MOST_QUARTERS = 14 * 4;

/** Whether it is a time of day without a zone, as Python's `datetime.now()` has it. */
export const isNaive = (value: unknown): boolean => typeof value === "string" && NAIVE.test(value);

/**
 * What to add to a time that was sent at once and has no zone, ms: a whole number of quarters of an
 * hour where the client's clock seems to be off by just that, which is what local time without a
 * zone looks like. 0 for any other.
 *
 * @param value as it was sent
 * @param micros what it was read as, as UTC
 * @param now the server's clock when it came, ms since 1970
 */
export function zoneShiftMs(value: unknown, micros: number, now: number): number {
  if (!isNaive(value)) return 0;
  const away = now - micros / 1000;
  const quarters = Math.round(away / QUARTER_MS);
  const isLocal = Math.abs(quarters) <= MOST_QUARTERS && Math.abs(away - quarters * QUARTER_MS) <= ON_THE_WAY_MS;
  return isLocal ? quarters * QUARTER_MS : 0;
}
