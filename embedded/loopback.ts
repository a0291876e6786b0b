/** What a browser on this machine may call it; a forwarded port is another port. */
export const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Addresses that take in loopback. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || host === "::1";

/** How an address is written in a URL of this machine. */
export function inUrl(host: string): string {
  if (EVERYWHERE.has(host)) return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
