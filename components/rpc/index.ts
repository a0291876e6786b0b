import { cloudFunctions } from "./cloud-functions.ts";
import { docker } from "./docker.ts";
import { lambda } from "./lambda.ts";
import type { RpcImplementation } from "./rpc.ts";

export const rpcs = { lambda, "cloud-functions": cloudFunctions, docker } satisfies Record<string, RpcImplementation>;
