import type { Answer, DecodedPacket } from 'dns-packet';
import { comparable, type RecordType } from './answerText';

/** A server that leads in a circle, or on and on. */
const mostAliases = 32;

type Alias = Extract<Answer, { data: string }>;

/**
 * The records of a type that an answer has for the name that was asked for, and the aliases (CNAME, DNAME) that lead to
 * them. What else a server adds is not about the question.
 */
export function recordsOf(
  { questions = [], answers = [] }: DecodedPacket,
  type: RecordType,
): { records: Answer[]; aliases: Answer[] } {
  const ofInternet = answers.filter((one) => 'class' in one && one.class === 'IN');
  const aliases: Answer[] = [];
  let name = comparable('CNAME', questions[0]?.name ?? '');
  for (;;) {
    const records = ofInternet.filter((one) => one.type === type && comparable('CNAME', one.name) === name);
    const alias = records.length === 0 ? ofInternet.find((one) => leadsOn(one, name)) : undefined;
    if (!alias || aliases.length === mostAliases) return { records, aliases };
    aliases.push(alias);
    name = targetOf(alias as Alias, name);
  }
}

function leadsOn({ type, name }: Answer, from: string): boolean {
  const owner = comparable('CNAME', name);
  return type === 'CNAME' ? owner === from : type === 'DNAME' && from.endsWith(`.${owner}`);
}

/** Of a DNAME, the rest of the name stays (RFC 6672). */
function targetOf({ type, name, data }: Alias, from: string): string {
  const target = comparable('CNAME', data);
  return type === 'CNAME' ? target : from.slice(0, from.length - comparable('CNAME', name).length) + target;
}
