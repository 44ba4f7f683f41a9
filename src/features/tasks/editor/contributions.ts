import type { Contribution } from '../../../shell/editor/manifest/contribution';

export const tasksContribution = {
  others: {
    problemMatchers: [
      {
        name: 'muster',
        owner: 'muster-run',
        source: 'muster',
        fileLocation: ['absolute'],
        severity: 'error',
        pattern: {
          regexp: '^((?:/|[A-Za-z]:\\\\).*):(\\d+):(\\d+): (error|warning): (.*)$',
          file: 1,
          line: 2,
          column: 3,
          severity: 4,
          message: 5,
        },
      },
    ],
    taskDefinitions: [
      {
        type: 'muster',
        required: ['selector'],
        properties: {
          selector: { type: ['string', 'array'], items: { type: 'string' }, description: '%task.selector%' },
          command: { type: 'string', description: '%task.command%' },
          script: { type: 'string', description: '%task.script%' },
          inventory: { type: 'string', description: '%task.inventory%' },
          sudo: { type: 'boolean', default: false, description: '%task.sudo%' },
          become: { type: 'boolean', default: false, description: '%task.become%' },
          concurrency: {
            type: ['integer', 'string'],
            minimum: 1,
            maximum: 10000,
            description: '%task.concurrency%',
          },
          timeout: { type: 'string', description: '%task.timeout%' },
          serial: {
            type: ['integer', 'string', 'array'],
            items: { type: ['integer', 'string'] },
            description: '%task.serial%',
          },
          pause: { type: 'string', description: '%task.pause%' },
          maxFailures: { type: ['integer', 'string'], description: '%task.maxFailures%' },
          retries: { type: 'integer', minimum: 0, maximum: 100, description: '%task.retries%' },
          confirmOver: { type: 'integer', minimum: 0, description: '%task.confirmOver%' },
        },
      },
    ],
  },
} satisfies Contribution;
