import { describe, expect, test } from "vitest";
import { type Combination, everyCombination, isValid, refusals } from "../../components/checking/compatibility.ts";
import { hasPython, NO_PYTHON } from "../stand-ins/python-server.ts";
import { deploy, type Made, Secret } from "./deploy.ts";
import { broken } from "./rules.ts";
import { refusedByModels } from "./service-models/ask.ts";
import { labelOf, settingsOf } from "./settings.ts";

const all = [...everyCombination()];
const valid = all.filter(isValid);

/** What all of them ask for, each once. */
const asked = new Map<string, Made>();

describe("every combination that can work", () => {
  test("there are this many", () => {
    expect({ written: all.length, valid: valid.length }).toEqual({ written: 972, valid: 319 });
  });

  test.each(valid.map((combination) => [labelOf(combination), combination] as const))("%s", async (_, combination) => {
    const up = await deploy(settingsOf(combination));
    const preview = await deploy(settingsOf(combination), { preview: true });
    expect(preview.urns).toEqual(up.urns);
    expect(new Set(up.made.map(({ type, name }) => `${type} ${name}`)).size, "a name is given twice").toBe(
      up.made.length,
    );
    expect(broken(up.made)).toEqual([]);
    expect(up.outputs.token).toBeInstanceOf(Secret);
    expect(up.outputs.url).toMatch(/^https?:\/\/[^/]+$/);
    expect(up.outputs.dashboardUrl).toMatch(/^https?:\/\//);
    expect(grants(combination, up.made)).toEqual([]);
    for (const made of up.made) asked.set(JSON.stringify(made), made);
  });

  test.skipIf(!hasPython)(
    `asks for nothing that the vendors' own models refuse${hasPython ? "" : ` (${NO_PYTHON})`}`,
    () => {
      expect(refusedByModels([...asked.values()])).toEqual([]);
    },
  );
});

describe("what cannot work", () => {
  test("is refused for these reasons", async () => {
    const reasons = new Map<string, number>();
    for (const combination of all)
      for (const { problem } of refusals(combination)) reasons.set(problem, (reasons.get(problem) ?? 0) + 1);
    await expect(
      [...reasons.entries()].map(([reason, times]) => `${String(times).padStart(3)}  ${reason}`).join("\n"),
    ).toMatchFileSnapshot("golden/refusals.txt");
  });

  test("always names a way out or says that there is no short one", () => {
    for (const combination of all.filter((one) => !isValid(one)))
      expect(refusals(combination).at(-1)?.fixes.length).toBeGreaterThan(0);
  });
});

/** The permissions that the links of a combination promise, as far as they are missing. */
function grants({ api, rpc, storage, visualizer, delivery }: Combination, made: Made[]): string[] {
  const missing: string[] = [];
  const need = (what: string, holds: (made: Made) => boolean) => {
    if (!made.some(holds)) missing.push(what);
  };
  /** A role may do it, to this resource and no other. */
  const allows = (role: string, action: string, resource: string) => (one: Made) => {
    if (one.type !== "aws:iam/rolePolicy:RolePolicy" || one.inputs.role !== physical(role)) return false;
    const { Statement } = JSON.parse(String(one.inputs.policy)) as {
      Statement: { Action: string[]; Resource: string[] }[];
    };
    return Statement.some(
      ({ Action, Resource }) =>
        Action.includes(action) && Resource.length === 1 && Resource[0]?.endsWith(`:${resource}`),
    );
  };
  const physical = (name: string) => made.find((one) => one.name === name)?.inputs.name;
  const grantsRole = (role: string, prefix: string) => (one: Made) =>
    one.inputs.role === role && one.name.startsWith(prefix);

  if (rpc.kind === "lambda")
    need(
      "the function may read its secret",
      allows("rpc-lambda-role", "secretsmanager:GetSecretValue", "rpc-lambda-secret"),
    );
  if (rpc.kind === "lambda" && delivery === "queued") {
    need("the handler may enqueue", allows("rpc-lambda-role", "sqs:SendMessage", "rpc-lambda-queue"));
    need(
      "the worker may take from the queue",
      allows("rpc-lambda-worker-role", "sqs:ReceiveMessage", "rpc-lambda-queue"),
    );
    if (made.some(allows("rpc-lambda-role", "sqs:DeleteMessage", "rpc-lambda-queue")))
      missing.push("the handler, which all the world speaks to, takes nothing from the queue");
    need("failed items go back alone", ({ inputs }) =>
      JSON.stringify(inputs.functionResponseTypes ?? "").includes("ReportBatchItemFailures"),
    );
    need("dead letters are kept", ({ inputs }) => String(inputs.redrivePolicy ?? "").includes("maxReceiveCount"));
  }
  if (rpc.kind === "cloud-functions" && delivery === "queued") {
    need("the handler may publish", grantsRole("roles/pubsub.publisher", "rpc-cloud-functions-publisher"));
    need("Pub/Sub may push", grantsRole("roles/run.invoker", "rpc-cloud-functions-invoker-push"));
    need("Pub/Sub may move dead letters", grantsRole("roles/pubsub.subscriber", "rpc-cloud-functions-push-forwarder"));
    need("a push carries a token", ({ inputs }) => JSON.stringify(inputs.pushConfig ?? "").includes("oidcToken"));
  }
  if (api.kind === "api-gateway" && rpc.kind === "lambda")
    need(
      "only this API may invoke",
      ({ type, inputs }) =>
        type.endsWith(":Permission") &&
        inputs.principal === "apigateway.amazonaws.com" &&
        typeof inputs.sourceArn === "string",
    );
  if (api.kind === "cloud-run" && rpc.kind === "cloud-functions")
    need("the gateway may call", grantsRole("roles/run.invoker", "rpc-cloud-functions-invoker-caller"));
  if (api.kind === "cloud-run" && rpc.kind === "lambda") {
    need(
      "the gateway may call the URL",
      allows("rpc-lambda-caller-role", "lambda:InvokeFunctionUrl", "rpc-lambda-function"),
    );
    need("the gateway may invoke", allows("rpc-lambda-caller-role", "lambda:InvokeFunction", "rpc-lambda-function"));
    need("only its account may take the role", ({ inputs }) =>
      String(inputs.assumeRolePolicy ?? "").includes("accounts.google.com:sub"),
    );
  }
  if (storage.kind === "bigquery") {
    const appender = made.find(({ name }) => name === "storage-bigquery-appender")?.inputs;
    need(
      "the writer may write events",
      grantsRole(`projects/my-project/roles/${appender?.roleId}`, "storage-bigquery-access"),
    );
    if (JSON.stringify(appender?.permissions).match(/delete|create|setIamPolicy/))
      missing.push("the writer deletes nothing");
    need("readers see the views", ({ inputs, name }) => inputs.role === "READER" && name.includes("reader-views"));
    need("views may read the events", ({ inputs }) => JSON.stringify(inputs.authorizedDataset ?? "").includes("VIEWS"));
    if (rpc.kind === "lambda")
      need(
        "Lambda's role becomes the account, without a key",
        grantsRole("roles/iam.workloadIdentityUser", "storage-bigquery-impersonation-rpc"),
      );
    if (rpc.kind === "lambda" && made.some(({ name }) => name.startsWith("storage-bigquery-key-rpc")))
      missing.push("no key for Lambda");
  }
  if (storage.kind === "snowflake") {
    need(
      "the writer may insert",
      ({ inputs, name }) =>
        name.includes("writer-future-tables") && JSON.stringify(inputs.privileges).includes("INSERT"),
    );
    need(
      "readers see views alone",
      ({ inputs, name }) => name.includes("reader-future-views") && JSON.stringify(inputs.privileges) === '["SELECT"]',
    );
    if (made.some(({ name }) => name.includes("reader-future-tables"))) missing.push("readers see no table");
  }
  for (const { name, inputs } of made.filter(({ type }) => type === "aws:lambda/function:Function")) {
    const { logGroup } = inputs.loggingConfig as { logGroup: string };
    const group = made.find(({ type, inputs: own }) => type.endsWith(":LogGroup") && own.name === logGroup)?.name;
    const role = String(inputs.role).split("/").at(-1) as string;
    need(`${name} may write its log`, allows(role, "logs:PutLogEvents", `${group}:*`));
  }
  need("migrations run", ({ name }) => name === `storage-${storage.kind}-once-migrate`);
  need("dashboards are applied", ({ name }) => name === `visualizer-${visualizer.kind}-once-dashboards`);
  if (visualizer.host === "aws")
    need("who applies them gets to the load balancer", ({ name }) => name.endsWith("-balancer-inside"));
  if (visualizer.host === "gcp")
    for (const role of ["roles/iap.httpsResourceAccessor", "roles/iam.serviceAccountTokenCreator"])
      need(`who applies them holds ${role}`, grantsRole(role, `visualizer-${visualizer.kind}-task`));
  return missing;
}
