/** Characters that JSON leaves as they are, though a terminal acts on them or turns the direction of text. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;

/** A text in which these stand in quotes only, in JSON's way to write them. */
export function escapeUnsafe(text: string): string {
  // Most texts have none, which is sooner seen than looked for.
  if (Buffer.byteLength(text) === text.length && !text.includes('\u007f')) return text;
  return text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A value as JSON that is harmless on a terminal. */
export function jsonText(value: unknown, indent?: number): string {
  return escapeUnsafe(JSON.stringify(value, null, indent));
}
