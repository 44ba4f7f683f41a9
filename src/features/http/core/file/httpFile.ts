import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';

/** A piece of a body: lines as they are written, or a file. */
export type BodyPiece =
  | { readonly kind: 'text'; readonly text: string }
  /** `<@` has variables of the file filled in. */
  | { readonly kind: 'file'; readonly path: string; readonly line: number; readonly isTemplate: boolean };

/** A request as it is written, variables not filled in. Lines count from 1. */
export interface FileRequest {
  /** By `# @name`. */
  readonly name?: string;
  /** What follows `###`. */
  readonly title: string;
  /** Of its part of the file, between lines that begin with `###`. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** Of the request line. */
  readonly line: number;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string; readonly line: number }[];
  readonly body: readonly BodyPiece[];
  /** By `# @hosts`: from where to send it. */
  readonly hosts: readonly string[];
  /** By `# @expect`, one line of YAML each. */
  readonly expect: readonly { readonly text: string; readonly line: number }[];
  readonly followsRedirects: boolean;
  /** By `# @unix-socket`, `# @cacert`, `# @cert` and `# @key`: how the server is reached, and who sends. */
  readonly connection: Readonly<
    Partial<Record<ConnectionKey, { readonly text: string; readonly line: number }>>
  >;
  /** By `# @insecure`: any certificate is accepted. */
  readonly isInsecure: boolean;
}

/** Tags that say how to connect: their names are those of the options of `muster http`. */
const connectionTags = { 'unix-socket': 'socket', cacert: 'ca', cert: 'cert', key: 'key' } as const;
export type ConnectionKey = (typeof connectionTags)[keyof typeof connectionTags];
/** The second is that of httpYac. */
const insecureTags = ['insecure', 'no-reject-unauthorized'];

/** What is wrong with a file. */
export interface FileProblem {
  readonly line: number;
  readonly message: string;
}

/** A file of requests, as the REST Client and JetBrains have them. */
export interface HttpFile {
  readonly requests: readonly FileRequest[];
  readonly variables: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
  readonly problems: readonly FileProblem[];
}

const methods =
  /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|REPORT|SEARCH|PURGE)$/;
