import { validate } from '../../../../platform/inventory/validation';
import { type YamlSource, parsingYaml } from '../../../../platform/inventory/yaml/yamlSource';
import { type ExpectedResponse, expectSchema } from '../../../checks/core/http/judgeResponse';
import type { FileProblem, FileRequest } from './httpFile';

/** What the lines `# @expect` of a request come to: those of a check, in YAML. Undefined without any, or with problems. */
export function expectationsOf({ expect }: FileRequest): {
  expected?: ExpectedResponse;
  /** The same as it is written. */
  written?: unknown;
  problems: readonly FileProblem[];
} {
  if (expect.length === 0) return { problems: [] };
  const reading = parsingYaml(expect.map(({ text }) => text).join('\n'), '');
  let step = reading.next();
  while (!step.done) step = reading.next();
  const source: YamlSource = step.value;
  const fallback = source.rangeBetween(0, 0);
  const located = { node: source.root, value: source.plain(source.root), fallback };
  const duplicate = source.problems.length > 0 ? undefined : validate(source, expectSchema, located);
  const problems = source.problems.map(({ message, range }) => ({
    line: expect[Math.min(range.line, expect.length) - 1]!.line,
    message,
  }));
  return problems.length > 0 ? { problems } : { expected: duplicate!, written: located.value, problems };
}
