import { GatewayError } from '../../contracts/gateway-error.js';
import type { FilePart, ImagePart, JsonObject, Media } from '../neutral/neutral-request.js';

/** Bytes, or an object in S3 that the model's account may read; Bedrock fetches nothing else. */
export function writeImage({ media }: Pick<ImagePart, 'media'>): JsonObject {
  if (!('base64' in media)) return { image: { format: formatOfName(media) ?? 'png', source: stored(media, 'images') } };
  const format = SNIFFED.find(([start]) => media.base64.startsWith(start))?.[1] ?? IMAGES[media.mime.toLowerCase()];
  if (format === undefined) throw refused(`This model takes PNG, JPEG, GIF and WebP images; one of the type ${media.mime} is not taken.`);
  return { image: { format, source: { bytes: media.base64 } } };
}

/** `names`: of the documents before it; each has to have another. */
export function writeDocument({ media, name }: FilePart, names: Set<string>): JsonObject {
  if ('base64' in media && media.mime.startsWith('image/')) return writeImage({ media });
  const format = 'base64' in media ? (DOCUMENTS[media.mime.toLowerCase()] ?? formatOfName({ url: name ?? '' })) : formatOfName(media);
  if (format === undefined)
    throw refused('This model reads files of the types PDF, CSV, DOC, DOCX, XLS, XLSX, HTML, TXT and MD; another one is not taken.');
  const source = 'base64' in media ? { bytes: media.base64 } : stored(media, 'files');
  return { document: { format, name: freeName(name, names), source } };
}

/** Bedrock trusts the bytes, not the type that is told: so do we where they begin as these do. */
const SNIFFED: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'png'],
  ['/9j/', 'jpeg'],
  ['R0lGOD', 'gif'],
  ['UklGR', 'webp'],
];
const IMAGES: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};
const DOCUMENTS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/plain': 'txt',
  'application/json': 'txt',
  'text/markdown': 'md',
};
const NAMED = /\.(png|jpe?g|gif|webp|pdf|csv|docx?|xlsx?|html?|txt|md)(?:$|[?#])/i;
const SPELLINGS: Readonly<Record<string, string>> = { jpg: 'jpeg', htm: 'html' };

function formatOfName(media: Exclude<Media, { readonly base64: string }>): string | undefined {
  const ending = NAMED.exec('url' in media ? media.url : media.fileId)?.[1]?.toLowerCase();
  return ending === undefined ? undefined : (SPELLINGS[ending] ?? ending);
}

function stored(media: Exclude<Media, { readonly base64: string }>, what: string): JsonObject {
  const uri = 'url' in media ? media.url : media.fileId;
  if (!uri.startsWith('s3://'))
    throw refused(`This model fetches no ${what}: send the bytes, as a data URL (data:<type>;base64,…), or an address that begins with s3://.`);
  return { s3Location: { uri } };
}

/** Letters, digits, single spaces, hyphens, parentheses and square brackets are all that a name may hold. */
function freeName(name: string | undefined, names: Set<string>): string {
  const plain = (name ?? '')
    .replaceAll(/[^A-Za-z0-9\s()[\]-]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, NAME_LENGTH_MAX);
  const wanted = plain === '' ? 'document' : plain;
  let free = wanted;
  for (let count = 2; names.has(free); count++) free = `${wanted}-${count}`;
  names.add(free);
  return free;
}

const NAME_LENGTH_MAX = 190;

function refused(message: string): GatewayError {
  return new GatewayError('invalid_value', message, { param: 'messages' });
}
