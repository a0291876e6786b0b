import { readCors, readDoor, readSecrets } from "../adapters/environment.ts";
import { serveUntilStopped } from "../adapters/node.ts";
import { openDoor } from "../gateway/doors.ts";
import { createGateway } from "../gateway/gateway.ts";
import { orExit } from "./or-exit.ts";

export function gateway(): void {
  orExit(async () => {
    const { env } = process;
    const door = readDoor(env);
    const secrets = door.auth === "shared-key" ? readSecrets(env) : {};
    await serveUntilStopped(createGateway({ door: openDoor(door, env, secrets), origins: readCors(env) }).fetch);
  });
}
