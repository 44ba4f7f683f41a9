import { dirname } from 'node:path';
import { l10n, type TextDocument, Uri, window, workspace } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import type { FileRequest, HttpFile } from '../core/file/httpFile';
import { requestLanguage } from './requestScheme';

/** Where a request is: any line of it, counted from 1. */
export interface RequestPlace {
  readonly uri: string;
  readonly line: number;
}

/** A request of an open file. */
export interface OpenRequest {
  readonly document: TextDocument;
  readonly file: HttpFile;
  readonly request: FileRequest;
  /** Where files that it names are; undefined before it is saved. */
  readonly folder: string | undefined;
}

/** UTF-16 units of the largest file that is read while somebody types in it. */
const longest = 8 * 1024 ** 2;

/** What open files of requests say, read once for each version. */
export class RequestFiles {
  private readonly readings = new WeakMap<TextDocument, { version: number; file: Promise<HttpFile> }>();

  /** With the problems of what is expected. */
  of(document: TextDocument): Promise<HttpFile> {
    const { version } = document;
    const known = this.readings.get(document);
    if (known?.version === version) return known.file;
    const file = read(document.getText());
    this.readings.set(document, { version, file });
    return file;
  }

  /** The request that is given, or that the cursor is in. @throws MusterError USAGE */
  async at(given: unknown): Promise<OpenRequest> {
    const place = isPlace(given) ? given : cursorPlace();
    const document = await workspace.openTextDocument(Uri.parse(place.uri, true));
    const file = await this.of(document);
    const request = file.requests.find(
      ({ firstLine, lastLine }) => firstLine <= place.line && place.line <= lastLine,
    );
    if (!request) throw new MusterError('USAGE', l10n.t('The cursor is not in a request.'));
    const folder = document.uri.scheme === 'file' ? dirname(document.uri.fsPath) : undefined;
    return { document, file, request, folder };
  }
}

/** Whether it is a file of requests that is not too large to be read again and again. */
export function isRequestFile(document: TextDocument): boolean {
  const { languageId, uri } = document;
  const isOurs = languageId === requestLanguage && ['file', 'untitled'].includes(uri.scheme);
  return isOurs && document.offsetAt(document.lineAt(document.lineCount - 1).range.end) <= longest;
}

/** As in the shell, a file that cannot be read as a whole is not sent in part. @throws MusterError USAGE */
export function refuseProblems({ file: { problems } }: OpenRequest): void {
  const [first] = problems;
  if (!first) return;
  throw new MusterError(
    'USAGE',
    l10n.t('The file has problems, so nothing was sent. Line {0}: {1}', first.line, first.message),
  );
}

/** @throws MusterError USAGE where a file that is named lies beside one that has no folder */
export function folderOf({ folder }: OpenRequest, steps: readonly FileRequest[]): string {
  if (folder !== undefined) return folder;
  const namesNone = ({ body, connection: { ca, cert, key } }: FileRequest) =>
    body.every(({ kind }) => kind === 'text') && !ca && !cert && !key;
  if (steps.every(namesNone)) return '/';
  throw new MusterError('USAGE', l10n.t('Save the file first: what it names is looked for in its folder.'));
}

async function read(text: string): Promise<HttpFile> {
  const [{ parseHttpFile }, { expectationsOf }] = await Promise.all([
    import('../core/file/httpFile'),
    import('../core/file/expectations'),
  ]);
  const file = parseHttpFile(text);
  const problems = [
    ...file.problems,
    ...file.requests.flatMap((request) => expectationsOf(request).problems),
  ];
  return { ...file, problems: problems.sort((a, b) => a.line - b.line) };
}

function isPlace(value: unknown): value is RequestPlace {
  const { uri, line } = (value ?? {}) as Partial<Record<keyof RequestPlace, unknown>>;
  return typeof uri === 'string' && typeof line === 'number';
}

function cursorPlace(): RequestPlace {
  const editor = window.activeTextEditor;
  if (editor?.document.languageId !== requestLanguage)
    throw new MusterError('USAGE', l10n.t('No file of requests is open.'), {
      hint: l10n.t('Its name ends with .http or .rest, or its language is HTTP.'),
    });
  return { uri: editor.document.uri.toString(), line: editor.selection.active.line + 1 };
}
