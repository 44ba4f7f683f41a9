/** What scripts/build.mjs writes the man page from. */
export { programOf } from '../shell/cli/program';
export { commands } from './commands';
