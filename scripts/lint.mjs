// `npm run lint`: what the code may look like. The rules with types take as long as all else, which runs beside them.
import { execute } from './prerequisites.mjs';

const tool = (name, ...args) => execute('npm', ['exec', '--no', '--', name, ...args]);

async function others() {
  const formatting = await tool('prettier', '--check', '--log-level', 'warn', '.');
  const directions = await execute(process.execPath, ['scripts/checkDependencies.mjs']);
  const words = await execute(process.execPath, ['scripts/checkWords.mjs']);
  const declarations = await tool('knip');
  return formatting || directions || words || declarations;
}

const codes = await Promise.all([tool('eslint', '.'), others()]);
if (codes.some((code) => code !== 0)) process.exitCode = 1;
