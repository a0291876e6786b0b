import { createGateway } from "../../gateway/gateway.ts";
import { createInvoker } from "../../gateway/invoker.ts";
import { readCors, readInvokeAuth, readSecrets } from "../environment.ts";
import { serveUntilStopped } from "./node.ts";
import { orExit } from "./or-exit.ts";

export function gateway(): void {
  orExit(async () => {
    const { env } = process;
    const invokeAuth = readInvokeAuth(env);
    const secrets = invokeAuth.auth === "shared-key" ? readSecrets(env) : {};
    await serveUntilStopped(
      createGateway({ invoker: createInvoker(invokeAuth, env, secrets), origins: readCors(env) }).fetch,
    );
  });
}
