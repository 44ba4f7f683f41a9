import { Range, type TextDocument, TextEditorRevealType, window, workspace, WorkspaceEdit } from 'vscode';

/** Puts the text into the document, unsaved and as one step that can be undone, and shows where. */
export async function editText(document: TextDocument, text: string, at: number): Promise<boolean> {
  const before = document.getText();
  let start = 0;
  while (start < before.length && before[start] === text[start]) start++;
  let length = 0;
  const longest = Math.min(before.length, text.length) - start;
  while (length < longest && before[before.length - 1 - length] === text[text.length - 1 - length]) length++;
  const change = new WorkspaceEdit();
  const range = new Range(document.positionAt(start), document.positionAt(before.length - length));
  change.replace(document.uri, range, text.slice(start, text.length - length));
  const editor = await window.showTextDocument(document);
  if (!(await workspace.applyEdit(change))) return false;
  const position = document.positionAt(at);
  editor.revealRange(new Range(position, position), TextEditorRevealType.InCenterIfOutsideViewport);
  return true;
}
