import type { Logger } from '../core/host';

/** Knows the secrets of this session and takes them out of text. */
export class Redactor {
  private readonly forms = new Set<string>();

  /** Remembers a secret in the forms in which it may turn up in a message. */
  add(secret: string): void {
    if (secret === '') return;
    this.forms.add(secret);
    this.forms.add(JSON.stringify(secret).slice(1, -1));
    this.forms.add(encodeURIComponent(secret));
    this.forms.add(Buffer.from(secret).toString('base64'));
  }

  redact(text: string): string {
    // The longest first: one secret may be part of another.
    const forms = [...this.forms].sort((a, b) => b.length - a.length);
    return forms.reduce((redacted, form) => redacted.replaceAll(form, '•••'), text);
  }
}

/** A logger without the secrets that `redactor` knows. */
export function redactingLogger(logger: Logger, redactor: Redactor): Logger {
  return {
    debug: (message) => logger.debug(redactor.redact(message)),
    info: (message) => logger.info(redactor.redact(message)),
    warn: (message) => logger.warn(redactor.redact(message)),
    error: (message) => logger.error(redactor.redact(message)),
  };
}
