// What `scripts/suites.mjs` needs of a run of vitest, written to the file that MUSTER_TEST_REPORT names.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const seconds = (milliseconds = 0) => milliseconds / 1000;
/** A comparison's message shortens what it compared; the difference has it. */
const messages = (errors = []) =>
  errors.map(({ message, diff }) => stripVTControlCharacters([message, diff].filter(Boolean).join(' ')));

export default class TestReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const files = modules.map((module) => {
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
    });
    const report = { files, messages: messages(unhandledErrors) };
    writeFileSync(process.env.MUSTER_TEST_REPORT, JSON.stringify(report));
  }
}
