/**
 * A position in the log: ms since 2020 on the server's clock when a statement began, times 2^22,
 * plus an offset within that ms. mark.sql, insert.sql and horizon.sql make them, which a test
 * compares with this. 63 bits last until 2089.
 */
export const POSITIONS_A_MS = 4_194_304n;
const EPOCH_MS = 1_577_836_800_000n;

export const positionsIn = (ms: number): string => String(BigInt(ms) * POSITIONS_A_MS);
export const msOf = (position: bigint): number => Number(position / POSITIONS_A_MS + EPOCH_MS);

/**
 * Events of one statement at the most; statements that begin in the same ms seldom share one of the
 * 512 starts.
 */
export const EVENTS_A_STATEMENT = 8_192;
export const randomStart = (): number => Math.floor(Math.random() * 512) * EVENTS_A_STATEMENT;
