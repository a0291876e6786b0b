/**
 * What the user can mend: the message says what is wrong, where, and the fix. Shown without a
 * stack.
 */
export class Mistake extends Error {
  override readonly name = "Mistake";
}
