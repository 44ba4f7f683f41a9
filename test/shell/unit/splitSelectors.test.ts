import { describe, expect, it } from 'vitest';
import { splitSelectors } from '../../../src/shell/editor/commands/splitSelectors';

describe('A line of selectors', () => {
  it.each([
    ['web-*', ['web-*']],
    ['web-* db-1 !web-07', ['web-*', 'db-1', '!web-07']],
    ['role=web,env!=dev', ['role=web,env!=dev']],
    ['role=web, env=prod db-1', ['role=web, env=prod', 'db-1']],
    ['role in (web, db) @canary', ['role in (web, db)', '@canary']],
    ['env=prod, role in (web,db)', ['env=prod, role in (web,db)']],
    ['web-[01:20] web-[1-4,7]', ['web-[01:20]', 'web-[1-4,7]']],
    ['  ', []],
    ['broken (', ['broken', '(']],
  ])('%j is %j', (line, selectors) => {
    expect(splitSelectors(line)).toEqual(selectors);
  });
});
