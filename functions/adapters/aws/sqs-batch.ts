import type { Worker } from "../worker.ts";

export interface SqsEvent {
  Records: { messageId: string; body: string }[];
}

export interface SqsAnswer {
  /** What SQS delivers again, and in the end keeps as dead letters. */
  batchItemFailures: { itemIdentifier: string }[];
}

/** An SQS batch from Lambda's event source mapping with ReportBatchItemFailures. */
export function sqsBatchHandler(worker: () => Promise<Worker>): (event: SqsEvent) => Promise<SqsAnswer> {
  return async ({ Records }) => {
    const append = await worker();
    const isStored = await append(Records.map(({ body }) => body));
    const failed = Records.filter((_, index) => !isStored[index]);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}
