import { randomBytes } from 'node:crypto';

/** One part of a form. */
export interface FormPart {
  name: string;
  content: Buffer;
  /** The name of the file that it is from. */
  file?: string;
}

/** A form as multipart/form-data (RFC 7578), with its Content-Type. */
export function multipart(parts: readonly FormPart[]): { type: string; body: Buffer } {
  // As it is random, no content can hold it by chance or by intent.
  const boundary = `muster-${randomBytes(18).toString('base64url')}`;
  const pieces = parts.flatMap(({ name, content, file }) => {
    const place =
      file === undefined ? '' : `; filename="${quoted(file)}"\r\nContent-Type: application/octet-stream`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${place}\r\n\r\n`;
    return [Buffer.from(head), content, Buffer.from('\r\n')];
  });
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** As HTML has it: nothing in a name ends it, or its line. */
function quoted(name: string): string {
  return name.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');
}
