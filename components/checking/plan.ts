/** Settings, checked and completed: what will be made, decided before anything is. */
import { Config } from "@pulumi/pulumi";
import { bundleNames } from "../../contract/bundles.ts";
import type { Limits } from "../../contract/limits.ts";
import { bundle } from "../bundle.ts";
import type { HostSettings } from "../host/hosts.ts";
import { firstInvokeAuth, type InvokeAuthKind } from "../link.ts";
import { sdk } from "../making/sdk.ts";
import { type ComponentName, type OwnImplementations, type Registries, withOwn } from "../registries.ts";
import type {
  ApiCapabilities,
  Delivery,
  Provider,
  RpcCapabilities,
  StorageCapabilities,
  VisualizerCapabilities,
} from "./capabilities.ts";
import { limitsOf, type Part, providersOf, refusals } from "./compatibility.ts";
import { type Problem, problemsOf, refuse, settingKey } from "./problem.ts";
import { type RawSettings, type Settings, settingsSchema, settingsSchemaWith } from "./schema.ts";

interface Chosen<C> extends Part<C> {
  settings: unknown;
}

export interface Plan {
  /** What was chosen from. */
  registries: Registries;
  settings: Settings;
  hosts: HostSettings;
  api: Chosen<ApiCapabilities>;
  rpc: Chosen<RpcCapabilities>;
  storage: Chosen<StorageCapabilities>;
  visualizer: Chosen<VisualizerCapabilities>;
  archive?: Chosen<StorageCapabilities>;
  delivery: Delivery;
  invokeAuth: InvokeAuthKind;
  limits: Limits;
}

/** @throws RunError that names every problem and what mends it. */
export function plan(input: RawSettings, bundles: string, own?: OwnImplementations): Plan {
  const registries = withOwn(own);
  const settings = parse(input, own ? settingsSchemaWith(own) : settingsSchema);
  const chosen = <C>(component: ComponentName, choice: { kind: string } & Record<string, unknown>) =>
    choose<C>(registries, component, choice);
  const parts = {
    api: chosen<ApiCapabilities>("api", settings.api),
    rpc: chosen<RpcCapabilities>("rpc", settings.rpc),
    storage: chosen<StorageCapabilities>("storage", settings.storage),
    visualizer: chosen<VisualizerCapabilities>("visualizer", settings.visualizer),
    delivery: settings.rpc.delivery,
  };
  const archive = settings.archive && chosen<StorageCapabilities>("storage", settings.archive);
  const providers = providersOf(parts);
  for (const provider of archive?.capabilities.providers ?? []) providers.add(provider);
  const { hosts, missing } = hostSettings(settings, providers);
  const limits = limitsOf(parts);
  limits.seconds = Math.min(limits.seconds, timeoutOf(settings.api) ?? limits.seconds);
  const problems = [
    ...refusals(parts, registries),
    ...missing,
    ...accountProblems(settings),
    ...archiveProblems(settings),
    ...adoptionProblems(settings),
    ...budgetProblems(settings, providers),
    ...timeProblems(settings, limits),
  ];
  if (problems.length > 0) throw refuse(problems);

  for (const provider of providers) sdk[provider]();
  checkBundles(registries, parts, archive, bundles);
  const invokeAuth = firstInvokeAuth(parts.api.capabilities.speaks, parts.rpc.capabilities.accepts)!;
  return { registries, settings, hosts, ...parts, ...(archive ? { archive } : {}), invokeAuth, limits };
}

function parse(input: RawSettings, schema: typeof settingsSchema): Settings {
  const filled = withSnowflakeAccount(withArchiveSettings(input));
  const parsed = schema.safeParse(filled);
  if (!parsed.success) throw refuse(problemsOf(parsed.error, schema, filled));
  return parsed.data;
}

/** An archive is set up as the storage was, whose settings still stand there. */
function withArchiveSettings(input: RawSettings): RawSettings {
  const kind = input.archive?.kind;
  if (!kind || input.archive?.[kind] !== undefined || input.storage?.[kind] === undefined) return input;
  return { ...input, archive: { ...input.archive, [kind]: input.storage[kind] } as RawSettings["archive"] };
}

/**
 * The provider's own account is the one that the logins are for, unless the settings say otherwise.
 */
function withSnowflakeAccount(input: RawSettings): RawSettings {
  const config = new Config("snowflake");
  const [organization, account] = [config.get("organizationName"), config.get("accountName")];
  if (!organization || !account) return input;
  const fill = <C extends RawSettings["storage"] | undefined>(choice: C): C =>
    choice?.kind === "snowflake"
      ? { ...choice, snowflake: { account: `${organization}-${account}`, ...choice.snowflake } }
      : choice;
  return { ...input, storage: fill(input.storage), ...(input.archive ? { archive: fill(input.archive) } : {}) };
}

function choose<C>(
  registries: Registries,
  component: ComponentName,
  choice: { kind: string } & Record<string, unknown>,
): Chosen<C> {
  const implementation = registries[component][choice.kind]!;
  const settings = choice[choice.kind];
  const host = implementation.host(settings as never);
  return { kind: choice.kind, host, capabilities: implementation.capabilities[host] as C, settings };
}

