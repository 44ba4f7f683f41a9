/** What a flame graph and the editor tell each other. */

/** A frame as speedscope shows it. */
export interface ShownFrame {
  name: string;
  file?: string;
  line?: number;
  column?: number;
}

/** A label that samples have, and its value. */
export interface ShownLabel {
  key: string;
  value: string;
}

/** What is to be drawn, kept with the page. */
export interface FlameGraphWish {
  /** In the order of time, where the file has one. */
  inTime?: boolean;
  /** Only what this stack calls, outermost frame first. */
  below?: ShownFrame[];
  /** Only samples with the label. */
  label?: ShownLabel;
}

/** A button of the note at the bottom. */
export interface NoteAction {
  label: string;
  wish: FlameGraphWish;
}

export type ToFlameGraph =
  | {
      type: 'profile';
      name: string;
      bytes: Uint8Array;
      /** What it is a drawing of. */
      wish: FlameGraphWish;
      note: string;
      actions: NoteAction[];
      /** The time order can be asked for. */
      offersTime: boolean;
      /** The name of frames that stand for narrow ones, and what to do with the one that is selected. */
      foldedName: string;
      expandLabel: string;
      closeLabel: string;
    }
  | { type: 'error'; message: string }
  /** Show a function in the sandwich. */
  | { type: 'reveal'; frame: ShownFrame }
  /** Tell the frame that is selected, to open its source. */
  | { type: 'openSelected' }
  /** Draw what is folded in the frame that is selected. */
  | { type: 'expandSelected' };

export type FromFlameGraph =
  | { type: 'ready' | 'draw'; wish: FlameGraphWish; width: number }
  /** speedscope could not read or draw it. */
  | { type: 'failed'; message: string }
  | { type: 'export'; name: string; text: string }
  | { type: 'open'; frame: ShownFrame; beside: boolean }
  /** Something has to be selected first, with what the commands do to it. */
  | { type: 'nothingSelected'; wanted: 'frame' | 'folded' };
