/** Between the tests of threads and the worker that they start. */
export interface CountingContract {
  data: { start: number; fails?: boolean };
  methods: {
    add(count: number): number;
    /** Answers with what it was given; its first byte is one more. */
    raise(bytes: ArrayBuffer): ArrayBuffer;
    fail(): void;
    /** Answers with a function, which cannot be sent. */
    unsendable(): unknown;
    /** Ends when it is cancelled, with the reason. */
    wait(signal: AbortSignal): Promise<never>;
    /** Throws where nobody catches it. */
    die(): Promise<void>;
    /** Ends the thread without a word. */
    leave(): void;
    /** Reports each number. */
    count(times: number): void;
  };
  news: { counted(number: number): void; waiting(): void };
}
