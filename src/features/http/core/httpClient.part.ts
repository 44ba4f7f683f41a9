/** HTTP/1.1 and HTTP/2 over any stream: a bundle of its own, which is read when a request is sent. */
import Client from 'undici/lib/dispatcher/client.js';

export { Client };
