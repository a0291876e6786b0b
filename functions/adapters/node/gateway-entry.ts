import { createGateway } from "../../gateway/gateway.ts";
import { createInvoker } from "../../gateway/invoker.ts";
import { readOptional, readSecrets, readVariable } from "../environment.ts";
import { serveUntilStopped } from "./node.ts";
import { orExit } from "./or-exit.ts";

export function gateway(): void {
  orExit(async () => {
    const { env } = process;
    const invokeAuth = readVariable(env, "INTEGRAVIZ_DOOR");
    const secrets = invokeAuth.auth === "shared-key" ? readSecrets(env) : {};
    await serveUntilStopped(
      createGateway({
        invoker: createInvoker(invokeAuth, env, secrets),
        origins: readOptional(env, "INTEGRAVIZ_CORS") ?? [],
      }).fetch,
    );
  });
}
