/** Text as Markdown that shows it as it is: no markup, no HTML, no link. Unlike `appendText` it leaves lines to wrap. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/[\\`*_{}[\]()#+\-.!|>~:@$=^"']/g, '\\$&');
}
