/** A name as SQL has it in quotes. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL has it, where a backslash is a letter like any other. */
export const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A text as SQL has it, where a backslash makes another letter of the next. */
export const escapedText = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
