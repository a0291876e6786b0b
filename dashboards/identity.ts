import { createHash } from "node:crypto";

/** Never to change: assets are known by identities that are made of it. */
const NAMESPACE = "5b0d2c1e-7f43-5a86-9d0b-6c1f2e4a8d37";

/**
 * A UUID of version 5 (RFC 9562): the same name gives the same one, so that an import meets what an
 * earlier one made.
 */
export function identity(...name: string[]): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(NAMESPACE.replaceAll("-", ""), "hex"))
    .update(name.join("/"))
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
