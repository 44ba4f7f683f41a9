import type { Frame, Profile } from './profile';

export interface FrameOrder {
  name: string;
  file: string | undefined;
}

/** Of the frames of a function, that on the first of its lines. */
export function firstFrame({ frames }: Profile, { name, file = '' }: FrameOrder): Frame | undefined {
  const lineOf = ({ line = Infinity }: Frame) => line;
  let first: Frame | undefined;
  for (const frame of frames)
    if (frame.name === name && (frame.file ?? '') === file && (!first || lineOf(frame) < lineOf(first)))
      first = frame;
  return first;
}
