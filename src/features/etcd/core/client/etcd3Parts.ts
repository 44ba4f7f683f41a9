// What is used of etcd3 and the libraries below it. As modules of CommonJS they have names for static imports only, so
// this file is what is loaded on demand.
import * as grpc from '@grpc/grpc-js';
import { noop } from 'cockatiel';
import { Host } from 'etcd3/lib/connection-pool.js';
import { EndpointSockets } from './endpointSockets';

export { EndpointSockets, grpc, Host, noop };
