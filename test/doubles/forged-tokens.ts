import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyLike, type KeyObject } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { encoded, rawToken, signature, type TokenPart } from './raw-token.js';

/** An issuer the gateway trusts, with the key it signs with. */
export interface TrustedIssuer {
  readonly algorithm: string;
  readonly key: KeyLike;
  readonly publicKey: KeyObject | undefined;
  readonly keyId: string | undefined;
  /** Claims that are accepted. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly nowSeconds: number;
}

export interface ForgedToken {
  readonly name: string;
  readonly token: string;
}

const OTHER_RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const OTHER_EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OTHER_EDWARDS = generateKeyPairSync('ed25519');
const P256_ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

function goodHeader(issuer: TrustedIssuer): Record<string, unknown> {
  return { alg: issuer.algorithm, typ: 'JWT', ...(issuer.keyId === undefined ? {} : { kid: issuer.keyId }) };
}

export function goodToken(issuer: TrustedIssuer, claims: object = {}, header: object = {}): string {
  return truly(issuer, { ...goodHeader(issuer), ...header }, { ...issuer.claims, ...claims });
}

/** Tokens of which none may be accepted: wrong in their spelling, their header, their claims or their signature, and in nothing else. */
export function forgedTokens(issuer: TrustedIssuer, canaryUrl: string): ForgedToken[] {
  return [
    ...structures(issuer),
    ...algorithms(issuer),
    ...confusedKeys(issuer),
    ...keyIds(issuer),
    ...foreignKeys(issuer, canaryUrl),
    ...extensions(issuer),
    ...times(issuer),
    ...identities(issuer),
    ...signatures(issuer),
    ...encryptions(issuer),
  ];
}

function truly(issuer: TrustedIssuer, header: TokenPart, claims: TokenPart): string {
  return rawToken(header, claims, issuer.algorithm, issuer.key);
}

function structures(issuer: TrustedIssuer): ForgedToken[] {
  const good = goodToken(issuer);
  const [h = '', p = '', s = ''] = good.split('.');
  const header = goodHeader(issuer);
  const claims = issuer.claims;
  const spellings = ['', '.', '..', '...', h, `${h}.${p}`, `${h}.${p}.`, `.${p}.${s}`, `${h}..${s}`, `..${s}`, `${h}..`, `${good}.`, `.${good}`];
  for (const tail of ['x', 'x.y', 'x.y.z']) spellings.push(`${good}.${tail}`);
  for (const odd of ['=', '==', '\n', '\r\n', ' ', '\t', ',', ';', '"', '\0', '%00', '+', '/', '~', '\u212a', '\uff0e', '\u00e9']) {
    spellings.push(good + odd, odd + good, `${h}${odd}.${p}.${s}`, `${h}.${p}${odd}.${s}`, `${h}.${odd}${p}.${s}`);
  }
  spellings.push(`"${good}"`, `${good},${good}`, `${good} ${good}`, good.toUpperCase(), good.toLowerCase(), encoded(good));
  for (const part of [h, p, s]) {
    const twin = strayBits(part);
    if (twin !== undefined) spellings.push(good.replace(part, twin));
  }
  const objects = ['', 'null', '[]', '{}', '1', '"text"', 'true', '{', '{"a":1}x', ' ', 'undefined', "{'alg':'none'}"];
  const headers: TokenPart[] = [
    ...objects,
    [header],
    `\ufeff${JSON.stringify(header)}`,
    JSON.stringify(header).replace('{', `{"alg":"${issuer.algorithm}",`),
    JSON.stringify(header).replace('{', '{"alg":"none",'),
    JSON.stringify(header).replace('{', '{"\\u0061lg":"none",'),
    Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff, 0xc0]), Buffer.from(`",${JSON.stringify(header).slice(1)}`)]),
    { ...header, pad: 'x'.repeat(10_000) },
  ];
  const bodies: TokenPart[] = [
    ...objects,
    [claims],
    `\ufeff${JSON.stringify(claims)}`,
    JSON.stringify(claims).replace('{', '{"sub":"admin",'),
    JSON.stringify(claims).replace('{', '{"\\u0073ub":"admin",'),
    JSON.stringify(claims).replace(/}$/, ',"exp":99999999999}'),
    JSON.stringify(claims).replace(/}$/, ',"deep":{"a":1,"a":2}}'),
    Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(`",${JSON.stringify(claims).slice(1)}`)]),
    { ...claims, pad: 'x'.repeat(10_000) },
  ];
  return [
    ...spellings.map((token) => ({ name: `spelling ${JSON.stringify(token.slice(0, 12))}…${JSON.stringify(token.slice(-8))}`, token })),
    ...headers.map((part, index) => ({ name: `header text ${index}`, token: truly(issuer, part, claims) })),
    ...bodies.map((part, index) => ({ name: `claims text ${index}`, token: truly(issuer, header, part) })),
  ];
}

