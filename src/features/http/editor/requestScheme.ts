/** The language of files of requests, whose id the extension REST Client has given it. */
export const requestLanguage = 'http';

/** Of documents that show responses. */
export const responseScheme = 'muster-http';
