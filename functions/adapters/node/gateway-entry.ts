import { openDoor } from "../../gateway/doors.ts";
import { createGateway } from "../../gateway/gateway.ts";
import { readCors, readDoor, readSecrets } from "../environment.ts";
import { serveUntilStopped } from "./node.ts";
import { orExit } from "./or-exit.ts";

export function gateway(): void {
  orExit(async () => {
    const { env } = process;
    const door = readDoor(env);
    const secrets = door.auth === "shared-key" ? readSecrets(env) : {};
    await serveUntilStopped(createGateway({ door: openDoor(door, env, secrets), origins: readCors(env) }).fetch);
  });
}