/** The same bytes in another spelling: bits of the last character that no byte uses. */
function strayBits(part: string): string | undefined {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  if (part.length % 4 === 0) return undefined;
  return part.slice(0, -1) + letters[letters.indexOf(part.slice(-1)) | 1];
}

function algorithms(issuer: TrustedIssuer): ForgedToken[] {
  const { algorithm } = issuer;
  const lookAlikes = [
    'none',
    'None',
    'nOnE',
    'NONE',
    '',
    `${algorithm}\0`,
    ` ${algorithm}`,
    `${algorithm} `,
    algorithm.toLowerCase() + 'x',
    `${algorithm}/none`,
  ];
  const odd: unknown[] = [
    ...lookAlikes,
    'HS1',
    'RS1',
    'ES256K',
    'dir',
    'A128KW',
    '__proto__',
    'constructor',
    undefined,
    null,
    0,
    true,
    [algorithm],
    { alg: algorithm },
  ];
  return odd.flatMap((alg, index) => {
    const header = { ...goodHeader(issuer), alg };
    const token = truly(issuer, header, issuer.claims);
    const unsigned = token.slice(0, token.lastIndexOf('.') + 1);
    return [
      { name: `alg ${index} truly signed`, token },
      { name: `alg ${index} unsigned`, token: unsigned },
      { name: `alg ${index} one byte`, token: `${unsigned}AA` },
    ];
  });
}

function confusedKeys(issuer: TrustedIssuer): ForgedToken[] {
  return publicSpellings(issuer.publicKey).flatMap((secret, index) =>
    ['HS256', 'HS384', 'HS512'].map((alg) => ({
      name: `${alg} with the public key, spelling ${index}`,
      token: rawToken({ ...goodHeader(issuer), alg }, issuer.claims, alg, secret),
    })),
  );
}

/** A public key as an attacker may know it. */
function publicSpellings(key: KeyObject | undefined): (string | Buffer)[] {
  if (key === undefined) return [];
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  const der = key.export({ type: 'spki', format: 'der' });
  const jwk = key.export({ format: 'jwk' });
  const pkcs1 =
    key.asymmetricKeyType === 'rsa' ? [key.export({ type: 'pkcs1', format: 'pem' }).toString(), key.export({ type: 'pkcs1', format: 'der' })] : [];
  const texts = [
    pem,
    pem.trim(),
    `${pem.trim()} `,
    `${pem}\n`,
    pem.replaceAll('\n', '\r\n'),
    pem.trim().replaceAll('\n', '\\n'),
    pem.replaceAll('\n', ''),
    ` ${pem}`,
  ];
  const members = Object.values(jwk).filter((value) => typeof value === 'string');
  return [
    ...texts,
    der,
    der.toString('base64'),
    der.toString('base64url'),
    der.toString('hex'),
    JSON.stringify(jwk),
    JSON.stringify({ keys: [jwk] }),
    ...members,
    ...pkcs1,
  ];
}

