import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/** How long a session lasts that nobody renews, in seconds. */
export const SESSION_S = 86_400;

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What is in the half of a session that the page keeps. */
export interface Session {
  token: string;
  /** ms since 1970. */
  expires: number;
}

/**
 * A session has two halves, and either alone opens nothing: its cookie is nothing but this, and the
 * page keeps the token, sealed with it, for its own origin. Cookies go to every port of a host.
 */
export const newSessionCookie = (): string => randomBytes(32).toString("base64url");

/**
 * Seals a session with its cookie and a secret of the server's: whoever has both halves cannot read
 * the token either.
 */
export function sealSession({ token, expires }: Session, cookie: string, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(cookie, secret), nonce, { authTagLength: TAG_BYTES });
  const sealed = [cipher.update(`${expires} ${token}`, "utf8"), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString("base64url");
}

/** Returns what was sealed with this cookie and one of the secrets; null where nothing was. */
export function openSession(sealed: string, cookie: string, secrets: readonly string[]): Session | null {
  const bytes = Buffer.from(sealed, "base64url");
  const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)];
  if (tag.length < TAG_BYTES) return null;
  for (const secret of secrets) {
    try {
      const decipher = createDecipheriv(CIPHER, keyOf(cookie, secret), nonce, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(tag);
      const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      const [expires = "", token = ""] = `${decipher.update(body, undefined, "utf8")}${decipher.final("utf8")}`.split(
        " ",
      );
      return { token, expires: Number(expires) };
    } catch {
      // Sealed with another secret or cookie, or by nobody.
    }
  }
  return null;
}

function keyOf(cookie: string, secret: string): Buffer {
  return createHmac("sha256", secret).update(`session\n${cookie}`).digest();
}
