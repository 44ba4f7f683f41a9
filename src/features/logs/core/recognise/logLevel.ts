/** Severities from the least to the most severe; `none` where a line tells none. Their index is what the store keeps. */
export const logLevels = ['none', 'trace', 'debug', 'info', 'notice', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];