function keyIds(issuer: TrustedIssuer): ForgedToken[] {
  const texts = [
    '../../dev/null',
    '/dev/null',
    "x' UNION SELECT 'secret' --",
    'http://127.0.0.1:9999/k',
    'file:///etc/passwd',
    '__proto__',
    'constructor',
    'x'.repeat(2_000),
    '',
    '\0',
    '$(id)',
  ];
  const attackers = texts.flatMap((kid, index) => [
    { name: `kid ${index}, empty secret`, token: rawToken({ alg: 'HS256', typ: 'JWT', kid }, issuer.claims, 'HS256', '') },
    { name: `kid ${index}, secret is the kid`, token: rawToken({ alg: 'HS256', typ: 'JWT', kid }, issuer.claims, 'HS256', kid) },
    { name: `kid ${index}, foreign key`, token: byStranger(issuer, { kid }) },
  ]);
  const kinds: unknown[] = [1, 0, null, true, ['a'], { toString: 'a' }, [], {}, 'x'.repeat(5_000)];
  return [
    ...attackers,
    ...kinds.map((kid, index) => ({ name: `kid of another kind ${index}, truly signed`, token: goodToken(issuer, {}, { kid }) })),
  ];
}

/** Signed with the issuer's algorithm by somebody else's key. */
function byStranger(issuer: TrustedIssuer, header: object): string {
  return rawToken({ ...goodHeader(issuer), ...header }, issuer.claims, issuer.algorithm, strangersKey(issuer.algorithm));
}

function strangersKey(algorithm: string): KeyLike {
  if (algorithm.startsWith('HS')) return 'another secret of at least thirty-two bytes';
  if (algorithm.startsWith('ES')) return OTHER_EC.privateKey;
  return algorithm === 'EdDSA' ? OTHER_EDWARDS.privateKey : OTHER_RSA.privateKey;
}

function foreignKeys(issuer: TrustedIssuer, canaryUrl: string): ForgedToken[] {
  const key = strangersKey(issuer.algorithm);
  const jwk =
    typeof key === 'string'
      ? { kty: 'oct', k: Buffer.from(key).toString('base64url') }
      : createPublicKey(createPrivateKey((key as KeyObject).export({ type: 'pkcs8', format: 'pem' }))).export({ format: 'jwk' });
  const headers: Record<string, unknown>[] = [
    { jku: canaryUrl },
    { x5u: canaryUrl },
    { jku: canaryUrl, x5u: canaryUrl, kid: 'stranger' },
    { jwk },
    { jwk: { ...jwk, kid: 'stranger' }, kid: 'stranger' },
    { jwk: { ...jwk, alg: issuer.algorithm, use: 'sig' } },
    { x5c: [Buffer.from('certificate').toString('base64')] },
    { 'x5t#S256': 'AAAA', x5t: 'AAAA' },
    { kid: canaryUrl },
    { jku: canaryUrl, jwk, x5u: canaryUrl, x5c: [] },
  ];
  return headers.map((header, index) => ({ name: `key of the header ${index}`, token: byStranger(issuer, header) }));
}

function extensions(issuer: TrustedIssuer): ForgedToken[] {
  const headers: Record<string, unknown>[] = [
    { crit: [] },
    { crit: ['exp'], exp: 1 },
    { crit: ['http://example.com/unknown'], 'http://example.com/unknown': true },
    { crit: ['b64'], b64: false },
    { crit: ['b64'], b64: true },
    { crit: ['b64', 'b64'], b64: true },
    { crit: ['alg'] },
    { crit: 'b64' },
    { crit: null },
    { crit: {} },
    { b64: false },
    { b64: true },
    { zip: 'DEF' },
    { enc: 'A256GCM' },
  ];
  return headers.map((header) => ({ name: `header ${JSON.stringify(header)}`, token: goodToken(issuer, {}, header) }));
}

