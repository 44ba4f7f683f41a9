/** What "Create Inventory" writes: valid as it is, every line explained. */
export const inventoryTemplate = `# The hosts of this folder. Completion and hover explain every key.
defaults:
  timeout: 800ms        # one check on one host, connecting included
  # ssh: { user: ops, identityFile: ~/.ssh/id_ed25519, proxyJump: bastion }

hosts:
  localhost: { address: 127.0.0.1, labels: { env: dev } }
  # web-[01:20]:
  #   address: "{name}.example.com"
  #   labels: { role: web, env: prod }

groups:
  dev: { select: "env=dev" }

checks:
  port: { type: tcp, port: 22 }
  # health: { type: http, on: role=web, url: "http://{address}:8080/health", expect: { status: 200 } }
  # disk:   { type: command, run: "df -P / | awk 'NR==2{print $5+0}'", expect: { value: { lt: 90 } } }

# imports:
#   - { sshConfig: ~/.ssh/config }
#   - { ansible: ./hosts.ini }
`;
