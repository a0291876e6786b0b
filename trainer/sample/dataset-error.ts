/** Images that are missing or not what they should be: the message names the file and the fix. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";
}
