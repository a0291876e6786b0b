/** What a page of another origin may send, whichever API is in front. */
export const CORS = {
  allowMethods: ["GET", "POST", "DELETE"],
  allowHeaders: ["authorization", "content-type", "content-encoding", "last-event-id"],
  /** Seconds that a browser keeps the answer to a preflight request. */
  maxAge: 3600,
};
