export type LambdaRuntime = "nodejs22.x" | "nodejs24.x";

/** How every function of ours runs. */
export function runtimeOf(runtime: LambdaRuntime) {
  return { runtime, handler: "index.handler", architectures: ["arm64"] };
}
