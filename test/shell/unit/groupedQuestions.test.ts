import { describe, expect, it, vi } from 'vitest';
import { GroupedQuestions } from '../../../src/shell/editor/prompts/groupedQuestions';

const patient = () => new AbortController().signal;

describe('Questions to the user', () => {
  it('that arrive together are asked once', async () => {
    const asked: (readonly string[])[] = [];
    const questions = new GroupedQuestions<string, string>((group) => {
      asked.push(group);
      return Promise.resolve('yes');
    }, 1);
    const hosts = Array.from({ length: 800 }, (_, index) => `host-${index}`);
    const answers = await Promise.all(hosts.map((host) => questions.answer(host, patient(), 'no')));
    expect(asked).toEqual([hosts]);
    expect(new Set(answers)).toEqual(new Set(['yes']));
  });

  it('that follow one another are asked once, and not put off for ever', async () => {
    vi.useFakeTimers();
    try {
      const asked: (readonly number[])[] = [];
      const questions = new GroupedQuestions<number, string>((group) => {
        asked.push(group);
        return Promise.resolve('yes');
      }, 250);
      for (let host = 0; host < 20; host++) {
        void questions.answer(host, patient(), 'no');
        await vi.advanceTimersByTimeAsync(200);
      }
      await vi.advanceTimersByTimeAsync(1000);
      expect(asked.flat()).toHaveLength(20);
      expect(asked.map(({ length }) => length)).toEqual([10, 10]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that arrive while the user is asked form the next group', async () => {
    const asked: (readonly string[])[] = [];
    const questions: GroupedQuestions<string, number> = new GroupedQuestions((group) => {
      asked.push(group);
      if (asked.length === 1) late = questions.answer('late', patient(), -1);
      return Promise.resolve(asked.length);
    }, 1);
    let late: Promise<number> | undefined;
    expect(await questions.answer('first', patient(), -1)).toBe(1);
    expect(await late).toBe(2);
    expect(asked).toEqual([['first'], ['late']]);
  });

  it('are not put when the one who asks has given up', async () => {
    const asked: (readonly string[])[] = [];
    const questions = new GroupedQuestions<string, string>((group) => {
      asked.push(group);
      return Promise.resolve('yes');
    }, 1);
    const hasty = new AbortController();
    const given = questions.answer('hasty', hasty.signal, 'no');
    const other = questions.answer('patient', patient(), 'no');
    hasty.abort();
    expect(await given).toBe('no');
    expect(await other).toBe('yes');
    expect(asked).toEqual([['patient']]);
    expect(await questions.answer('late', hasty.signal, 'no')).toBe('no');
  });
});
