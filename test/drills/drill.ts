/** What is tried on a real installation for longer than a test may take. */
export interface Drill {
  about: string;
  /** The one number that makes it longer or shorter. */
  option: { name: "rounds" | "minutes" | "seconds"; value: number; about: string };
  /**
   * Prints what it counts by `say`, and answers what was not as it is to be: a line for each miss.
   */
  run(count: number, say: (line: string) => void): Promise<string[]>;
}
