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

/** Returns every code with its status, what happened and what to do, as Markdown. */
export function toErrorsPage(introduction = "# Errors"): string {
  const sections = Object.entries(SECTIONS).map(([title, kinds]) =>
    [`## ${title}`, ...Object.entries(kinds).map(([code, kind]) => toEntry(code, kind))].join("\n\n"),
  );
  const count = Object.keys(REFUSALS).length;
  return `${[introduction, `There are ${count} codes.`, ...sections].join("\n\n")}\n`;
}

function toEntry(code: string, { status, remedy, text, fix }: RefusalKind): string {
  return `### ${code}\n\n**${toTitle(code)}** (${status}). ${text}\n\n${fix} ${REMEDIES[remedy]}`;
}
