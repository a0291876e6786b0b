/** The Node that ours runs on, by the names that platforms have for it; the default comes first. */
export const NODE = {
  lambda: ["nodejs22.x", "nodejs24.x"],
  cloudFunctions: ["nodejs22", "nodejs24"],
  /** What Cloud Run lays under our code. */
  cloudRun: "serverless-runtimes/google-24-full/runtimes/nodejs24",
  /** Images of containers: on this machine, and of jobs on Google Cloud. */
  image: "node:22.21.1-bookworm-slim",
  jobImage: "docker.io/library/node:22-slim",
} as const;
