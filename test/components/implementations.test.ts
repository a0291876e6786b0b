import { type ComponentResourceOptions, output } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { z } from "zod";
import { Api, type ApiArgs, type ApiImplementation, type CreateArgs } from "../../components/extend.ts";
import { deploy } from "./deploy.ts";
import { BUNDLES } from "./settings.ts";

const schema = z.strictObject({ domain: z.string().meta({ description: "Where it listens." }) });

/** An API of a program's own: it makes nothing, and says the address it was given. */
class OwnProxy extends Api {
  readonly url;
  readonly nodes = {};

  constructor(
    name: string,
    { settings }: ApiArgs & CreateArgs<z.output<typeof schema>>,
    opts: ComponentResourceOptions,
  ) {
    super(name, opts);
    this.url = output(`https://${settings.domain}`);
    this.registerOutputs({ url: this.url });
  }
}

const proxy = {
  schema,
  capabilities: {
    self: {
      providers: [],
      speaks: ["shared-key"],
      reaches: ["docker"],
      limits: { bodyBytes: 8_388_608, seconds: 3600, stream: "live" },
    },
  },
  host: () => "self",
  create: (name, args, opts): Api => new OwnProxy(name, args, opts),
} satisfies ApiImplementation;

const local = {
  rpc: { kind: "docker" },
  storage: { kind: "postgres", postgres: { host: "docker" } },
  visualizer: { kind: "metabase", metabase: { host: "docker" } },
  bundles: BUNDLES,
} as const;
const implementations = { api: { proxy } };
const args = { ...local, api: { kind: "proxy", proxy: { domain: "lab.example.com" } }, implementations } as const;

test("a program brings an implementation of its own, without a change to the package", async () => {
  const { outputs } = await deploy(args);
  expect(outputs.url).toBe("https://lab.example.com");
});

test("its settings are checked like those of the others", async () => {
  const refused = deploy({ ...args, api: { kind: "proxy", proxy: {} } } as never);
  await expect(refused).rejects.toThrow("integraviz:api.proxy.domain: is missing");
  await expect(deploy({ ...local, api: { kind: "proxy" } } as never)).rejects.toThrow(
    "allowed: api-gateway, cloud-run, docker",
  );
});

test("what it cannot be combined with is refused, and it is named among what would do", async () => {
  const refused = deploy({ ...args, rpc: { kind: "lambda" } } as never);
  await expect(refused).rejects.toThrow("lambda listens in the internet, where proxy has no way in");
});

test("a kind that the package has is not taken over", async () => {
  const refused = deploy({ ...args, implementations: { api: { docker: proxy } } } as never);
  await expect(refused).rejects.toThrow("implementations.api.docker: the package has one of this kind");
});
