import { stringify } from 'yaml';
import { escapeUnsafe } from '../../../../shell/cli/output/jsonText';
import type { Format } from './format';

/** The document of `--json` as YAML. All texts are in quotes: none is taken for a number, a date or a tag. */
export const yaml: Format = function* (report) {
  const options = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 } as const;
  yield escapeUnsafe(stringify(report, { ...options, aliasDuplicateObjects: false }));
};
