import { isLetter, isSign, letters } from './dateBytes';

/** The zone of an abbreviation cannot be told from the abbreviation alone. */
const unclear = NaN;
/**
 * Hours east of UTC of abbreviations. The first is what one means on its own; the others count where the host is as far
 * east. Those that are words as well are unclear.
 */
const abbreviations: Readonly<Record<string, readonly number[]>> = {
  ...{ Z: [0], UTC: [0], UT: [0], GMT: [0], WET: [0], WEST: [1], CET: [1], CEST: [2], EET: [2], EEST: [3] },
  ...{ MEZ: [1], MESZ: [2], MSK: [3], MSD: [4], BST: [unclear, 1, 6], IST: [unclear, 5.5, 1, 2], IDT: [3] },
  ...{ JST: [9], KST: [9], SGT: [8], HKT: [8], WIB: [7], WITA: [8], PKT: [5], NPT: [5.75], ICT: [7] },
  ...{ AWST: [8], ACST: [9.5], ACDT: [10.5], AEST: [10], AEDT: [11], NZST: [12], NZDT: [13] },
  ...{ SAST: [2], WAT: [unclear, 1], CAT: [unclear, 2], EAT: [unclear, 3], BRT: [-3] },
  ...{ NST: [-3.5], NDT: [-2.5], AST: [unclear, -4, 3], ADT: [-3], EST: [-5, 10], EDT: [-4, 11] },
  ...{ CST: [unclear, -6, 8, -5], CDT: [unclear, -5, -4], MST: [-7, 8], MDT: [-6], PST: [-8, 8], PDT: [-7] },
  ...{ AKST: [-9], AKDT: [-8], HST: [-10], HDT: [-9], SST: [unclear, -11, 8] },
};
/** The hours of the abbreviations by `keyOf` of their letters. */
export const zonesByKey = new Map(Object.entries(abbreviations).map(([name, hours]) => [keyOf(name), hours]));

/** By letter: whether one of them ends with it. The levels that mostly stand in their place do not. */
export const endsZone = new Uint8Array(27);
for (const key of zonesByKey.keys()) endsZone[key & 31] = 1;

/** At most six capital letters as one number. */
function keyOf(name: string): number {
  let key = 0;
  for (const letter of name) key = key * 32 + letter.charCodeAt(0) - 64;
  return key;
}

/** `UTC`, `UT` and `GMT`, which an offset may follow. */
export const universal = new Set(['UTC', 'UT', 'GMT'].map(keyOf));

/** How the words end that stand before `Time` in the English name of a zone: Standard, Daylight, Summer, Universal, Mean. */
const beforeTime = new Set(['ard', 'ght', 'mer', 'sal', 'ean'].map((end) => letters(Buffer.from(end), 0)));
const tim = letters(Buffer.from('tim'), 0);

/** The first letters of the names of the tz database that have a slash. */
export const areas = new Set(
  'africa america antarctica arctic asia atlantic australia etc europe indian pacific'.split(' '),
);

/** What may stand behind an offset: blanks, `"`, `)`, `,`, `:`, `;`, `]`, `|`. */
export const endsWord = new Uint8Array(256);
for (const character of ' \t\r\n"),:;]|') endsWord[character.charCodeAt(0)] = 1;

const [utc, gmt] = ['utc', 'gmt'].map((name) => letters(Buffer.from(name), 0));

/** Whether `utc` or `gmt` stands here as a word, in small letters. */
export function isUniversal(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 3 > end) return false;
  const key = letters(bytes, at);
  if (key !== utc && key !== gmt) return false;
  const after = at + 3 < end ? bytes[at + 3]! : 0x20;
  return endsWord[after] === 1 || isSign(after);
}

/** Whether words end in `Time` after `Standard` and the like: `Central European Summer Time`. */
export function isEnglishName(bytes: Uint8Array, at: number, end: number): boolean {
  for (; at + 5 <= end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x20) {
      if (letters(bytes, at + 1) !== tim || (bytes[at + 4]! | 0x20) !== 0x65) continue;
      return beforeTime.has(letters(bytes, at - 3));
    }
    if (!isLetter(byte) && byte !== 0x2e) return false;
  }
  return false;
}
