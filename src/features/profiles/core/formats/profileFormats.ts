/** Formats that profiles are written in. */
export const profileFormats = ['speedscope', 'folded', 'pprof'] as const;
export type WrittenFormat = (typeof profileFormats)[number];
