/** A step that runs right after its grants were made. */
import { expect, test } from "vitest";
import { withFreshGrants } from "../../../functions/adapters/fresh-grants.ts";

const env = { INTEGRAVIZ_GRANT_SECONDS: "2" };

const refusals = [
  Object.assign(new Error("Access Denied: Dataset d"), { code: 403, errors: [{ reason: "accessDenied" }] }),
  Object.assign(new Error("Not found: Dataset d"), { code: 404 }),
  Object.assign(new Error("GET /health answered 403: IAP"), { status: 403 }),
  new Error("secretsmanager.GetSecretValue answered 400: AccessDeniedException: no identity-based policy"),
  new Error("Account a does not have permission to use the project p"),
];

test.each(refusals.map((error) => [error.message, error] as const))("waits out: %s", async (_, refusal) => {
  let refused = 0;
  const done = await withFreshGrants(env, async () => {
    if (refused++ < 3) throw refusal;
    return "done";
  });
  expect({ done, refused }).toEqual({ done: "done", refused: 4 });
});

test("what no grant mends is not tried again", async () => {
  let tries = 0;
  const wrong = Object.assign(new Error("Syntax error"), { code: 400 });
  await expect(
    withFreshGrants(env, async () => {
      tries++;
      throw wrong;
    }),
  ).rejects.toBe(wrong);
  expect(tries).toBe(1);
});

test("a grant that never comes is the last refusal, after the time", async () => {
  const refusal = Object.assign(new Error("Access Denied"), { code: 403 });
  await expect(withFreshGrants({ INTEGRAVIZ_GRANT_SECONDS: "0.2" }, () => Promise.reject(refusal))).rejects.toBe(
    refusal,
  );
});
