/** What the page of a comparison and the editor tell each other. The editor words and bounds everything that is shown. */
import type { NoArgs, RequestMessage } from '../../../shell/protocol/requests';

/** What is shown, kept with the page. */
export interface ComparisonView {
  valueType?: string;
  normalize?: boolean;
  /** A node of the graph, to draw only it and what it calls. */
  below?: number;
}

export interface ComparedFrame {
  name: string;
  file?: string;
  line?: number;
}

/** A call in both profiles; positions are shares of the width. */
export interface BoxModel extends ComparedFrame {
  node: number;
  depth: number;
  left: number;
  width: number;
  /** From -1, gone, to 1, new. */
  change: number;
  /** What is written into it and said of it. */
  label: string;
  detail: string;
}

/** A function of the table. */
export interface ChangeModel extends ComparedFrame {
  place: string;
  /** Self and total, each before, after, and the change. */
  cells: string[];
  /** As words, for those which are in one profile only. */
  state: string;
  grows: boolean;
}

export interface ComparisonWords {
  graph: string;
  table: string;
  valueType: string;
  normalize: string;
  whole: string;
  swap: string;
  swapHint: string;
  copy: string;
  grows: string;
  shrinks: string;
  columns: string[];
}

export type ToComparison =
  | {
      type: 'comparison';
      state: ComparisonState;
      /** Which is before. */
      title: string;
      /** Why it is. */
      order: string;
      summary: string;
      valueTypes: string[];
      valueType: string;
      isNormalized: boolean;
      boxes: BoxModel[];
      rows: ChangeModel[];
      more: string;
      words: ComparisonWords;
    }
  | { type: 'error'; message: string };

export interface ComparisonRequests {
  show: { args: { view: ComparisonView }; result: void };
  /** Opens the source of a function. */
  open: { args: { frame: ComparedFrame }; result: void };
  copy: { args: NoArgs; result: void };
  swap: { args: NoArgs; result: void };
}

export type FromComparison = RequestMessage<ComparisonRequests>;

/** What VS Code keeps of a panel over a reload of the window. */
export interface ComparisonState {
  before: string;
  after: string;
  view: ComparisonView;
}
