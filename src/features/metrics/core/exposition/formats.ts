/** The formats of pages with metrics that are read. */
export type ExpositionFormat = 'prometheus' | 'openmetrics';

/** What to ask for, the most telling first. */
export const acceptedFormats =
  'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/**
 * The format that a Content-Type names; undefined if it is none of them. What was asked for says nothing: servers answer
 * `text/plain` to those who accept OpenMetrics.
 */
export function formatOf(contentType: string | undefined): ExpositionFormat | undefined {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice('version='.length);
  const isOneOf = (...versions: string[]) =>
    version === undefined || versions.includes(version.replaceAll('"', ''));
  // Small exporters leave the header out, or the version.
  if (type === '' || type === 'text/plain') return isOneOf('0.0.4', '1.0.0') ? 'prometheus' : undefined;
  if (type === 'application/openmetrics-text') return isOneOf('0.0.1', '1.0.0') ? 'openmetrics' : undefined;
  return undefined;
}
