import { EventEmitter, type SecretStorage } from 'vscode';

/** A SecretStorage that ends with the test. */
export function memoryStorage(): SecretStorage & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    keys: () => Promise.resolve([...values.keys()]),
    get: (name) => Promise.resolve(values.get(name)),
    store: (name, value) => Promise.resolve(void values.set(name, value)),
    delete: (name) => Promise.resolve(void values.delete(name)),
    onDidChange: new EventEmitter<never>().event,
  } as SecretStorage & { values: Map<string, string> };
}
