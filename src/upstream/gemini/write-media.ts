import type { Media } from '../neutral/neutral-request.js';
import type { JsonObject } from '../openai/json-value.js';

/** Bytes as they are; an address for Google to fetch, with the type that the client or its name tells. */
export function writeMedia(media: Media): JsonObject {
  if ('base64' in media) return { inlineData: { mimeType: media.mime, data: media.base64 } };
  const fileUri = 'url' in media ? media.url : media.fileId;
  const told = 'url' in media ? media.mime : undefined;
  const mimeType = told ?? TYPES[/\.([a-z0-9]{2,5})(?:$|[?#])/i.exec(fileUri)?.[1]?.toLowerCase() ?? ''];
  return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri } };
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  json: 'application/json',
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  md: 'text/markdown',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  aac: 'audio/aac',
  mp4: 'video/mp4',
  mov: 'video/mov',
  webm: 'video/webm',
  mpeg: 'video/mpeg',
  avi: 'video/avi',
  wmv: 'video/wmv',
};
