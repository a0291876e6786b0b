import { ACCESS_REFUSALS } from "../../contract/refusals/access.ts";
import { REQUEST_REFUSALS } from "../../contract/refusals/request.ts";
import { STORE_REFUSALS } from "../../contract/refusals/store.ts";
import { REFUSALS, type RefusalKind, type Remedy, toTitle } from "../../contract/refusals.ts";

const SECTIONS: Record<string, Record<string, RefusalKind>> = {
  "What was sent": REQUEST_REFUSALS,
  "Who asks": ACCESS_REFUSALS,
  "What stands behind the API": STORE_REFUSALS,
};

const REMEDIES: Record<Remedy, string> = {
  retry: "Send the same request again later. Clients do that by themselves.",
  change: "Do not send it again as it is. Clients give up on the event that is at fault, and on no other.",
  "sign-in": "Use another token. Clients keep their events and try again now and then.",
  "set-up": "Change the address or the installation. Clients keep their events and try again now and then.",
};

const INTRODUCTION = `# Errors

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
UUID in that header. \`Retry-After\` says when it is worth trying again. Commands print the code behind their message.`;

/** Returns docs/errors.md: every code with its status, what happened and what to do. */
export function toErrorsPage(): string {
  const sections = Object.entries(SECTIONS).map(([title, kinds]) =>
    [`## ${title}`, ...Object.entries(kinds).map(([code, kind]) => toEntry(code, kind))].join("\n\n"),
  );
  const count = Object.keys(REFUSALS).length;
  return `${[INTRODUCTION, `There are ${count} codes.`, ...sections].join("\n\n")}\n`;
}

function toEntry(code: string, { status, remedy, text, fix }: RefusalKind): string {
  return `### ${code}\n\n**${toTitle(code)}** (${status}). ${text}\n\n${fix} ${REMEDIES[remedy]}`;
}
