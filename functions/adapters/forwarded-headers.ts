import { FORWARDED, type ForwardedHeader } from "../../contract/headers.ts";

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
