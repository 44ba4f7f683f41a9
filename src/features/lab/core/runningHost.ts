import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import type { HostPlan, PlacedHost, ServiceName } from './fleetPlan';
import type { Certificate } from './certificates';
import { LoopbackService, type LabService } from './loopbackService';
import { settleAll } from './settle';
import { createWebApplication, type WebApplication } from './webService';

/** A lab host with everything that it serves. */
export class RunningHost {
  readonly web: WebApplication | undefined;
  private readonly services: Partial<Record<ServiceName, LabService>>;

  constructor(
    readonly plan: HostPlan,
    readonly address: string,
    parts: {
      ssh: LabService;
      certificate?: Certificate;
      preferredPorts: Readonly<Record<ServiceName, number>>;
    },
  ) {
    const serve = (name: ServiceName, server: Server): Partial<Record<ServiceName, LabService>> => ({
      [name]: new LoopbackService(server, address, parts.preferredPorts[name]),
    });
    this.web = plan.role === 'web' ? createWebApplication(plan) : undefined;
    this.services = {
      ssh: parts.ssh,
      ...(this.web && serve('http', createHttpServer(this.web.handle))),
      ...(this.web &&
        parts.certificate &&
        serve('https', createHttpsServer(parts.certificate, this.web.handle))),
      ...(plan.role === 'db' && serve('database', createGreeter(`220 ${plan.name} ready\r\n`))),
      ...(plan.role === 'cache' && serve('cache', createGreeter(''))),
    };
  }

  get placed(): PlacedHost {
    const ports = Object.entries(this.services).map(([name, service]) => [name, service.port]);
    return { ...this.plan, address: this.address, ports: Object.fromEntries(ports) as PlacedHost['ports'] };
  }

  async open(): Promise<void> {
    await settleAll(Object.values(this.services).map((service) => service.open()));
  }

  async close(): Promise<void> {
    await settleAll(Object.values(this.services).map((service) => service.close()));
  }
}

/** Says its greeting and listens to whatever comes. */
function createGreeter(greeting: string): Server {
  return createServer((socket) => {
    socket.resume();
    socket.write(greeting);
  });
}
