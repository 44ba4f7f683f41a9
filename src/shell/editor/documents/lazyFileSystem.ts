import { Disposable, type Event, type FileChangeEvent, type FileSystemProvider, type Uri } from 'vscode';

/**
 * A file system that is loaded when it is first used. Nothing is polled for it: who owns it says in `onDidChangeFile`
 * what has changed, and may listen to it from when a file is on screen (`shown`).
 */
export function lazyFileSystem(
  load: () => Promise<Omit<FileSystemProvider, 'watch' | 'onDidChangeFile'>>,
  onDidChangeFile: Event<FileChangeEvent[]>,
  shown: (uri: Uri) => void = () => {},
): FileSystemProvider {
  return {
    onDidChangeFile,
    watch: (uri) => {
      shown(uri);
      return new Disposable(() => {});
    },
    stat: async (uri) => (await load()).stat(uri),
    readDirectory: async (uri) => (await load()).readDirectory(uri),
    readFile: async (uri) => (await load()).readFile(uri),
    writeFile: async (uri, content, options) => (await load()).writeFile(uri, content, options),
    createDirectory: async (uri) => (await load()).createDirectory(uri),
    delete: async (uri, options) => (await load()).delete(uri, options),
    rename: async (from, to, options) => (await load()).rename(from, to, options),
  };
}
