/** "Add your own": an API that is one file and one line in the registry, as the README tells it. */
import { type ComponentResourceOptions, output } from "@pulumi/pulumi";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Api, type ApiArgs, type ApiImplementation } from "../../components/api/api.ts";
import { apis } from "../../components/api/index.ts";
import { Children } from "../../components/children.ts";
import { everyCombination, isValid } from "../../components/compatibility.ts";
import { doorEnvironment } from "../../components/environment.ts";
import type { CreateArgs } from "../../components/implementation.ts";
import type { IntegravizArgs } from "../../components/index.ts";
import { BUNDLES } from "./settings.ts";

const schema = z.strictObject({ address: z.url() });

/** A reverse proxy that the team runs already: nothing is made but the key that it shows to the RPC. */
class OwnProxy extends Api {
  readonly url;
  readonly nodes;

  constructor(name: string, args: ApiArgs & CreateArgs<z.output<typeof schema>>, opts: ComponentResourceOptions) {
    super(name, opts);
    const children = new Children(this, args.context, "api-own-proxy");
    this.nodes = children.nodes;
    doorEnvironment(args.rpc.admit(args.door, { principal: { cloud: "none" } }));
    this.url = output(args.settings.address);
    this.registerOutputs({ url: this.url });
  }
}

const ownProxy = {
  schema,
  capabilities: {
    self: {
      providers: [],
      speaks: ["shared-key"],
      reaches: ["internet"],
      limits: { bodyBytes: 1_000_000, seconds: 60, stream: "live" },
    },
  },
  place: () => "self",
  create: (name, args, opts) => new OwnProxy(name, args, opts),
} satisfies ApiImplementation;

const registry = apis as Record<string, ApiImplementation>;

let deploy: typeof import("./deploy.ts").deploy;

beforeAll(async () => {
  registry["own-proxy"] = ownProxy;
  // The configuration's shape is derived from the registry when it is first loaded.
  ({ deploy } = await import("./deploy.ts"));
});
afterAll(() => {
  delete registry["own-proxy"];
});

test("it takes part in what can and what cannot be combined", () => {
  const own = [...everyCombination()].filter(({ api }) => api.kind === "own-proxy");
  expect(own.length).toBe(324);
  expect([...new Set(own.filter(isValid).map(({ rpc }) => rpc.kind))]).toEqual(["cloud-functions"]);
});

test("it is deployed like any other, through the door it shares with the RPC", async () => {
  const { made, outputs } = await deploy({
    api: { kind: "own-proxy" as "docker", "own-proxy": { address: "https://events.example.com" } },
    rpc: { kind: "cloud-functions" },
    storage: { kind: "bigquery" },
    visualizer: { kind: "superset", superset: { host: "gcp" } },
    bundles: BUNDLES,
  } as IntegravizArgs);
  expect(outputs.url).toBe("https://events.example.com");
  expect(made.map(({ name }) => name)).toContain("rpc-cloud-functions-invoker-key");
});
