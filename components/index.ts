export type { ChildTransform, Nodes, Transform } from "./children.ts";
export { Integraviz, type IntegravizArgs } from "./integraviz.ts";
export type { Door, Login, Principal, Reach, SqlLink } from "./link.ts";
export type { SettingsInput } from "./schema.ts";
export type { Transforms } from "./transforms.ts";
