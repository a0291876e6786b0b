import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  ComponentResource,
  type ComponentResourceOptions,
  getProject,
  getStack,
  type Output,
  output,
} from "@pulumi/pulumi";
import type { Api } from "./api/api.ts";
import { type Plan, plan } from "./checking/plan.ts";
import type { RawSettings, SettingsInput } from "./checking/schema.ts";
import { Hosts } from "./host/hosts.ts";
import { type ChildClasses, Children, type Transform } from "./making/children.ts";
import type { Context } from "./making/context.ts";
import { keyRing } from "./making/key-ring.ts";
import type { Random } from "./making/sdk.ts";
import type { Transforms } from "./making/transforms.ts";
import type { ComponentName, OwnImplementations } from "./registries.ts";
import type { Rpc } from "./rpc/rpc.ts";
import { storageGuard } from "./storage/guard.ts";
import type { Storage } from "./storage/storage.ts";
import { signedToken, tokenKey } from "./token.ts";
import { dashboardsLogin } from "./visualizer/dashboards.ts";
import type { Visualizer } from "./visualizer/visualizer.ts";

/**
 * What an Integraviz is made of: the settings of docs/settings.md, and three of the program's own.
 */
export type IntegravizArgs<Own extends OwnImplementations = Record<never, never>> = SettingsInput<Own> & {
  /** Changes to single resources, by component and child key: the way out of this contract. */
  transform?: Transforms;
  /** The folder that `npm run build` wrote; by default this package's own. */
  bundles?: string;
  /** Implementations of one's own beside the package's, by component and kind. */
  implementations?: Own;
  /** The start of every physical name; by default `<project>-<stack>`. */
  prefix?: string;
};

interface IntegravizClasses {
  tokenKey: typeof Random.RandomPassword;
}

/**
 * Found from this package's root: the sources in a clone and what is compiled of them lie at
 * different depths.
 */
const BUNDLES = join(dirname(createRequire(import.meta.url).resolve("integraviz/package.json")), "dist", "functions");

/**
 * Takes in what happens in training runs, keeps it in SQL and shows it: an API, an RPC, a storage
 * and a visualizer, each exchangeable.
 */
export class Integraviz<Own extends OwnImplementations = Record<never, never>> extends ComponentResource {
  readonly api: Api;
  readonly rpc: Rpc;
  readonly storage: Storage;
  /** The storage before a swap, while its events are copied. */
  readonly archive: Storage | undefined;
  readonly visualizer: Visualizer;
  /** Where events go, without a slash at the end. */
  readonly url: Output<string>;
  /** Lets a trainer send events, to any project. Secret. */
  readonly token: Output<string>;
  readonly dashboardUrl: Output<string>;
  /** How a reader connects to the storage, without the password or key. */
  readonly sql: Output<unknown>;
  /** How `npm run copy` logs in to the storage, and to the archive beside it. Secret. */
  readonly stores: Output<unknown>;
  /**
   * How `integraviz dashboards --stack` logs in to the visualizer, and that to the storage. Secret.
   */
  readonly dashboards: Output<unknown>;
  readonly components: Record<ComponentName, string>;

  constructor(name: string, args: IntegravizArgs<Own>, opts: ComponentResourceOptions = {}) {
    const {
      transform = {},
      implementations,
      bundles = BUNDLES,
      prefix = `${getProject()}-${getStack()}`,
      ...settings
    } = args;
    // Everything that can be refused is refused in here, before the first resource.
    const planned = plan(settings as unknown as RawSettings, bundles, implementations);
    super("integraviz:index:Integraviz", name, {}, opts);
    const context = this.#createContext(planned, prefix, bundles);

    this.storage = this.#createStorage(name, "storage", planned, context, transform);
    this.archive = planned.archive && this.#createStorage(name, "archive", planned, context, transform);
    this.rpc = this.#createRpc(name, planned, context, transform);
    this.api = this.#createApi(name, planned, context, transform);
    this.visualizer = this.#createVisualizer(name, planned, context, transform);
    context.hosts.budget(planned.settings.budget);

    this.url = this.api.url;
    this.token = signedToken(context.tokenKeys[0]!, {
      projects: "*",
      scope: "ingest",
      sub: `stack:${prefix}`,
      jti: `${prefix}-ingest`,
    });
    this.dashboardUrl = this.visualizer.dashboardUrl;
    this.sql = this.storage.sql;
    this.stores = output({ storage: this.storage.login, archive: this.archive?.login ?? null });
    this.dashboards = dashboardsLogin(this.visualizer.target, prefix);
    this.components = {
      api: planned.api.kind,
      rpc: planned.rpc.kind,
      storage: planned.storage.kind,
      visualizer: planned.visualizer.kind,
    };
    this.registerOutputs({ url: this.url, dashboardUrl: this.dashboardUrl });
  }

  #createContext(planned: Plan, prefix: string, bundles: string): Context {
    const { settings, hosts: hostSettings } = planned;
    const tags = { ...settings.tags, app: "integraviz", stack: getStack() };
    const unguarded = { prefix, tags, bundles, alerts: settings.alerts };
    const guard = storageGuard(new Children(this, unguarded, "storage"), planned.archive ?? planned.storage);
    const scope = { ...unguarded, guard };
    const hosts = new Hosts(this, scope, hostSettings);
    const children = new Children<IntegravizClasses>(this, scope, "tokens");
    const tokenKeys = keyRing(children, "tokenKey", settings.rotation).map(({ id, secret }) => tokenKey(id, secret));
    return { ...scope, hosts, rotation: settings.rotation, tokenKeys };
  }

  #createStorage(
    name: string,
    as: "storage" | "archive",
    planned: Plan,
    context: Context,
    transform: Transforms,
  ): Storage {
    const { kind, settings } = planned[as]!;
    return planned.registries.storage[kind]!.create(
      `${name}-${as}`,
      { context, settings, near: planned.rpc.capabilities.host, transform: of(transform.storage, kind) },
      { parent: this },
    );
  }

  #createRpc(name: string, planned: Plan, context: Context, transform: Transforms): Rpc {
    const { kind, settings } = planned.rpc;
    const { delivery, invokeAuth, limits } = planned;
    return planned.registries.rpc[kind]!.create(
      `${name}-rpc`,
      { context, settings, storage: this.storage, delivery, invokeAuth, limits, transform: of(transform.rpc, kind) },
      { parent: this },
    );
  }

  #createApi(name: string, planned: Plan, context: Context, transform: Transforms): Api {
    const { kind, settings } = planned.api;
    return planned.registries.api[kind]!.create(
      `${name}-api`,
      { context, settings, rpc: this.rpc, invokeAuth: planned.invokeAuth, transform: of(transform.api, kind) },
      { parent: this },
    );
  }

  #createVisualizer(name: string, planned: Plan, context: Context, transform: Transforms): Visualizer {
    const { kind, settings } = planned.visualizer;
    return planned.registries.visualizer[kind]!.create(
      `${name}-visualizer`,
      {
        context,
        settings,
        storage: this.storage,
        sqlAlchemy: planned.registries.storage[planned.storage.kind]!.sqlAlchemy,
        near: planned.rpc.capabilities.host,
        transform: of(transform.visualizer, kind),
      },
      { parent: this },
    );
  }
}

/** The transforms of the kind that is chosen. */
function of(byKind: object | undefined, kind: string): Transform<ChildClasses> | undefined {
  return (byKind as Record<string, Transform<ChildClasses>> | undefined)?.[kind];
}
