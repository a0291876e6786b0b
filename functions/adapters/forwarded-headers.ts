/**
 * Headers of the caller's that travel under another name between our gateway and the RPC, because something on the way
 * takes their own for itself: SigV4 signs with Authorization, and the Functions Framework parses and inflates the body
 * by Content-Type and Content-Encoding before a function sees it.
 */
export const FORWARDED = {
  authorization: "x-integraviz-authorization",
  "content-type": "x-integraviz-content-type",
  "content-encoding": "x-integraviz-content-encoding",
} as const;
export type ForwardedHeader = keyof typeof FORWARDED;

/** Renames those that are there. */
export function renameHeaders(headers: Headers, names: readonly ForwardedHeader[]): void {
  for (const name of names) {
    const value = headers.get(name);
    if (value === null) continue;
    headers.set(FORWARDED[name], value);
    headers.delete(name);
  }
}

/** The request as the caller sent it. */
export function restoreHeaders(request: Request): Request {
  const names = (Object.keys(FORWARDED) as ForwardedHeader[]).filter((name) => request.headers.has(FORWARDED[name]));
  if (names.length === 0) return request;
  const headers = new Headers(request.headers);
  for (const name of names) {
    headers.set(name, headers.get(FORWARDED[name]) as string);
    headers.delete(FORWARDED[name]);
  }
  return new Request(request, { headers });
}
