import { text } from '../../../../platform/l10n/l10n';
import type { Fact } from './fact';

const program = `
const fs = require("fs"), path = require("path");
const say = (...parts) => console.log(parts.map((part) => String(part).replace(/\\s+/g, " ")).join("\\t"));
say("=", "node", process.versions.node);
const root = path.resolve(fs.realpathSync(process.execPath), "../../lib/node_modules");
const read = (folder, name) => {
  try { say("=", "node " + name, JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")).version); }
  catch (error) { if (error.code !== "ENOENT") say("?", "node " + name, error.code === "EACCES" ? "denied" : "failed"); }
};
const list = (folder) => {
  try { return fs.readdirSync(folder); }
  catch (error) { if (error.code !== "ENOENT") say("?", "", error.code === "EACCES" ? "denied" : "failed", folder); return []; }
};
for (const name of list(root)) {
  if (name[0] === ".") continue;
  if (name[0] !== "@") read(path.join(root, name), name);
  else for (const one of list(path.join(root, name))) read(path.join(root, name, one), name + "/" + one);
}`.trim();

export const node: Fact = {
  name: 'node',
  description: text('Node.js with its global packages'),
  needs: text('node'),
  script: () => `
has node || return 0
unset NODE_OPTIONS NODE_PATH
node -e '${program}' || unseen '' failed node`,
};
