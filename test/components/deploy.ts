/** Runs Integraviz against mocks, and returns what the engine would have been asked to make. */
import * as pulumi from "@pulumi/pulumi";
import type { OwnImplementations } from "../../components/extend.ts";
import { Integraviz, type IntegravizArgs } from "../../components/index.ts";
import { answerOf, idOf, outputsOf, SECRET_OUTPUTS } from "./cloud-values.ts";

export interface Made {
  type: string;
  name: string;
  /** Inputs as the engine sees them; secrets are wrapped in Secret. */
  inputs: Record<string, unknown>;
}

export class Secret {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

export interface Deployed {
  made: Made[];
  urns: string[];
  outputs: Record<string, unknown>;
  /** Resource -> what must stand before it, by logical name. */
  needs: Map<string, string[]>;
  /** What stays when it leaves the stack, by logical name. */
  kept: Set<string>;
}

/** The part of the SDK's mocks that its types do not show. */
interface Monitor {
  resources: Map<string, unknown>;
  registerResource(
    request: { getName(): string; getDependenciesList(): string[]; getRetainondelete(): boolean },
    done: unknown,
  ): void;
}

export interface DeployOptions {
  preview?: boolean;
  /** Pulumi's own configuration. */
  config?: Record<string, string>;
}

export const PROVIDER_CONFIG = {
  "aws:region": "eu-central-1",
  "gcp:project": "my-project",
  "gcp:region": "europe-west3",
  "snowflake:organizationName": "ACME",
  "snowflake:accountName": "LAB",
};

const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270";

export async function deploy<Own extends OwnImplementations = Record<never, never>>(
  args: IntegravizArgs<Own>,
  options: DeployOptions = {},
): Promise<Deployed> {
  return run(() => new Integraviz("integraviz", args), options);
}

// The SDK takes a stack trace for each property of each resource: most of the time of a deployment.
Error.stackTraceLimit = 0;

/** Runs any program against the mocks. */
export async function run(
  program: () => Integraviz,
  { preview = false, config = PROVIDER_CONFIG }: DeployOptions = {},
): Promise<Deployed> {
  const made: Made[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource({ type, name, inputs, custom }) {
      if (custom !== false || !type.startsWith("integraviz:"))
        made.push({ type, name, inputs: unwrap(inputs) as Made["inputs"] });
      const state = outputsOf(type, name, plain(inputs) as Record<string, unknown>);
      for (const key of SECRET_OUTPUTS[type] ?? [])
        if (state[key] !== undefined) state[key] = { [SECRET_SIGNATURE]: SECRET_MARK, value: state[key] };
      return { id: idOf(type, name), state };
    },
    call: ({ token, inputs }) => answerOf(token, inputs),
  };
  pulumi.runtime.setAllConfig(config, []);
  await pulumi.runtime.setMocks(mocks, "integraviz", "test", preview);
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const needs = new Map<string, string[]>();
  const kept = new Set<string>();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    needs.set(
      request.getName(),
      request.getDependenciesList().map((urn) => urn.split("::").at(-1) as string),
    );
    if (request.getRetainondelete()) kept.add(request.getName());
    register(request, done);
  };
  const outputs: Record<string, unknown> = {};
  let failure: unknown;
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      const { url, token, dashboardUrl, sql, stores, dashboards, components } = program();
      Object.assign(outputs, { url, token, dashboardUrl, sql, stores, dashboards, components });
    } catch (error) {
      failure = error;
    }
    return {};
  });
  await pulumi.runtime.disconnect();
  if (failure) throw Object.assign(failure as Error, { made: made.filter(({ type }) => !type.startsWith("pulumi:")) });
  const settled: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(outputs)) settled[key] = await settle(value);
  return { made, urns: [...monitor.resources.keys()].sort(), outputs: settled, needs, kept };
}

async function settle(value: unknown): Promise<unknown> {
  if (!pulumi.Output.isInstance(value)) return value;
  const output = value as unknown as {
    promise(): Promise<unknown>;
    isKnown: Promise<boolean>;
    isSecret: Promise<boolean>;
  };
  if (!(await output.isKnown)) return undefined;
  const settled = await output.promise();
  return (await output.isSecret) ? new Secret(settled) : settled;
}

type Wrapped = { value: unknown };

function isSecret(value: object): boolean {
  return (value as Record<string, unknown>)[SECRET_SIGNATURE] === SECRET_MARK;
}

const unwrap = (value: unknown): unknown => withSecrets(value, (secret) => new Secret(plain(secret)));
const plain = (value: unknown): unknown => withSecrets(value, plain);

/** The value with what `toSecret` makes of each secret in it. */
function withSecrets(value: unknown, toSecret: (value: unknown) => unknown): unknown {
  const inside = (entry: unknown) => withSecrets(entry, toSecret);
  if (Array.isArray(value)) return value.map(inside);
  if (
    value === null ||
    typeof value !== "object" ||
    pulumi.asset.Asset.isInstance(value) ||
    pulumi.asset.Archive.isInstance(value)
  )
    return value;
  if (isSecret(value)) return toSecret((value as Wrapped).value);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inside(entry)]));
}
