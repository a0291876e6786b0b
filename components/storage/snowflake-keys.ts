import { type Output, secret } from "@pulumi/pulumi";
import type { Children } from "../making/children.ts";
import { sdk, type Tls } from "../making/sdk.ts";

export interface KeyPair {
  /** PKCS#8 PEM of the current key. */
  privateKey: Output<string>;
  publicKey: Output<string>;
  /** The key of the rotation before, or of this one: even rotations sit in the second slot. */
  publicKey2?: Output<string>;
}

/**
 * The keys of a service user. Snowflake has two slots: a rotation puts its key into the slot of the
 * one before the last, so that the last one goes on working until the next rotation.
 */
export function keyPair(children: Children<{ key: typeof Tls.PrivateKey }>, user: string, rotation: number): KeyPair {
  const key = (n: number) =>
    children.make("key", sdk.tls().PrivateKey, { algorithm: "RSA", rsaBits: 2048 }, { each: `${user}-${n}` });
  const current = key(rotation);
  const privateKey = secret(current.privateKeyPemPkcs8);
  if (rotation === 1) return { privateKey, publicKey: bare(current) };
  const previous = key(rotation - 1);
  const [odd, even] = rotation % 2 === 1 ? [current, previous] : [previous, current];
  return { privateKey, publicKey: bare(odd), publicKey2: bare(even) };
}

/** Snowflake takes the public key without its PEM lines. */
function bare(key: Tls.PrivateKey): Output<string> {
  return key.publicKeyPem.apply((pem) => pem.replace(/-----[^-]+-----/g, "").replace(/\s+/g, ""));
}
