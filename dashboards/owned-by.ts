/** What everything of one deployment has in its description. */
export const ownedBy = (name: string): string => `Made by Integraviz (${name}).`;

/** A description, with whose it is behind it. */
export const described = (text: string, owner: string): string => (text === "" ? owner : `${text} ${owner}`);
