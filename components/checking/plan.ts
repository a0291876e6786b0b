/** Settings, checked and completed: what will be made, decided before anything is. */
import { Config } from "@pulumi/pulumi";
import { bundleNames } from "../../contract/bundles.ts";
import type { Limits } from "../../contract/limits.ts";
import { bundle } from "../bundle.ts";
import type { HostSettings } from "../host/hosts.ts";
import { firstInvokeAuth, type InvokeAuthKind } from "../link.ts";
import { sdk } from "../making/sdk.ts";
import {
  type ComponentName,
  componentNames,
  type OwnImplementations,
  type Registries,
  withOwn,
} from "../registries.ts";
import type { Capabilities, Delivery, Provider } from "./capabilities.ts";
import { limitsOf, type Part, providersOf, refusals } from "./compatibility.ts";
import { type Problem, problemsOf, refuse, settingKey } from "./problem.ts";
import { type RawSettings, type Settings, settingsSchema, settingsSchemaWith } from "./schema.ts";

interface Chosen<C extends ComponentName> extends Part<Capabilities[C]> {
  settings: unknown;
}

export interface Plan {
  /** What was chosen from. */
  registries: Registries;
  settings: Settings;
  hosts: HostSettings;
  api: Chosen<"api">;
  rpc: Chosen<"rpc">;
  storage: Chosen<"storage">;
  visualizer: Chosen<"visualizer">;
  archive?: Chosen<"storage">;
  delivery: Delivery;
  invokeAuth: InvokeAuthKind;
  limits: Limits;
}

/** @throws RunError that names every problem and what mends it. */
export function plan(input: RawSettings, bundles: string, own?: OwnImplementations): Plan {
  const registries = withOwn(own);
  const settings = parse(registries, input, own ? settingsSchemaWith(own) : settingsSchema);
  const parts = {
    api: choose(registries, "api", settings.api),
    rpc: choose(registries, "rpc", settings.rpc),
    storage: choose(registries, "storage", settings.storage),
    visualizer: choose(registries, "visualizer", settings.visualizer),
    delivery: settings.rpc.delivery,
  };
  const archive = settings.archive && choose(registries, "storage", settings.archive);
  const providers = providersOf(parts);
  for (const provider of archive?.capabilities.providers ?? []) providers.add(provider);
  const { hosts, missing } = hostSettings(settings, providers);
  const limits = limitsOf(parts);
  limits.seconds = Math.min(limits.seconds, timeoutOf(settings.api) ?? limits.seconds);
  const problems = [
    ...refusals(parts, registries),
    ...missing,
    ...archiveProblems(settings),
    ...storageProblems(registries, settings, hosts),
    ...budgetProblems(settings, providers),
    ...timeProblems(settings, limits),
  ];
  if (problems.length > 0) throw refuse(problems);

  for (const provider of providers) sdk[provider]();
  for (const load of sdksOf(registries, settings)) load();
  checkBundles(registries, parts, archive, bundles);
  const invokeAuth = firstInvokeAuth(parts.api.capabilities.speaks, parts.rpc.capabilities.accepts)!;
  return { registries, settings, hosts, ...parts, ...(archive ? { archive } : {}), invokeAuth, limits };
}

function parse(registries: Registries, input: RawSettings, schema: typeof settingsSchema): Settings {
  const filled = completed(registries, withArchiveSettings(input));
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

/** What the providers' own configuration says of a storage is filled in. */
function completed(registries: Registries, input: RawSettings): RawSettings {
  const complete = <C extends RawSettings["storage"] | undefined>(choice: C): C => {
    const implementation = registries.storage[choice?.kind ?? ""];
    if (!choice || !implementation?.complete) return choice;
    const given = (choice as Record<string, object | undefined>)[choice.kind] ?? {};
    return { ...choice, [choice.kind]: implementation.complete(given) };
  };
  return {
    ...input,
    storage: complete(input.storage),
    ...(input.archive ? { archive: complete(input.archive) } : {}),
  };
}

function choose<C extends ComponentName>(
  registries: Registries,
  component: C,
  choice: { kind: string } & Record<string, unknown>,
): Chosen<C> {
  const implementation = registries[component][choice.kind]!;
  const settings = choice[choice.kind];
  const host = implementation.host(settings as never);
  return { kind: choice.kind, host, capabilities: implementation.capabilities[host] as Capabilities[C], settings };
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

/** What the storages say of their settings; what is wrong with both is told once. */
function storageProblems(registries: Registries, settings: Settings, hosts: HostSettings): Problem[] {
  const found = (["storage", "archive"] as const).flatMap((part) => {
    const choice = settings[part];
    const { problems } = (choice && registries.storage[choice.kind]) ?? {};
    return problems?.((choice as Record<string, unknown>)[choice!.kind], part, hosts) ?? [];
  });
  return [...new Map(found.map((one) => [one.key, one])).values()];
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

/** The SDKs that single implementations need. */
function sdksOf(registries: Registries, { archive, ...settings }: Settings): (() => unknown)[] {
  const chosen = componentNames.map((component) => registries[component][settings[component].kind]);
  return [...chosen, archive && registries.storage[archive.kind]].flatMap((one) => one?.sdks ?? []);
}

function checkBundles(
  registries: Registries,
  { api, rpc, storage, visualizer, delivery }: Pick<Plan, "api" | "rpc" | "storage" | "visualizer" | "delivery">,
  archive: Chosen<"storage"> | undefined,
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

function migrationOf(registries: Registries, storage: Chosen<"storage">, rpc: Chosen<"rpc">): string {
  const { store } = registries.storage[storage.kind]!;
  const on = storage.capabilities.host ?? rpc.capabilities.host;
  return on === "aws" ? bundleNames.lambdaMigrate(store) : bundleNames.nodeMigrate(store);
}
