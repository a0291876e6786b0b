/** The start of a plain Node process: what it cannot do ends it with 1 and one line. */
export function orExit(work: () => Promise<void>): void {
  work().catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
}
