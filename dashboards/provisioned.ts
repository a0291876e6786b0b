/** What became of a visualizer that dashboards were applied to. */
export interface Provisioned {
  /** The storage's id in the visualizer. */
  database: number;
  /** Where the dashboards are, by key. */
  urls: Record<string, string>;
  /** What was not as it should be, and is now. */
  changed: string[];
  /** Custom metrics whose panels have no data, by their files. */
  warnings: string[];
}
