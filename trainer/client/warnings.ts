/**
 * Tells of troubles, each in one line and most of them once. Nothing that it is given to do can
 * throw.
 */
export class Warnings {
  readonly #onWarn: (message: string) => void;
  readonly #told = new Set<string>();

  constructor(onWarn: (message: string) => void) {
    this.#onWarn = onWarn;
  }

  tell(message: string): void {
    // Where that fails there is nobody left to tell.
    guarded(
      () => this.#onWarn(message),
      () => {},
    );
  }

  /** Tells it unless something was told of the same trouble before. */
  once(trouble: string, message: string): void {
    if (this.#told.has(trouble)) return;
    this.#told.add(trouble);
    this.tell(message);
  }

  /** Tells of the trouble again when it comes again. */
  forget(...troubles: string[]): void {
    for (const trouble of troubles) this.#told.delete(trouble);
  }

  /** Does what the client does for itself: where that fails, the training goes on. */
  guard(work: () => unknown): void {
    guarded(work, (error) => this.once("fault", `the client has a fault, and goes on: ${toReason(error)}`));
  }
}

/** Keeps what fails, now or later, away from the training. */
export function guarded(work: () => unknown, tell: (error: unknown) => void): void {
  try {
    const done = work();
    if (done instanceof Promise) done.catch(tell);
  } catch (error) {
    tell(error);
  }
}

export const toReason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
