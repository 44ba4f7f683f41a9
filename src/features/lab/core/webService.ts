import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { HostPlan, WebTemper } from './fleetPlan';

interface HealthAnswer {
  up: boolean;
  delayMs: number;
}

/** Longer than the health check of the lab's inventory waits. */
const slowAnswerMs = 4000;

/** How a host of each temper answers its n-th health request, n counting from 1. */
const tempers: Record<WebTemper, (request: number) => HealthAnswer> = {
  steady: () => ({ up: true, delayMs: 0 }),
  failing: () => ({ up: false, delayMs: 0 }),
  slow: () => ({ up: true, delayMs: slowAnswerMs }),
  // Down twice and up twice: who checks and then looks at once again, in another form, sees the same.
  flapping: (request) => ({ up: (request - 1) % 4 >= 2, delayMs: 0 }),
};

/** A web application with `/health`, `/metrics` and a front page. */
export interface WebApplication {
  handle: RequestListener;
  /** Whether the next health request will be answered well and in time. */
  nextHealthy(): boolean;
}

export function createWebApplication(plan: HostPlan): WebApplication {
  const startedAt = performance.now();
  const requests: Record<string, number> = { '/health': 0, '/metrics': 0, '/': 0 };
  const answerTo = (request: number): HealthAnswer => tempers[plan.temper](request);
  const uptimeSeconds = (): number => (performance.now() - startedAt) / 1000;

  const pages: Record<string, (response: ServerResponse) => void> = {
    '/health': (response) => {
      const { up, delayMs } = answerTo(requests['/health'] as number);
      const timer = setTimeout(() => {
        const body = {
          status: up ? 'up' : 'down',
          host: plan.name,
          uptimeSeconds: Math.floor(uptimeSeconds()),
        };
        send(response, up ? 200 : 503, 'application/json', `${JSON.stringify(body)}\n`);
      }, delayMs);
      response.on('close', () => clearTimeout(timer));
    },
    '/metrics': (response) =>
      send(
        response,
        200,
        'text/plain; version=0.0.4; charset=utf-8',
        metrics(plan, requests, uptimeSeconds()),
      ),
    '/': (response) => send(response, 200, 'text/plain; charset=utf-8', `${plan.name} of the Muster lab\n`),
  };

  return {
    handle: (request: IncomingMessage, response: ServerResponse) => {
      const path = (request.url ?? '/').split('?', 1)[0] as string;
      const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
      if (!page) return send(response, 404, 'text/plain; charset=utf-8', 'not found\n');
      requests[path] = (requests[path] ?? 0) + 1;
      page(response);
    },
    nextHealthy: () => {
      const { up, delayMs } = answerTo((requests['/health'] as number) + 1);
      return up && delayMs < slowAnswerMs;
    },
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Prometheus' text exposition format 0.0.4. */
function metrics(plan: HostPlan, requests: Record<string, number>, uptimeSeconds: number): string {
  return [
    '# HELP http_requests_total Requests answered since the start.',
    '# TYPE http_requests_total counter',
    ...Object.entries(requests).map(([path, count]) => `http_requests_total{path="${path}"} ${count}`),
    '# HELP jobs_processed_total Background jobs done since the start.',
    '# TYPE jobs_processed_total counter',
    `jobs_processed_total ${Math.floor(uptimeSeconds * (3 + (plan.diskPercent % 5)))}`,
    '# HELP disk_used_ratio Share of the disk in use.',
    '# TYPE disk_used_ratio gauge',
    `disk_used_ratio ${plan.diskPercent / 100}`,
    '# HELP process_uptime_seconds Time since the start.',
    '# TYPE process_uptime_seconds gauge',
    `process_uptime_seconds ${uptimeSeconds.toFixed(3)}`,
    '',
  ].join('\n');
}
