import { fail } from 'node:assert';
import type { FileSystemError } from 'vscode';

/** What a file system said instead of doing its work. */
export async function failureOf(work: Thenable<unknown>): Promise<FileSystemError> {
  try {
    await work;
  } catch (error) {
    return error as FileSystemError;
  }
  return fail('it did not fail');
}
