import { FileSystemError } from 'vscode';
import { errorReport } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import { FileError, type FileFailure } from '../../../platform/transport/files/fileError';

type Make = (message: string) => FileSystemError;

const kinds: Partial<Record<FileFailure, Make>> = {
  notFound: (message) => FileSystemError.FileNotFound(message),
  noPermission: (message) => FileSystemError.NoPermissions(message),
  exists: (message) => FileSystemError.FileExists(message),
  notADirectory: (message) => FileSystemError.FileNotADirectory(message),
};

/** What went wrong as VS Code understands it, with the host, the causes and what to do. */
export function toFileSystemError(error: unknown, host: string): FileSystemError {
  if (error instanceof FileSystemError) return error;
  const { message, causes, hint } = errorReport(error);
  // What a host only says in the words of its protocol, such as "Failure", adds nothing.
  const chain = error instanceof FileError ? [] : causes.map((cause) => printable(cause, 200));
  const text = [`${host}: ${message}`, ...chain, ...(hint === undefined ? [] : [hint])].join(' — ');
  const make = error instanceof FileError ? kinds[error.failure] : undefined;
  return make ? make(text) : FileSystemError.Unavailable(text);
}
