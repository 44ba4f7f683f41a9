import { describe, expect, it } from 'vitest';
import { planFleet, type WebTemper } from '../../../src/lab/fleetPlan';
import { createWebApplication } from '../../../src/lab/webService';

describe('a web application of the lab', () => {
  it.each<[WebTemper, boolean]>([
    ['steady', true],
    ['failing', false],
    ['slow', false],
    ['flapping', false],
  ])('that is %s is healthy at first: %s', (temper, healthy) => {
    const plan = { ...planFleet(3)[0]!, temper };
    expect(createWebApplication(plan).nextHealthy()).toBe(healthy);
  });
});