function hostSettings({ hosts }: Settings, providers: Set<Provider>): { hosts: HostSettings; missing: Problem[] } {
  const missing: Problem[] = [];
  const need = (provider: Provider, key: string, own: string | undefined, example: string): string => {
    const value = own ?? new Config(provider).get(key);
    if (value === undefined && providers.has(provider))
      missing.push({
        key: `${provider}:${key}`,
        problem: "is missing, and this stack makes resources there",
        fixes: [`pulumi config set ${provider}:${key} ${example}`],
      });
    return value ?? "";
  };
  const [region, made] = [hosts.aws.region, new Config("aws").get("region")];
  if (providers.has("aws") && region && made && region !== made)
    missing.push({
      key: settingKey(["hosts", "aws", "region"]),
      problem: "is not aws:region, where the provider makes everything",
      fixes: [`pulumi config rm --path ${settingKey(["hosts", "aws", "region"])}`],
    });
  const aws = { region: need("aws", "region", hosts.aws.region, "eu-central-1"), vpc: hosts.aws.vpc };
  const gcp = {
    project: need("gcp", "project", hosts.gcp.project, "my-project"),
    region: need("gcp", "region", hosts.gcp.region, "europe-west3"),
    network: hosts.gcp.network,
  };
  return { hosts: { aws, gcp, docker: hosts.docker }, missing };
}

function accountProblems({ storage, archive }: Settings): Problem[] {
  const without = [storage, archive].some(
    (choice) => choice?.kind === "snowflake" && choice.snowflake?.account === undefined,
  );
  if (!without) return [];
  const [organization, account] = ["snowflake:organizationName", "snowflake:accountName"];
  return [
    {
      key: account!,
      problem: `and ${organization} are missing: they say which account the logins are for`,
      fixes: [`pulumi config set ${organization} ORGANIZATION && pulumi config set ${account} ACCOUNT`],
    },
  ];
}

function archiveProblems({ archive, storage }: Settings): Problem[] {
  if (archive?.kind !== storage.kind) return [];
  return [
    {
      key: settingKey(["archive", "kind"]),
      problem: "is the storage that is in use: an archive is the one before it, of another kind",
      fixes: ["pulumi config rm integraviz:archive"],
    },
  ];
}

/**
 * A database that is there already lies in a network of the team's, which the functions must be in
 * as well.
 */
function adoptionProblems({ hosts, ...settings }: Settings): Problem[] {
  return (["storage", "archive"] as const).flatMap((part) => {
    const choice = settings[part];
    const postgres = choice?.kind === "postgres" ? choice.postgres : undefined;
    const found: Problem[] = [];
    const missing = (key: string[], entries: string[]) =>
      found.push({
        key: settingKey(key),
        problem: `is missing: it says in which network the database of ${part} lies, and a new one has no way there`,
        fixes: [entries.map((entry) => `pulumi config set --path '${settingKey(key)}${entry}`).join(" && ")],
      });
    if (postgres?.host === "aws" && postgres.aws.adopt) {
      if (!hosts.aws.vpc)
        missing(["hosts", "aws", "vpc"], [".id' VPC", ".privateSubnetIds[0]' SUBNET", ".privateSubnetIds[1]' SUBNET"]);
      const proxy = settingKey([part, "postgres", "aws", "proxy"]);
      if (postgres.aws.proxy)
        found.push({
          key: proxy,
          problem: "is made before a database of this stack only: an adopted one's own proxy can be its address",
          fixes: [`pulumi config set --path ${proxy} false`],
        });
    }
    if (postgres?.host === "gcp" && postgres.gcp.adopt && !hosts.gcp.network)
      missing(["hosts", "gcp", "network"], [".network' NETWORK", ".subnetwork' SUBNETWORK"]);
    return found;
  });
}

function budgetProblems({ budget }: Settings, providers: Set<Provider>): Problem[] {
  if (!budget || budget.billingAccount || !providers.has("gcp")) return [];
  return [
    {
      key: settingKey(["budget", "billingAccount"]),
      problem: "is missing: a budget of Google Cloud hangs on a billing account",
      fixes: [`pulumi config set --path ${settingKey(["budget", "billingAccount"])} 012345-567890-ABCDEF`],
    },
  ];
}

/** How long a request may last there, where the settings say so. */
function timeoutOf(choice: { kind: string }): number | undefined {
  return (choice as unknown as Record<string, { timeoutSeconds?: number } | undefined>)[choice.kind]?.timeoutSeconds;
}

/** An RPC may not work longer on a request than the way to it stays open. */
function timeProblems({ rpc }: Settings, { seconds }: Limits): Problem[] {
  const own = timeoutOf(rpc);
  if (own === undefined || own <= seconds) return [];
  const path = ["rpc", rpc.kind, "timeoutSeconds"];
  return [
    {
      key: settingKey(path),
      problem: `is longer than a request can last on its way here (${seconds} s)`,
      fixes: [`pulumi config set --path ${settingKey(path)} ${seconds - 1}`],
    },
  ];
}

function checkBundles(
  registries: Registries,
  { api, rpc, storage, visualizer, delivery }: Pick<Plan, "api" | "rpc" | "storage" | "visualizer" | "delivery">,
  archive: Chosen<StorageCapabilities> | undefined,
  dir: string,
): void {
  const { store } = registries.storage[storage.kind]!;
  const appliesOn = visualizer.capabilities.host ?? rpc.capabilities.host;
  const needed = [
    ...(registries.api[api.kind]?.bundles?.(store, delivery) ?? []),
    ...(registries.rpc[rpc.kind]?.bundles?.(store, delivery) ?? []),
    ...[storage, ...(archive ? [archive] : [])].map((one) => migrationOf(registries, one, rpc)),
    appliesOn === "aws" ? bundleNames.lambdaDashboards() : bundleNames.nodeDashboards(),
  ];
  for (const name of needed) bundle(dir, name);
}

function migrationOf(
  registries: Registries,
  storage: Chosen<StorageCapabilities>,
  rpc: Chosen<RpcCapabilities>,
): string {
  const { store } = registries.storage[storage.kind]!;
  const on = storage.capabilities.host ?? rpc.capabilities.host;
  return on === "aws" ? bundleNames.lambdaMigrate(store) : bundleNames.nodeMigrate(store);
}
