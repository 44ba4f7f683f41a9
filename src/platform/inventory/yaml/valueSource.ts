/** What the editor offers for a value, beside what its type says; published under `x-muster` in the schema. */
export type ValueSource = 'selector' | 'host' | 'group' | 'placeholders' | EntryNoun;

/** What a section calls its entries, such as `check`. */
export type EntryNoun = string & {};