const variableLine = /^@([^\s=]+)\s*=\s*(.*?)\s*$/;
const comment = /^(?:#|\/\/)\s*(.*)$/;
const tag = /^@([\w-]+)(?:[\s=]+(.*?))?\s*$/;
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*:\s*(.*?)\s*$/;
const mostRequests = 10_000;
/** A request line among other lines: a method, and what only a URL begins with. */
const nextRequest = new RegExp(
  `${methods.source.slice(0, -1)}\\s+(?:https?://|\\{\\{|/)\\S*(?:\\s+HTTP/[\\d.]+)?\\s*$`,
);
const bareUrl = /^https?:\/\/\S+\s*$/;
/** Types of bodies that hold requests. */
const holdsRequests = /^(?:multipart\/|application\/http\b|message\/http\b)/i;

/** Reads a file of requests; what is sound of it is there whatever is wrong. */
export function parseHttpFile(text: string): HttpFile {
  const file = new FileReader();
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  for (const [index, line] of lines.entries()) file.take(line, index + 1);
  return file.end(lines.length);
}

type Draft = { -readonly [Key in keyof FileRequest]: FileRequest[Key] } & {
  headers: FileRequest['headers'][number][];
  body: BodyPiece[];
  hosts: string[];
  expect: FileRequest['expect'][number][];
  connection: { -readonly [Key in ConnectionKey]?: FileRequest['connection'][Key] };
};

class FileReader {
  private readonly requests: FileRequest[] = [];
  private readonly variables = new Map<string, { value: string; line: number }>();
  private readonly problems: FileProblem[] = [];
  private readonly names = new Set<string>();
  private draft = draftOf('', 1);
  private place: 'before' | 'headers' | 'body' | 'script' = 'before';

  take(line: string, number: number): void {
    const separator = /^###+(.*)$/.exec(line);
    if (separator) {
      this.finish(number - 1);
      this.draft = draftOf(separator[1]!.trim(), number);
    } else this[this.place](line, number);
  }

  /** @param lines how many the file has */
  end(lines: number): HttpFile {
    this.finish(lines);
    const { requests, variables, problems } = this;
    return { requests, variables, problems: [...problems].sort((a, b) => a.line - b.line) };
  }

  private before(line: string, number: number): void {
    const variable = variableLine.exec(line);
    if (line.trim() === '' || this.takeComment(line, number)) return;
    if (variable) this.define(variable[1]!, variable[2]!, number);
    else if (/^(?:<\s*\{%|>)/.test(line)) this.beginScript(line, number);
    else this.takeRequestLine(line.trim(), number);
  }

  private headers(line: string, number: number): void {
    if (line.trim() === '') {
      this.place = 'body';
      return;
    }
    const { draft } = this;
    if (/^\s/.test(line) && draft.headers.length === 0) {
      draft.url += line.trim();
      return;
    }
    if (this.takeComment(line, number)) return;
    if (nextRequest.test(line) || bareUrl.test(line)) return this.refuseNext(line, number);
    const [, name, value] = headerLine.exec(line.trim()) ?? [];
    if (name === undefined)
      this.refuse(number, t('“{0}” is not a header: an empty line ends them', printable(line, 60)));
    else draft.headers.push({ name, value: value!, line: number });
  }

  private body(line: string, number: number): void {
    const { body } = this.draft;
    if (this.isNext(line)) this.refuseNext(line, number);
    if (/^>(?:\s*\{%|>?!?\s+\S)/.test(line)) return this.beginScript(line, number);
    // Where JetBrains keeps answers.
    if (/^<>\s/.test(line)) return;
    const [, template, path] = /^<(@\w*)?\s+(\S.*?)\s*$/.exec(line) ?? [];
    if (path !== undefined)
      body.push({ kind: 'file', path, line: number, isTemplate: template !== undefined });
    else body.push({ kind: 'text', text: line });
  }

  /** Whether a line of a body looks like another request, which would be sent as a part of this one. */
  private isNext(line: string): boolean {
    const { method, body, headers } = this.draft;
    const isRequest = nextRequest.test(line) || (bareUrl.test(line) && /^(?:GET|HEAD)$/.test(method));
    if (!isRequest) return false;
    const before = body.findLast((piece) => piece.kind === 'file' || !comment.test(piece.text.trim()));
    const isApart = before === undefined || (before.kind === 'text' && before.text.trim() === '');
    const type = headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? '';
    return isApart && !holdsRequests.test(type);
  }

  private refuseNext(line: string, number: number): void {
    const text = t(
      '“{0}” looks like another request: write ### before it, or put the body into a file (< ./FILE)',
      printable(line.trim(), 60),
    );
    this.refuse(number, text);
  }

  /** Scripts would run with the rights of who sends; they are passed over, and that is said. */
  private beginScript(line: string, number: number): void {
    this.refuse(number, t('scripts are not run: write what you expect as “# @expect status: 200”'));
    if (line.includes('{%') && !line.includes('%}')) this.place = 'script';
  }

  private script(line: string): void {
    if (line.includes('%}')) this.place = this.draft.url === '' ? 'before' : 'body';
  }

  private takeRequestLine(line: string, number: number): void {
    const [, word, rest] = /^([A-Z]+)\s+(\S.*)$/.exec(line) ?? [];
    const isKnown = word !== undefined && methods.test(word);
    if (word !== undefined && !isKnown)
      this.refuse(number, t('“{0}” is not a method that is known', printable(word, 40)));
    const url = (isKnown ? rest! : line).replace(/\s+HTTP\/[\d.]+$/, '');
    // The line of a status is the beginning of an answer.
    const isUrl = /^(?!HTTP\/\d)(?:https?:\/\/|\{\{|\/|[\w.-]+[:/])/i.test(url);
    if (word === undefined && !isUrl)
      this.refuse(number, t('“{0}” is not a request: write METHOD URL', printable(line, 60)));
    Object.assign(this.draft, { method: isKnown ? word : 'GET', url, line: number });
    this.place = 'headers';
  }

  /** Whether it is one; some of them say something. */
  private takeComment(line: string, number: number): boolean {
    const [, text] = comment.exec(line.trim()) ?? [];
    if (text === undefined) return false;
    const [, word, value = ''] = tag.exec(text) ?? [];
    const { draft } = this;
    if (word === 'name') this.takeName(value, number);
    else if (word === 'hosts') draft.hosts.push(...value.split(/\s+/).filter(Boolean));
    else if (word === 'expect') draft.expect.push({ text: value, line: number });
    else if (word === 'no-redirect') draft.followsRedirects = false;
    else if (word !== undefined && insecureTags.includes(word)) draft.isInsecure = true;
    else if (word !== undefined && Object.hasOwn(connectionTags, word))
      this.takeConnection(word as keyof typeof connectionTags, value, number);
    return true;
  }

  private takeConnection(word: keyof typeof connectionTags, text: string, line: number): void {
    if (text === '') this.refuse(line, t('“# @{0}” names no file', word));
    else this.draft.connection[connectionTags[word]] = { text, line };
  }

  private takeName(name: string, number: number): void {
    if (!/^[\w-]+$/.test(name))
      this.refuse(number, t('“{0}” is not a name of letters, digits, “_” and “-”', printable(name, 60)));
    else if (this.names.has(name)) this.refuse(number, t('another request has the name “{0}”', name));
    else {
      this.names.add(name);
      this.draft.name = name;
    }
  }

  private define(name: string, value: string, line: number): void {
    const before = this.variables.get(name);
    if (before && before.value !== value)
      this.refuse(
        line,
        t('the variable “{0}” has another value in line {1}', printable(name, 60), before.line),
      );
    else this.variables.set(name, { value, line });
  }

  private finish(lastLine: number): void {
    const { draft } = this;
    draft.lastLine = lastLine;
    if (this.place === 'script') this.refuse(draft.line, t('a script has no end'));
    this.place = 'before';
    if (draft.url === '') {
      const [tagged] = draft.expect;
      if (tagged) this.refuse(tagged.line, t('there is no request that this is expected of'));
      return;
    }
    const { cert, key } = draft.connection;
    const alone = cert && key ? undefined : (cert ?? key);
    if (alone) this.refuse(alone.line, t('“# @cert” and “# @key” belong together'));
    const last = draft.body.findLastIndex((piece) => piece.kind === 'file' || piece.text.trim() !== '');
    draft.body.length = last + 1;
    if (this.requests.length < mostRequests) this.requests.push(draft);
    else if (this.requests.length === mostRequests)
      this.refuse(draft.line, t('a file has no more than {0} requests', mostRequests));
  }

  private refuse(line: number, message: string): void {
    this.problems.push({ line, message });
  }
}

function draftOf(title: string, firstLine: number): Draft {
  return {
    ...{ title: printable(title, 200), firstLine, lastLine: firstLine, line: 0, method: 'GET', url: '' },
    ...{ headers: [], body: [], hosts: [], expect: [], followsRedirects: true },
    ...{ connection: {}, isInsecure: false },
  };
}
