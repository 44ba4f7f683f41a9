import { describe, expect, it } from 'vitest';
import type { Uri } from 'vscode';
import { workspaceStorage } from '../../../src/shell/editor/workspaceStorage';

const storageUri = (fsPath: string) => ({ storageUri: { fsPath } as Uri });

describe('The storage of a workspace', () => {
  it.each([
    ['/data/workspaceStorage/0123456789abcdef0123456789abcdef/x.muster'],
    ['/data/workspaceStorage/0123456789abcdef0123456789abcdef-1/x.muster'],
    ['/data/workspaceStorage/0123456789abcdef0123456789abcdef-9/x.muster'],
  ])('is one folder for every extension host of it: %s', (path) => {
    expect(workspaceStorage(storageUri(path))).toBe(
      '/data/workspaceStorage/0123456789abcdef0123456789abcdef/x.muster',
    );
  });

  it('is not there where no workspace is open', () => {
    expect(workspaceStorage({ storageUri: undefined })).toBeUndefined();
  });
});
