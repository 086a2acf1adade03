import type { AudioPart, CacheMark, FilePart, ImagePart, Media, RefusalPart, TextPart } from '../neutral/neutral-request.js';
import { isBase64, readMedia } from '../neutral/read-media.js';
import type { RequestValue } from '../neutral/request-value.js';
import { readCacheMark } from './read-chat-tools.js';

/** `content`: a text, or a list of parts. null is none. Empty texts say nothing and are left out. */
export function readChatContent(content: RequestValue): (TextPart | ImagePart | FilePart | AudioPart | RefusalPart)[] {
  if (content.isAbsent) return [];
  if (content.isText) return textParts(content.text(), undefined);
  if (!content.isList) return content.wrong('a text or a list of parts');
  return content.list().flatMap(readChatPart);
}

/** One of the list. */
export function readChatPart(part: RequestValue): (TextPart | ImagePart | FilePart | AudioPart | RefusalPart)[] {
  const cache = readCacheMark(part.member('cache_control'));
  const type = part.member('type');
  switch (part.isObject ? type.text() : part.wrong('an object')) {
    case 'text':
      return textParts(part.member('text').text(), cache);
    case 'refusal':
      return [{ kind: 'refusal', text: part.member('refusal').text() }];
    case 'image_url':
      return [readImage(part.member('image_url'), cache)];
    case 'input_audio':
      return [readAudio(part.member('input_audio'))];
    case 'file':
      return [readFile(part.member('file'), cache)];
    // As Mistral's users write a file, and OpenRouter's a film.
    case 'document_url':
    case 'video_url':
      return [readAddressed(part, part.member(type.text()), cache)];
  }
  return type.refuse('a part is one of text, image_url, input_audio, file, document_url, video_url, refusal.');
}

/** The content of a role that can only speak. */
export function readTexts(content: RequestValue): TextPart[] {
  const parts = readChatContent(content);
  return parts.every((part) => part.kind === 'text') ? parts : content.refuse('only text parts can stand here.');
}

function textParts(text: string, cache: CacheMark | undefined): TextPart[] {
  return text === '' ? [] : [{ kind: 'text', text, ...(cache && { cache }) }];
}

function readImage(image: RequestValue, cache: CacheMark | undefined): ImagePart {
  const url = image.isText ? image : image.member('url');
  return {
    kind: 'image',
    media: typed(readMedia(url), image.member('format')),
    detail: image.member('detail').optionalText(),
    ...(cache && { cache }),
  };
}

function readAudio(audio: RequestValue): AudioPart {
  const data = audio.member('data');
  const base64 = data.word().replace(/^data:[^,]*;base64,/i, '');
  return isBase64(base64) ? { kind: 'audio', base64, format: audio.member('format').word() } : data.wrong('base64');
}

function readFile(file: RequestValue, cache: CacheMark | undefined): FilePart {
  return { kind: 'file', media: fileMedia(file), name: file.member('filename').optionalText(), ...(cache && { cache }) };
}

function readAddressed(part: RequestValue, place: RequestValue, cache: CacheMark | undefined): FilePart {
  const media = readMedia(place.isText ? place : place.member('url'));
  return { kind: 'file', media, name: part.member('document_name').optionalText(), ...(cache && { cache }) };
}

/** LiteLLM's users say as `format` of what type an address is. */
function typed(media: Media, format: RequestValue): Media {
  const mime = format.optionalText();
  return 'url' in media && mime !== undefined ? { ...media, mime } : media;
}

/** LiteLLM's users name an address as `file_id`, and a type as `format`. */
function fileMedia(file: RequestValue): Media {
  const data = file.member('file_data');
  const id = file.member('file_id');
  const format = file.member('format');
  if (data.isAbsent) return /^(https?|gs|data):/i.test(id.word()) ? typed(readMedia(id), format) : { fileId: id.word() };
  if (/^(data|https?|gs):/i.test(data.text())) return typed(readMedia(data), format);
  const mime = format.optionalText() ?? mimeOf(file.member('filename').optionalText());
  return isBase64(data.text()) ? { base64: data.text(), mime } : data.wrong('base64 or a data URL');
}

function mimeOf(name: string | undefined): string {
  switch (/\.([a-z]+)$/i.exec(name ?? '')?.[1]?.toLowerCase()) {
    case 'txt':
    case 'md':
      return 'text/plain';
    case 'csv':
      return 'text/csv';
    case 'html':
      return 'text/html';
    case 'json':
      return 'application/json';
  }
  return 'application/pdf';
}
