// What `scripts/suites.mjs` needs of a run of vitest, written to the file that MUSTER_TEST_REPORT names: when the run
// ends, or after MUSTER_TEST_SECONDS with what was still running, since nobody waits for a test that hangs.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const seconds = (milliseconds = 0) => milliseconds / 1000;
/** A comparison's message shortens what it compared; the difference has it. */
const messages = (errors = []) =>
  errors.map(({ message, diff }) => stripVTControlCharacters([message, diff].filter(Boolean).join(' ')));

export default class TestReporter {
  #running = new Map();
  #ended = [];
  #limit = Number(process.env.MUSTER_TEST_SECONDS);
  #timer;

  onTestRunStart() {
    this.#timer = setTimeout(() => this.#stop(), this.#limit * 1000);
  }

  onTestModuleStart(module) {
    this.#running.set(module.moduleId, relative('.', module.moduleId));
  }

  onTestCaseReady({ module, fullName }) {
    this.#running.set(module.moduleId, `${relative('.', module.moduleId)} > ${fullName}`);
  }

  onTestModuleEnd(module) {
    this.#running.delete(module.moduleId);
    this.#ended.push(module);
  }

  onTestRunEnd(modules, unhandledErrors) {
    clearTimeout(this.#timer);
    write(modules.map(fileReport), messages(unhandledErrors));
  }

  #stop() {
    const running = [...this.#running.values()].join(', ') || 'no test';
    const message = `still running after ${this.#limit} s: ${running}`;
    console.error(message);
    write(this.#ended.map(fileReport), [message]);
    process.exit(1);
  }
}

function fileReport(module) {
  const { duration, collectDuration, setupDuration } = module.diagnostic();
  const tests = [...module.children.allTests()].map((test) => {
    const { state, errors } = test.result();
    return {
      name: test.fullName,
      state,
      messages: messages(errors),
      seconds: seconds(test.diagnostic()?.duration),
    };
  });
  // Hooks of a describe block that fail do so in its name.
  const suites = [...module.children.allSuites()].flatMap((suite) => messages(suite.errors()));
  return {
    name: relative('.', module.moduleId),
    // Hooks and imports are a part of it.
    seconds: seconds(duration + collectDuration + setupDuration),
    messages: [...messages(module.errors()), ...suites],
    tests,
  };
}

function write(files, messages) {
  writeFileSync(process.env.MUSTER_TEST_REPORT, JSON.stringify({ files, messages }));
}
