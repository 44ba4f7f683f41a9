import type { LogSession } from '../logSession';

/** What is needed of a session to show it. */
export type ShownLog = Omit<LogSession, 'read'>;
