/** What a flame graph and the editor tell each other. */
import type { RequestMessage } from '../../../shell/protocol/requests';

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

/** What is to be drawn, and the pixels that there are for it. */
interface DrawingAsked {
  wish: FlameGraphWish;
  width: number;
}

export interface FlameGraphRequests {
  /** The page is loaded. */
  ready: { args: DrawingAsked; result: void };
  draw: { args: DrawingAsked; result: void };
  /** speedscope could not read or draw it. */
  failed: { args: { message: string }; result: void };
  export: { args: { name: string; text: string }; result: void };
  open: { args: { frame: ShownFrame; beside: boolean }; result: void };
  /** Something has to be selected first, with what the commands do to it. */
  nothingSelected: { args: { wanted: 'frame' | 'folded' }; result: void };
}

export type FromFlameGraph = RequestMessage<FlameGraphRequests>;
