import type { LogLevel } from '../recognise/logLevel';

/** What to look for in a line: a substring, or an RE2 expression that cannot run away. */
export interface TextPattern {
  readonly text: string;
  /** Default: false. */
  readonly regex?: boolean;
  /** Default: false, of ASCII letters for substrings. */
  readonly caseSensitive?: boolean;
}

export const fieldOperators = ['=', '!=', '>', '>=', '<', '<=', '~'] as const;

/** A condition on a structured field: `=` and `!=` compare text, `~` is a substring, the others compare numbers. */
export interface FieldCondition {
  /** Nested names with dots. A line without the field meets `!=` only. */
  readonly field: string;
  readonly operator: (typeof fieldOperators)[number];
  readonly value: string;
}

/** Which rows a view shows; what is left out does not filter. A record is shown whole if one of its lines matches. */
export interface LogFilter {
  /** All of them have to match the record. */
  readonly include?: readonly TextPattern[];
  /** None of them may. */
  readonly exclude?: readonly TextPattern[];
  /** This level or a more severe one; lines without a level count as `info`. */
  readonly level?: LogLevel;
  readonly fields?: readonly FieldCondition[];
  /** Ids of streams that are not shown. */
  readonly hiddenStreams?: readonly number[];
  /** Milliseconds since 1970: from (inclusive) to (exclusive). */
  readonly from?: number;
  readonly to?: number;
  /** Whether events of streams (connected, gap …) are left out, too. Default: shown whatever else is filtered. */
  readonly withoutEvents?: boolean;
}
