/** Whether an answer called tools: looks at the bytes, for most did not. An empty list of calls, or null, stands in every answer of some. */
export function holdsCalls(body: Buffer): boolean {
  for (let at = body.indexOf(KEY); at >= 0; at = body.indexOf(KEY, at)) {
    at += KEY.length;
    const colon = afterBlanks(body, at);
    const list = body[colon] === COLON ? afterBlanks(body, colon + 1) : colon;
    if (body[list] === OPEN_LIST && body[afterBlanks(body, list + 1)] === OPEN) return true;
  }
  return false;
}

const KEY = '"tool_calls"';
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const OPEN = 0x7b;
const SPACE = 0x20;

function afterBlanks(body: Buffer, from: number): number {
  let at = from;
  while (at < body.length && (body[at] ?? 0) <= SPACE) at += 1;
  return at;
}
