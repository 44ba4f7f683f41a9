import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { byFunction } from './byFunction';
import { type CallTreeLinks, callTreeLinks } from '../model/callTreeLinks';
import { foldedTree, walkFolded } from '../formats/foldedTree';
import { formatError } from '../formats/formatError';
import { idleNotes } from '../model/idle';
import { inTimeOrder } from './inTimeOrder';
import type { LabelFilter } from './labelFilter';
import { labelledProfile } from '../model/labelledProfile';
import { type LoadedProfile, profileOf } from '../model/loadedProfile';
import { type Frame, functionKey, type Profile } from '../model/profile';
import { speedscopeFrame, speedscopeUnit } from '../formats/toSpeedscope';
import { undrawn } from './undrawn';

/** What is to be drawn. */
export interface DrawingWish {
  /** Pixels across the graph. */
  width: number;
  /** The name of the frames that stand for what is too narrow to be drawn. */
  foldedName: string;
  /** In the order of time, if the file has one and speedscope can hold it. */
  inTime: boolean;
  /** Not in the order of time, which speedscope could not draw. */
  isRefused?: boolean;
  /** Only what this stack calls, outermost frame first. */
  below?: readonly Frame[] | undefined;
  /** Only samples with the label. */
  label?: LabelFilter | undefined;
}

/** What speedscope is given. */
export interface Drawing {
  bytes: Uint8Array;
  /** What was left out or mended when the file was read. */
  notes: readonly string[];
  /** In the order of time as the file has it, not merged by stack. */
  isInTime: boolean;
  /** The file has an order in time. */
  hadTime: boolean;
  /** It can be drawn in it. */
  hasTime: boolean;
  /** Frames that are drawn and those that are folded, of the value type that has the most. */
  frames: { drawn: number; folded: number };
}

/** Formats without an order in time, of which speedscope alone draws less than is in them. */
const unordered = ['pprof', 'folded', 'heapprofile', 'svg'];
/** Bytes of a file that speedscope draws about as soon as what we make of it. */
const drawnInTime = 1_000_000;

/**
 * A profile as speedscope draws it: small ones in the order of time where speedscope reads all of them, others merged by
 * stack, with every type of values and every inlined frame. A function is one, whatever lines of it ran, so that the
 * sums are those of `hotFunctions`. @throws MusterError FORMAT if the stack is not there
 */
export function drawing(loaded: LoadedProfile, wish: DrawingWish): Drawing {
  const { bytes, read } = loaded;
  const none = { drawn: 0, folded: 0 };
  if (bytes && read instanceof MusterError)
    return { bytes, notes: [], isInTime: true, hadTime: true, hasTime: true, frames: none };
  const profile = profileOf(loaded);
  const notes = [...profile.notes, ...idleNotes(profile)];
  const hadTime = !unordered.includes(profile.format) && !profile.isOwnDialect;
  const hasTime = hadTime && bytes !== undefined && !wish.isRefused;
  const isWhole = !wish.below && !wish.label;
  if (hasTime && isWhole && (wish.inTime || bytes.length <= drawnInTime)) {
    const ordered = inTimeOrder(bytes, profile);
    if (ordered) return { bytes: ordered, notes, isInTime: true, hadTime, hasTime, frames: none };
  }
  const selected = byFunction(labelledProfile(profile, wish.label ? [wish.label] : []));
  const left = [...notes, ...undrawn(selected)];
  return { ...merged(selected, loaded.name, wish), notes: left, isInTime: false, hadTime, hasTime };
}

function merged(
  profile: Profile,
  name: string,
  { width, foldedName, below = [] }: DrawingWish,
): Pick<Drawing, 'bytes' | 'frames'> {
  const links = callTreeLinks(profile.tree);
  const root = nodeOf(profile, links, below);
  const path: number[] = [];
  for (let node = root; node > 0; node = profile.tree.parent[node]!) path.push(profile.tree.frame[node]!);
  path.reverse();

  const frames = new DrawnFrames(profile.frames, foldedName);
  const text = new TextParts();
  text.add(`{"$schema":"https://www.speedscope.app/file-format-schema.json","name":${JSON.stringify(name)},`);
  text.add(`"activeProfileIndex":${profile.defaultValueType},"profiles":[`);
  let most = { drawn: 0, folded: 0 };
  profile.valueTypes.forEach((type, index) => {
    const folded = foldedTree(profile.tree, index, root, width);
    if (index === 0 || folded.folded > most.folded) most = folded;
    const unit = speedscopeUnit(type.unit);
    text.add(
      `${index > 0 ? ',' : ''}{"type":"evented","name":${JSON.stringify(type.name)},"unit":"${unit}",`,
    );
    text.add(`"startValue":0,"endValue":${folded.totals[root]},"events":[`);
    let at = 0;
    let isFirst = true;
    const event = (kind: 'O' | 'C', frame: number) => {
      text.add(`${isFirst ? '' : ','}{"type":"${kind}","frame":${frame},"at":${at}}`);
      isFirst = false;
    };
    const self = profile.tree.self[index]!;
    const spend = (node: number) => (at += Math.max(0, self[node]!));
    for (const frame of path) event('O', frames.numberOf(frame));
    walkFolded(links, folded, root, {
      enter: (node) => {
        event('O', frames.numberOf(profile.tree.frame[node]!));
        spend(node);
      },
      folded: (weight) => {
        event('O', frames.foldedNumber());
        at += weight;
        event('C', frames.foldedNumber());
      },
      leave: (node) => event('C', frames.numberOf(profile.tree.frame[node]!)),
    });
    spend(root);
    for (const frame of path.toReversed()) event('C', frames.numberOf(frame));
    text.add(']}');
  });
  text.add(`],"shared":{"frames":${JSON.stringify(frames.drawn.map(speedscopeFrame))}}}\n`);
  return { bytes: text.finish(), frames: { drawn: most.drawn, folded: most.folded } };
}

/** The node of a stack; its functions are looked for, since lines are not told apart. */
function nodeOf({ frames, tree }: Profile, links: CallTreeLinks, stack: readonly Frame[]): number {
  let node = 0;
  for (const wanted of stack) {
    const key = functionKey(wanted);
    let child = links.firstChild[node]!;
    while (child >= 0 && functionKey(frames[tree.frame[child]!]!) !== key) child = links.sibling[child]!;
    if (child < 0)
      throw formatError(
        t('the profile has no stack {0}', stack.map(({ name }) => name).join(' → ')),
        t('Show the whole profile again, without flattened recursion.'),
      );
    node = child;
  }
  return node;
}

/** Frames that are drawn, numbered anew. */
class DrawnFrames {
  readonly drawn: Frame[] = [];
  private readonly numbers = new Map<number, number>();

  constructor(
    private readonly frames: readonly Frame[],
    private readonly foldedName: string,
  ) {}

  numberOf(frame: number): number {
    return this.number(frame, this.frames[frame]!);
  }

  foldedNumber(): number {
    return this.number(-1, { name: this.foldedName });
  }

  private number(key: number, frame: Frame): number {
    let number = this.numbers.get(key);
    if (number === undefined) this.numbers.set(key, (number = this.drawn.push(frame) - 1));
    return number;
  }
}

/** A long text as bytes. */
class TextParts {
  private readonly parts: Buffer[] = [];
  private text = '';

  add(text: string): void {
    if ((this.text += text).length < 65_536) return;
    this.parts.push(Buffer.from(this.text));
    this.text = '';
  }

  finish(): Buffer {
    return Buffer.concat([...this.parts, Buffer.from(this.text)]);
  }
}
