/** What sockets are ended with that got no answer, by how far they came. gRPC passes on nothing but the text. */
export const unaccepted = 'ETIMEDOUT before the connection';
export const unanswered = 'ETIMEDOUT before the first byte';
