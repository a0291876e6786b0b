import type { StoreSubject } from "../store-suite/subject.ts";
import { openMemoryStore } from "./memory-store.ts";

/** The model itself, which must keep the contract that the others are held to. */
export const memorySubject: StoreSubject = {
  name: "memory",
  rounds: 5,
  async open() {
    const store = openMemoryStore();
    return { store, another: async () => store, close: () => store.close() };
  },
};
