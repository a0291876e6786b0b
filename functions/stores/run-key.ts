/** A run's name: two projects may use one run id. */
export interface RunName {
  project: string;
  run: string;
}

/** Names a run in one text. Neither name holds a line feed. */
export const runKey = ({ project, run }: RunName): string => `${project}\n${run}`;
