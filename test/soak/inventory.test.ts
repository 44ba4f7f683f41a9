import { it } from 'vitest';
import { checksAll } from '../harness/manyHosts';

it('An inventory of 1,000 hosts is checked with all rows in their final state', () => checksAll(1000));
