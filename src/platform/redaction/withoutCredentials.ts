import { commandSecrets } from './commandSecrets';
import { keyFiles } from './keyFiles';
import { namedSecrets } from './namedSecrets';
import { pairedSecrets } from './pairedSecrets';
import { phraseSecrets } from './phraseSecrets';
import { keyKind } from './secretNames';
import { type Finder, hidden, type Span, withoutSpans } from './spans';
import { tokenForms } from './tokenForms';
import { bareUserInfo, parameters, userInfo } from './urlSecrets';

const finders: readonly Finder[] = [
  ...[userInfo, bareUserInfo, parameters, namedSecrets],
  ...[...commandSecrets, ...phraseSecrets, ...pairedSecrets, ...tokenForms, ...keyFiles],
];

/** Without any of these a text holds nothing that a finder finds, and most texts have none. */
const suspicious =
  /[-:=_@<{$]|pass|rootpw|masterauth|bindpw|identified|bearer|basic|negotiate|AKIA|ASIA|AIza|eyJ|hv[sbr]\.|SG\.|ya29|dapi|slack|discord/i;
const fullWidthSeparator = /[：＝]/;

/**
 * The text without what logs somebody in: users and passwords in URLs, values of headers, parameters, variables and
 * keys that are named after secrets, options of commands, tokens of well-known forms and private keys. Whatever is
 * shown, kept, logged or reported passes here once; what a host printed does not, as it is what was asked for. Best
 * effort: a secret without a name or a form is found only by who knows it (`Redactor`).
 */
export function withoutCredentials(text: string): string {
  const spans = secretSpans(text);
  return spans.length === 0 ? text : withoutSpans(text, spans);
}

/** The secrets themselves, as who has sent the text may get them back alone. */
export function credentialsIn(text: string): string[] {
  return secretSpans(text).map(([start, end]) => text.slice(start, end));
}

function secretSpans(text: string): Span[] {
  if (!suspicious.test(text) && !fullWidthSeparator.test(text)) return [];
  const spans: Span[] = [];
  for (const find of finders) for (const span of find(text)) spans.push(span);
  return spans;
}

/** The same for every text in a value, and for what a key says is a secret. */
export function valueWithoutCredentials<Value>(value: Value): Value {
  if (typeof value === 'string') return withoutCredentials(value) as Value;
  if (Array.isArray(value)) return value.map(valueWithoutCredentials) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      keyKind(key) ? withoutTexts(one) : valueWithoutCredentials(one),
    ]),
  ) as Value;
}

/** A secret, or a list of them, hidden; what else is below its key is looked through. */
function withoutTexts(value: unknown): unknown {
  if (typeof value === 'string') return hidden;
  return Array.isArray(value) ? value.map(withoutTexts) : valueWithoutCredentials(value);
}