function times(issuer: TrustedIssuer): ForgedToken[] {
  const now = issuer.nowSeconds;
  const wrongKinds: unknown[] = [
    String(now + 600),
    '',
    null,
    true,
    [now + 600],
    { n: now + 600 },
    -1,
    -now,
    1e20,
    1e300,
    253_402_300_800,
    now * 1000,
  ];
  const claims: Record<string, unknown>[] = [
    { exp: undefined },
    { exp: 0 },
    { exp: now - 60 },
    { exp: now - 60.001 },
    { exp: now - 61 },
    { exp: now - 3_600 },
    { nbf: now + 61 },
    { nbf: now + 60.5 },
    { nbf: now + 3_600 },
    { iat: now + 61 },
    { iat: now + 3_600 },
    ...wrongKinds.flatMap((value) => [{ exp: value }, { nbf: value }, { iat: value }]),
  ];
  return [
    ...claims.map((claim) => ({ name: `time ${JSON.stringify(claim)}`, token: goodToken(issuer, claim) })),
    {
      name: 'exp beyond numbers',
      token: truly(issuer, goodHeader(issuer), JSON.stringify({ ...issuer.claims, exp: 0 }).replace('"exp":0', '"exp":1e999')),
    },
    {
      name: 'exp not a number',
      token: truly(issuer, goodHeader(issuer), JSON.stringify({ ...issuer.claims, exp: 0 }).replace('"exp":0', '"exp":NaN')),
    },
  ];
}

function identities(issuer: TrustedIssuer): ForgedToken[] {
  const iss = String(issuer.claims['iss']);
  const aud = String(issuer.claims['aud']);
  const claims: Record<string, unknown>[] = [
    ...[
      undefined,
      null,
      '',
      1,
      `${iss}/`,
      iss.slice(0, -1),
      iss.toUpperCase(),
      `${iss}.evil.example`,
      [iss],
      [iss, 'https://evil.example'],
      { iss },
    ].map((value) => ({ iss: value })),
    ...[
      undefined,
      null,
      '',
      1,
      `${aud}/`,
      aud.slice(0, -1),
      aud.toUpperCase(),
      [],
      ['other'],
      [`${aud} `],
      [aud, 1],
      [aud, null],
      [[aud]],
      { aud },
      `other ${aud}`,
      `${aud},other`,
    ].map((value) => ({ aud: value })),
    ...[undefined, null, '', 1, true, ['u'], { u: 1 }, '\ud800'].map((value) => ({ sub: value })),
    ...['ID', 'Refresh', 'Offline', 'Logout', '', 1, null, ['Bearer']].map((value) => ({ typ: value })),
    ...['id', 'refresh', '', null, ['access']].map((value) => ({ token_use: value })),
    { at_hash: 'x' },
    { c_hash: 'x' },
    ...['*', 'chat', 1, null, {}, { 0: 'chat' }, [1], ['chat', null], [['chat']], true].map((value) => ({ allowed_models: value })),
    ...['30', '', null, -1, 0.5, 1e20, true, [30], {}].map((value) => ({ rate_limit_per_minute: value })),
  ];
  const types: unknown[] = ['id_token', 'JWE', 'dpop+jwt', 'logout+jwt', 'JOSE', 'JWT ', '', 1, null, ['JWT'], {}];
  return [
    ...claims.map((claim) => ({ name: `claim ${JSON.stringify(claim)}`, token: goodToken(issuer, claim) })),
    ...types.map((typ) => ({ name: `typ ${JSON.stringify(typ)}`, token: goodToken(issuer, {}, { typ }) })),
  ];
}

