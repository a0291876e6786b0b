/**
 * What an implementation of one's own is made of: the parts that come with the package are made of
 * the same.
 */
export { Api, type ApiArgs, type ApiImplementation } from "./api/api.ts";
export { cidr, inputText, inputTexts, logDays, port, rotation, secretText } from "./checking/settings.ts";
export type { CreateArgs } from "./implementation.ts";
export { type ChildClasses, Children, type ChildTransform, type Nodes, type Transform } from "./making/children.ts";
export type { Context } from "./making/context.ts";
export { type NameRows, nameless } from "./making/name-rules.ts";
export { type Aws, type Docker, type Gcp, lazySdk, type Random, sdk, type Tls } from "./making/sdk.ts";
export type { OwnImplementations } from "./registries.ts";
export { Rpc, type RpcArgs, type RpcImplementation } from "./rpc/rpc.ts";
export { Storage, type StorageArgs, type StorageImplementation } from "./storage/storage.ts";
export { Visualizer, type VisualizerArgs, type VisualizerImplementation } from "./visualizer/visualizer.ts";
