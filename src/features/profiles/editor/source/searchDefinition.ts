import { l10n, ProgressLocation, type Uri, window, workspace } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import { bareName } from '../../core/sources/bareName';
import { definitionIn, surely } from '../../core/sources/definitionIn';

/** Languages whose programs perf names functions of without their files. */
const sources = '**/*.{c,cc,cpp,cxx,c++,h,hh,hpp,hxx,inl,ipp,tpp,cu,go,rs,swift,zig,d,m,mm}';
const notSources = '**/{node_modules,.git,target,third_party}/**';
/** Files that are looked into, and bytes of each. */
const mostFiles = 5000;
const mostBytes = 2_000_000;
const atOnce = 16;

/** Where the files of the workspace seem to define a function: the best guesses, which are alike. */
export async function searchDefinition(name: string): Promise<{ uri: Uri; line: number }[]> {
  const title = l10n.t('Looking for {0}…', printable(bareName(name), 100));
  const options = { location: ProgressLocation.Window, title, cancellable: false };
  return window.withProgress(options, async () => {
    const uris = await workspace.findFiles(sources, notSources, mostFiles);
    const found: { uri: Uri; line: number; weight: number }[] = [];
    const decoder = new TextDecoder();
    const look = async (uri: Uri) => {
      const { size } = await workspace.fs.stat(uri);
      if (size > mostBytes) return;
      const definition = definitionIn(decoder.decode(await workspace.fs.readFile(uri)), name);
      if (definition && definition.weight >= surely) found.push({ uri, ...definition });
    };
    for (let at = 0; at < uris.length; at += atOnce)
      // A file that is gone, or that may not be read, defines nothing.
      await Promise.allSettled(uris.slice(at, at + atOnce).map(look));
    const most = Math.max(...found.map(({ weight }) => weight));
    return found.filter(({ weight }) => weight === most);
  });
}
