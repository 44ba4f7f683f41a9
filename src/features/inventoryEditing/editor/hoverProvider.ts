import { type Disposable, Hover, languages, MarkdownString } from 'vscode';
import { printable } from '../../../platform/text/printable';
import type { Ports } from '../../../shell/editor/services';
import { escapeMarkdown } from '../../../shell/editor/hosts/escapeMarkdown';
import { lookupContext, schemaIsTold } from './completion';
import { type InventoryDocuments, inventoryFilter, rangeIn } from './inventoryDocuments';
import { NameHovers } from './nameHovers';

/** Hosts, groups and checks with their state; selectors with what they match; keys with what they mean. */
export function offerHover(
  documents: InventoryDocuments,
  services: Ports<'logger' | 'statusBar'>,
): Disposable {
  const names = new NameHovers(services);
  return languages.registerHoverProvider(inventoryFilter, {
    async provideHover(document, position, token) {
      if (!documents.isInventory(document)) return undefined;
      const offset = document.offsetAt(position);
      const joined = await documents.joined(document, token);
      const found = joined?.search.at(document.uri.fsPath, offset);
      const told = joined && found ? await names.of(joined, found) : [];
      const { hoverAt } = await import('../../../platform/inventory/schema/schemaLookup');
      const context = await lookupContext(documents, document);
      if (token.isCancellationRequested) return undefined;
      const looked = hoverAt(document.getText(), offset, context);
      if (found && told.length > 0) {
        // A term of a selector: the whole selects something else.
        const isPart =
          looked && looked.end - looked.start > found.occurrence.end - found.occurrence.start + 2;
        const facts = isPart && looked.facts.length > 0 ? [markdown('', looked.facts)] : [];
        return new Hover([...told, ...facts], rangeIn(document, found.occurrence));
      }
      const text = schemaIsTold() ? '' : (looked?.text ?? '');
      if (!looked || (text === '' && looked.facts.length === 0)) return undefined;
      return new Hover(markdown(text, looked.facts), rangeIn(document, looked));
    },
  });
}

/** `text` is ours; `facts` hold what the file says. */
function markdown(text: string, facts: readonly string[]): MarkdownString {
  const escaped = facts.map((fact) => escapeMarkdown(printable(fact, 500)));
  return new MarkdownString([...(text === '' ? [] : [text]), ...escaped].join('\n\n'));
}
