import { atLeastOne, defineSetting } from '../../../shell/editor/settings';

/** MiB of memory for the lines of a panel. */
export const logMemorySetting = defineSetting('logs.memory', (value) => atLeastOne(value) ?? 256);

/** Fields whose values lead from one service to the next. */
export const correlationFieldsSetting = defineSetting('logs.correlationFields', (value) =>
  Array.isArray(value) ? value.filter((field): field is string => typeof field === 'string') : [],
);
