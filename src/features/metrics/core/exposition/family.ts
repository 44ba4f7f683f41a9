/** What a family measures, as OpenMetrics names it; `unknown` is `untyped` of the older format. */
export const familyTypes = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
] as const;

export type FamilyType = (typeof familyTypes)[number];

export interface Label {
  readonly name: string;
  readonly value: string;
}

/** An example of what was counted, such as a request with its trace. */
export interface Exemplar {
  readonly labels: readonly Label[];
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestampMs?: number;
}

export interface Sample {
  /** With the suffix: `http_requests_total`, `rpc_seconds_bucket`. */
  readonly name: string;
  /** In the order in which they were written. */
  readonly labels: readonly Label[];
  /** NaN is a value, too: the target said so. */
  readonly value: number;
  /** Milliseconds since 1970; undefined for the time of the scrape. */
  readonly timestampMs?: number;
  readonly exemplar?: Exemplar;
}

/** Samples that measure one thing. */
export interface Family {
  readonly name: string;
  readonly type: FamilyType;
  readonly help?: string;
  readonly unit?: string;
  readonly samples: readonly Sample[];
}

/** What a line of a page says that cannot be right. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface Exposition {
  readonly families: readonly Family[];
  /** The first of them; everything that was read without a doubt is in the families all the same. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** The page says that it ends here, or needs not to. Without it, families at its end may be missing. */
  readonly isComplete: boolean;
}
