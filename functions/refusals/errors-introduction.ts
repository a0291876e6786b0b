/** What docs/errors.md says before the codes. Bundles serve the codes alone. */
export const ERRORS_INTRODUCTION = `# Errors

<!-- Made of contract/refusals.ts: change it there, then run \`npx vitest run test/functions/refusals -u\`. -->

Whatever is refused over HTTP is answered with an error document (RFC 9457, \`application/problem+json\`):

\`\`\`json
{
  "type": "/docs/errors.md#invalid-logs",
  "title": "Invalid logs",
  "status": 400,
  "detail": "events[3].logs.loss is beyond what a double holds.",
  "instance": "urn:uuid:6f1c2f5e-6d5c-4f0e-9c39-0d6b3a4f5f10",
  "code": "invalid-logs",
  "field": "events[3].logs.loss",
  "found": "number",
  "fix": "Send a smaller number, or Infinity if that is meant."
}
\`\`\`

\`code\` names the kind of refusal: it is never renamed and never used for another. \`detail\` and \`fix\` are for people.
\`field\` and \`found\` name the value that is at fault and its type, where there is one. \`instance\` holds the id of the request,
which also stands in the header \`X-Request-Id\` of every answer and in the server's log; a client may choose it by sending a
UUID in that header. \`Retry-After\` says when it is worth trying again. A command that ends by a refusal prints its code last.`;
