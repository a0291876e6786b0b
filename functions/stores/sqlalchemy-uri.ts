/** Writes an address as SQLAlchemy reads it, each part percent-encoded. */
export function sqlAlchemyUri(
  scheme: string,
  address: string,
  query: Record<string, string>,
  user?: string,
  password?: string,
): string {
  const secret = password === undefined ? "" : `:${encodeURIComponent(password)}`;
  const who = user === undefined ? "" : `${encodeURIComponent(user)}${secret}@`;
  return `${scheme}://${who}${address}?${new URLSearchParams(query)}`;
}
