/** What names and numbers say about a span or a measurement. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Units by the Unified Code for Units of Measure, case-sensitive: bytes are `By`, days `d`, a bare number is `1`. */
export type Unit = 'ms' | 's' | 'd' | 'By' | '1';

/** One number that was found out. */
export interface Measurement {
  /** Names are OpenTelemetry’s where it has one. */
  name: string;
  value: number;
  /** A code of UCUM; what other extensions measure may have units beyond `Unit`. */
  unit: string;
  /** Which of several of the same name it is. */
  attributes?: Attributes;
}

export function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
