import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type net from 'node:net';
import { type AuthContext, type Connection, Server } from 'ssh2';

export interface PasswordServer extends AsyncDisposable {
  port: number;
  /** What the client tried, e.g. `password:wrong`. */
  readonly tried: string[];
}

interface Prompt {
  prompt: string;
  echo: boolean;
}

/**
 * sshd cannot check passwords without real accounts: this server takes `secret`, and runs nothing. With `thenPassword`
 * it wants the password after the answers.
 */
export async function startPasswordServer(
  hostKeyFile: string,
  methods: readonly ('password' | 'keyboard-interactive')[],
  prompts: readonly Prompt[] = [{ prompt: 'Password: ', echo: false }],
  answers: readonly string[] = ['secret'],
  thenPassword = false,
  listenPort = 0,
): Promise<PasswordServer> {
  const tried: string[] = [];
  const connections = new Set<Connection>();
  const authenticate = (context: AuthContext) => {
    if (context.method === 'password') {
      tried.push(`password:${context.password}`);
      if (context.password === 'secret' && (thenPassword || methods.includes('password')))
        return context.accept();
      if (thenPassword) return context.reject(['password']);
    } else if (context.method === 'keyboard-interactive' && methods.includes('keyboard-interactive')) {
      return context.prompt([...prompts], (given) => {
        tried.push(`answers:${given.join(',')}`);
        if (given.join() === answers.join()) {
          if (thenPassword) context.reject(['password'], true);
          else context.accept();
        } else context.reject([...methods]);
      });
    } else tried.push(context.method);
    context.reject([...methods]);
  };
  const server = new Server({ hostKeys: [await readFile(hostKeyFile)] }, (connection) => {
    connections.add(connection);
    connection.on('error', () => {}).on('close', () => connections.delete(connection));
    connection.on('authentication', authenticate);
    connection.on('session', (accept) => {
      accept().once('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.write('in\n');
        channel.exit(0);
        channel.end();
      });
    });
  });
  server.listen(listenPort, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    tried,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.end();
      server.close();
      await once(server, 'close');
    },
  };
}
