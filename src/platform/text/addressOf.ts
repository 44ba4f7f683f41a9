/** The URL's host; an IPv6 address loses its brackets. */
export function addressOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}
