import { withoutCredentials } from '../../redaction/withoutCredentials';
import type { Problem, SourceRange } from '../model';

export type ProblemDetails = [
  severity: Problem['severity'],
  message: string,
  range: SourceRange,
  suggestion?: string,
  fixes?: Problem['fixes'],
];

/** Characters of a message that are kept: what it quotes may be anything. */
const longest = 4_000;

/** Without the keys of what there is not. */
export function problemOf(...[severity, message, range, suggestion, fixes]: ProblemDetails): Problem {
  return {
    ...{ severity, message: withoutCredentials(message.slice(0, longest)), range },
    ...(suggestion !== undefined && { suggestion }),
    ...(fixes && { fixes }),
  };
}

/** What is wrong with an inventory, as it is found. */
export class ProblemReport {
  private readonly problems: Problem[];

  constructor(found: readonly Problem[]) {
    this.problems = [...found];
  }

  get count(): number {
    return this.problems.length;
  }

  add(...details: ProblemDetails): void {
    this.problems.push(problemOf(...details));
  }

  /** In the order of the files, then by place; what two sections found alike is said once. */
  sorted(files: readonly string[]): Problem[] {
    const order = ({ range }: Problem) => [files.indexOf(range.file), range.line, range.column] as const;
    const key = ({ message, range }: Problem) => [range.file, range.line, range.column, message].join('\0');
    const distinct = [...new Map(this.problems.map((problem) => [key(problem), problem])).values()];
    return distinct.sort((left, right) => {
      const [a, b] = [order(left), order(right)];
      return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
    });
  }
}
