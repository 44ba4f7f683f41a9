import { type Disposable, languages, type TextDocument, workspace } from 'vscode';
import { watchedValueScheme } from '../watch/watchTarget';
import { etcdScheme, etcdValueScheme, readEtcdUri } from './etcdUri';

const schemes = [etcdScheme, etcdValueScheme, watchedValueScheme];

/**
 * Gives documents of values the language that their content tells, where the suffix of their key tells none; once, for
 * whoever chooses another one has it stay.
 */
export function valueLanguages(): Disposable {
  const seen = new WeakSet<TextDocument>();
  const look = async (document: TextDocument) => {
    const { uri, languageId } = document;
    if (!schemes.includes(uri.scheme) || languageId !== 'plaintext' || seen.has(document)) return;
    seen.add(document);
    const [{ valueLanguage }, { isHexDump }] = await Promise.all([
      import('../../core/keys/valueText'),
      import('../../core/keys/hexDump'),
    ]);
    const text = document.getText();
    const name = readEtcdUri(uri);
    if (!name || isHexDump(text)) return;
    const language = valueLanguage(name.key, text);
    if (language === 'plaintext' || !(await languages.getLanguages()).includes(language)) return;
    if (!document.isClosed) await languages.setTextDocumentLanguage(document, language);
  };
  return workspace.onDidOpenTextDocument((document) => void look(document));
}
