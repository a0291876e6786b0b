import { Hono } from "hono";
import { logError, nameRequest } from "../../http/request-id.ts";
import { toErrorDocument } from "../../refusals/error-document.ts";
import { Refusal } from "../../refusals/refusal.ts";
import type { Worker } from "../worker.ts";

interface Envelope {
  message?: { data?: unknown; messageId?: unknown };
}

/**
 * A Pub/Sub push: 204 when its message is stored. Anything else and it is delivered again, and in
 * the end it is a dead letter. Cloud Run has checked the signature of the push's OIDC token, and
 * this that it is the account's that pushes.
 */
export function pubsubPushApp(worker: () => Promise<Worker>, { email }: { email: string }): Hono {
  const app = new Hono();
  app.use(nameRequest);
  app.onError((error, c) => toErrorDocument(error, c, logError));
  app.post("*", async (c) => {
    if (accountOf(c.req.header("authorization")) !== email) throw new Refusal("foreign-push");
    const data = dataOf(await c.req.text());
    const append = await worker();
    const [isStored] = await append([data]);
    if (!isStored) throw new Refusal("message-not-stored", "The message could not be stored. The log says why.");
    return c.body(null, 204);
  });
  return app;
}

function dataOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as Envelope;
    if (typeof message?.data === "string") return Buffer.from(message.data, "base64").toString("utf8");
  } catch {
    // Said below.
  }
  throw new Refusal("not-a-push", "The body is not a push of Pub/Sub.", { field: "message.data" });
}

/** Of the token's claims. Its signature was taken off by Cloud Run, which checked it. */
function accountOf(authorization: string | undefined): string | null {
  try {
    const claims = authorization?.replace(/^Bearer +/i, "").split(".")[1] ?? "";
    const { email, email_verified } = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
    return email_verified === true ? (email as string) : null;
  } catch {
    return null;
  }
}
