/**
 * The program of `stacks/` behind `--client`, the way in of the Automation API's inline programs: it is run in this
 * process, which loads the provider SDKs once, where the language host starts a process for each run.
 *
 * Started in a copy of the project, it prints its port. What the program's modules keep stays from run to run, and
 * a run does not end where an `apply` throws that a resource waits for: what is to fail is for the language host.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import rpc from "@pulumi/pulumi/proto/language_grpc_pb.js";

// The SDK's own, without types: its Automation API starts it with each `up`.
const { LanguageServer } = createRequire(import.meta.url)("@pulumi/pulumi/automation/server.js") as {
  LanguageServer: new (program: () => Promise<object>) => UntypedServiceImplementation;
};

let runs = 0;
async function program(): Promise<object> {
  runs += 1;
  return { ...(await import(`${pathToFileURL(join(process.cwd(), "stacks/index.ts"))}?run=${runs}`)) };
}

const server = new Server();
server.addService(rpc.LanguageRuntimeService, new LanguageServer(program));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