function signatures(issuer: TrustedIssuer): ForgedToken[] {
  const good = goodToken(issuer);
  const signed = good.slice(0, good.lastIndexOf('.'));
  const bytes = Buffer.from(good.slice(signed.length + 1), 'base64url');
  const flipped = (at: number) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
  const forged: [string, Buffer][] = [
    ['zeros', Buffer.alloc(bytes.length)],
    ['ones', Buffer.alloc(bytes.length, 0xff)],
    ['one zero', Buffer.alloc(1)],
    ['every bit turned', Buffer.from(bytes.map((byte) => byte ^ 0xff))],
    ['first bit', flipped(0)],
    ['middle bit', flipped(bytes.length >> 1)],
    ['last bit', flipped(bytes.length - 1)],
    ['cut by one', bytes.subarray(0, -1)],
    ['cut in half', bytes.subarray(0, bytes.length >> 1)],
    ['without its first byte', bytes.subarray(1)],
    ['with a byte more', Buffer.concat([bytes, Buffer.alloc(1)])],
    ['with a byte before', Buffer.concat([Buffer.alloc(1), bytes])],
    ['twice', Buffer.concat([bytes, bytes])],
    ['backwards', Buffer.from(bytes).reverse()],
    ['of other claims', signature(`${signed}x`, issuer.algorithm, issuer.key)],
    ['of a stranger', signature(signed, issuer.algorithm, strangersKey(issuer.algorithm))],
  ];
  if (issuer.algorithm === 'ES256') {
    const half = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
    const r = BigInt(`0x${bytes.subarray(0, 32).toString('hex')}`);
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    const pair = (left: bigint, right: bigint) => Buffer.concat([half(left), half(right)]);
    forged.push(
      ['r negated', pair(P256_ORDER - r, s)],
      ['both negated', pair(P256_ORDER - r, P256_ORDER - s)],
      ['r zero', pair(0n, s)],
      ['s zero', pair(r, 0n)],
    );
    forged.push(['r of the order', pair(P256_ORDER, s)], ['swapped', pair(s, r)], ['r over the order', pair(r, P256_ORDER)]);
    forged.push(['DER', der(bytes)]);
  }
  const header = goodHeader(issuer);
  const mismatched = ['HS256', 'HS512', 'RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
    .filter((alg) => alg !== issuer.algorithm)
    .map((alg) => ({ name: `${alg} in the header of a ${issuer.algorithm} signature`, token: truly(issuer, { ...header, alg }, issuer.claims) }));
  return [...forged.map(([name, value]) => ({ name: `signature ${name}`, token: `${signed}.${value.toString('base64url')}` })), ...mismatched];
}

function der(raw: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    let start = 0;
    while (start < bytes.length - 1 && bytes[start] === 0) start++;
    const value = (bytes[start] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes.subarray(start)]) : bytes.subarray(start);
    return Buffer.concat([Buffer.from([2, value.length]), value]);
  };
  const body = Buffer.concat([integer(raw.subarray(0, raw.length / 2)), integer(raw.subarray(raw.length / 2))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function encryptions(issuer: TrustedIssuer): ForgedToken[] {
  const good = goodToken(issuer);
  const header = goodHeader(issuer);
  const bomb = deflateRawSync(Buffer.alloc(4_000_000, ' '));
  return [
    { name: 'JWE, direct', token: [{ alg: 'dir', enc: 'A256GCM' }, '', 'iv', 'text', 'tag'].map(encoded).join('.') },
    { name: 'JWE, key wrapped', token: [{ alg: 'RSA-OAEP', enc: 'A256GCM', zip: 'DEF' }, 'key', 'iv', 'text', 'tag'].map(encoded).join('.') },
    { name: 'JWE header over a signature', token: truly(issuer, { alg: 'dir', enc: 'A256GCM' }, issuer.claims) },
    { name: 'nested', token: truly(issuer, { ...header, cty: 'JWT' }, good) },
    { name: 'nested as a text', token: truly(issuer, header, JSON.stringify(good)) },
    { name: 'compressed', token: truly(issuer, { ...header, zip: 'DEF' }, deflateRawSync(JSON.stringify(issuer.claims))) },
    { name: 'compressed bomb', token: truly(issuer, { ...header, zip: 'DEF' }, bomb) },
    { name: 'longer than 8 KiB', token: goodToken(issuer, { pad: 'x'.repeat(6_100) }, { pad: 'x'.repeat(100) }) },
    { name: 'a megabyte', token: goodToken(issuer, { pad: 'x'.repeat(1_000_000) }) },
  ];
}
