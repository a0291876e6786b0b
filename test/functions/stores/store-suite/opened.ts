import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import type { Store, StreamedEvent } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import type { OpenedStore, StoreSubject } from "./subject.ts";

/** The suite's own: one opened subject, and projects that no other test uses. */
export class Suite {
  readonly subject: StoreSubject;
  opened!: OpenedStore;

  constructor(subject: StoreSubject) {
    this.subject = subject;
    beforeAll(async () => {
      this.opened = await subject.open();
    });
    afterAll(() => this.opened?.close());
  }

  get store(): Store {
    return this.opened.store;
  }

  project(what: string): string {
    return `${what}-${randomUUID().slice(0, 8)}`;
  }

  /** Appends one event to a project of its own and gives what a reader then finds there. */
  async stored(fields: Partial<Event>): Promise<StreamedEvent> {
    const project = this.project("stored");
    await this.store.append([sampleEvent({ ...fields, project })]);
    const [event] = await this.settled(project, 1);
    return event as StreamedEvent;
  }

  /** The events of a project, once there are so many to read: another append may hold them back for a moment. */
  async settled(project: string, count: number): Promise<StreamedEvent[]> {
    await expect.poll(async () => (await this.read(project)).length).toBe(count);
    return this.read(project);
  }

  async read(project: string, after = "0"): Promise<StreamedEvent[]> {
    return (await this.store.events({ project, after, limit: 10_000 })).events;
  }
}
