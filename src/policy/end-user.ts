import type { IncomingHttpHeaders } from 'node:http';
import { locateValue } from '../json/locate-value.js';
import type { FieldSpan, ObjectScan } from '../json/scan-object.js';

/**
 * Whom a request names as its end user: the fields `user` and `safety_identifier`, then `metadata.user_id`, then the headers by which
 * clients name a user or a session; the first that is a text of 1 to 1,024 bytes. It decides on which side of a route's shares he stays,
 * and nothing else: a client that makes it up moves itself alone. What is absent or of another kind is passed over, never refused.
 */
export function endUserOf(body: Buffer, fields: ObjectScan['fields'], headers: IncomingHttpHeaders): string | undefined {
  for (const name of FIELDS) {
    const user = textAt(body, fields.get(name));
    if (user !== undefined) return user;
  }
  const metadata = fields.get('metadata');
  if (metadata !== undefined) {
    const user = textAt(body, locateValue(body, metadata.start, ['user_id']));
    if (user !== undefined) return user;
  }
  for (const name of HEADERS) {
    const session = headers[name];
    if (typeof session === 'string' && session !== '' && session.length <= END_USER_BYTES_MAX) return session;
  }
  return undefined;
}

const FIELDS = ['user', 'safety_identifier'] as const;
/** Open WebUI's user, a general habit, Claude Code, Codex, Open WebUI's chat. With underscores instead they are other headers, and passed over. */
const HEADERS = ['x-openwebui-user-id', 'x-session-id', 'x-claude-code-session-id', 'session-id', 'x-openwebui-chat-id'] as const;
export const END_USER_BYTES_MAX = 1_024;
const QUOTE = 0x22;

function textAt(body: Buffer, span: FieldSpan | undefined): string | undefined {
  if (span === undefined || body[span.start] !== QUOTE) return undefined;
  const length = span.end - span.start - 2;
  return length > 0 && length <= END_USER_BYTES_MAX ? (JSON.parse(body.toString('utf8', span.start, span.end)) as string) : undefined;
}
