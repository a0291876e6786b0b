export type { SettingsInput } from "./checking/schema.ts";
export { Integraviz, type IntegravizArgs } from "./integraviz.ts";
export type { InvokeAuth, Login, NetworkAccess, Principal, SqlLink } from "./link.ts";
export type { ChildTransform, Nodes, Transform } from "./making/children.ts";
export type { Transforms } from "./making/transforms.ts";
