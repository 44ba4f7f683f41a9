import { afterEach, beforeEach } from 'vitest';
import { testBegins, testEnds } from './openMuster';

beforeEach(testBegins);
afterEach(({ task }) => testEnds(task.result?.state === 'fail' ? task.name : undefined));
