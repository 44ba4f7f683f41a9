import type { ErrorReport } from '../../../../platform/errors/errors';
import type { ValueType } from '../model/profile';
import type { CaptureEnding } from './profiler';

export interface CaptureFile {
  host: string;
  file: string;
  ending: CaptureEnding;
}

/** Files to look into, and where to write the one profile of all of them, if there is to be one. */
export interface CaptureFiles {
  files: readonly CaptureFile[];
  merged?: string;
}

export interface SeenFile {
  ending: CaptureEnding;
  valueTypes: readonly ValueType[];
  isEmpty: boolean;
  error?: ErrorReport;
}

export interface SeenCaptures {
  /** In the order of the files. */
  files: SeenFile[];
  /** Of the merged profile, if there is one. */
  merged?: { hosts: string[]; valueTypes: readonly ValueType[]; notes: readonly string[] };
}

/** Between a capture and the thread that looks into what was captured. */
export interface CaptureContract {
  data: undefined;
  methods: { look(files: CaptureFiles): Promise<SeenCaptures> };
  news: object;
}
