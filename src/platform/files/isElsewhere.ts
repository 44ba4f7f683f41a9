/**
 * Whether a path leads to another machine or to a device in the naming of Windows: `\\server\share`, `//server/share`,
 * `\\.\pipe\…`, `\\?\…`. To open it there would send the user's credentials to the server.
 */
export function isElsewhere(path: string): boolean {
  return /^[\\/]{2}/.test(path);
}
