import type { LoggedEvent } from "../../functions/stores/store.ts";
import type { EventFields } from "./event-fields.ts";

export interface FieldsAt {
  fields: EventFields;
  /** "line 17", for errors. */
  source: string;
}

/** A kind of file that holds events. */
export interface FileFormat {
  write(file: string, pages: AsyncIterable<LoggedEvent[]>): Promise<void>;
  read(file: string): AsyncIterable<FieldsAt[]>;
}
