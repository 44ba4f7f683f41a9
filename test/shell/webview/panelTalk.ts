import { nextFrame } from './layout';

/** Takes what was sent of one type out of `sent`. */
export function takeSent<Message extends { type: string }, Type extends Message['type']>(
  sent: Message[],
  type: Type,
): Extract<Message, { type: Type }>[] {
  const found = sent.filter((message) => message.type === type);
  sent.splice(0, sent.length, ...sent.filter((message) => message.type !== type));
  return found as Extract<Message, { type: Type }>[];
}

/** Until a page is drawn and asks for nothing more; `answer` says whether it has answered anything. */
export async function untilSettled(answer: () => boolean): Promise<void> {
  do {
    await nextFrame();
    await nextFrame();
  } while (answer());
}
