/**
 * Runs a Node program for the Pulumi CLI, by the service `LanguageRuntime` (pulumi/language.proto, as the SDK ships it).
 *
 * The vendor's host comes with its releases only. Like that one, it starts the SDK's `cmd/run` with the `nodeargs` of
 * Pulumi.yaml. It asks for no plugin: PULUMI_DEBUG_PROVIDERS says where the providers are.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Server, ServerCredentials, type sendUnaryData, type UntypedServiceImplementation } from "@grpc/grpc-js";
import rpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language, { type RunRequest, type RunResponse } from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";

/** The exit code of a program that has told its errors already. */
const TOLD = 32;
/** As the CLI's own: a request holds the whole configuration. */
const MESSAGE_BYTES = 400 * 2 ** 20;

/** The engine's address comes last. */
const engine = process.argv.at(-1) ?? "";

function run(request: RunRequest, done: (code: number) => void): void {
  const info = request.getInfo();
  if (!info) throw new Error("The engine does not say where the program is.");
  const { nodeargs = "", typescript = true } = (info.getOptions()?.toJavaScript() ?? {}) as {
    nodeargs?: string;
    typescript?: boolean;
  };
  const script = createRequire(join(info.getProgramDirectory(), "index.js")).resolve("@pulumi/pulumi/cmd/run");
  const flags = {
    engine,
    monitor: request.getMonitorAddress(),
    organization: request.getOrganization(),
    parallel: request.getParallel(),
    project: request.getProject(),
    pwd: request.getPwd(),
    stack: request.getStack(),
  };
  const args = [
    ...nodeargs.split(" ").filter((arg) => arg !== ""),
    script,
    ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info.getEntryPoint(),
  ];
  const env = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(typescript),
  };
  const program = spawn(process.execPath, args, {
    cwd: request.getPwd(),
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  program.once("exit", (code) => done(code ?? 1));
}

const runtime: UntypedServiceImplementation = {
  getPluginInfo(_: unknown, answer: sendUnaryData<unknown>) {
    answer(null, new plugin.PluginInfo());
  },
  getRequiredPackages(_: unknown, answer: sendUnaryData<unknown>) {
    answer(null, new language.GetRequiredPackagesResponse());
  },
  run({ request }: { request: RunRequest }, answer: sendUnaryData<RunResponse>) {
    run(request, (code) => {
      const response = new language.RunResponse();
      if (code === TOLD) response.setBail(true);
      else if (code !== 0) response.setError(`the program ended with exit code ${code}`);
      answer(null, response);
    });
  },
};

const server = new Server({ "grpc.max_receive_message_length": MESSAGE_BYTES });
server.addService(rpc.LanguageRuntimeService, runtime);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
// The CLI has ended, if only by a signal.
process.stdin.once("end", () => process.exit()).resume();
