/** What the user can mend: the message says what is wrong and how. Shown without a stack. */
export class Mistake extends Error {
  override readonly name = "Mistake";
}
