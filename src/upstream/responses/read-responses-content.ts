import type { AudioPart, FilePart, ImagePart, Media, RefusalPart, TextPart } from '../neutral/neutral-request.js';
import { isBase64, readMedia } from '../neutral/read-media.js';
import type { RequestValue } from '../neutral/request-value.js';

/** A text, or a list of parts. Empty texts say nothing and are left out. */
export function readResponsesContent(content: RequestValue): (TextPart | ImagePart | FilePart | AudioPart | RefusalPart)[] {
  if (content.isText) return textParts(content.text());
  if (!content.isList) return content.wrong('a text or a list of parts');
  return content.list().flatMap((part): (TextPart | ImagePart | FilePart | AudioPart | RefusalPart)[] => {
    const type = part.member('type');
    switch (part.isObject ? type.text() : part.wrong('an object')) {
      case 'input_text':
      case 'output_text':
      case 'text':
        return textParts(part.member('text').text());
      case 'refusal':
        return [{ kind: 'refusal', text: part.member('refusal').text() }];
      case 'input_image':
        return [{ kind: 'image', media: imageMedia(part), detail: part.member('detail').optionalText() }];
      case 'input_file':
        return [{ kind: 'file', media: fileMedia(part), name: part.member('filename').optionalText() }];
      case 'input_audio':
        return [readAudio(part.member('input_audio'))];
    }
    return type.refuse('a part is one of input_text, input_image, input_file, input_audio, output_text, refusal.');
  });
}

function textParts(text: string): TextPart[] {
  return text === '' ? [] : [{ kind: 'text', text }];
}

function imageMedia(part: RequestValue): Media {
  const url = part.member('image_url');
  return url.isAbsent && !part.member('file_id').isAbsent ? { fileId: part.member('file_id').word() } : readMedia(url);
}

function fileMedia(part: RequestValue): Media {
  const data = part.member('file_data');
  const url = part.member('file_url');
  if (!data.isAbsent) {
    if (/^data:/i.test(data.text())) return readMedia(data);
    return isBase64(data.text()) ? { base64: data.text(), mime: mimeOf(part.member('filename').optionalText()) } : data.wrong('base64 or a data URL');
  }
  return url.isAbsent ? { fileId: part.member('file_id').word() } : readMedia(url);
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

function readAudio(audio: RequestValue): AudioPart {
  const data = audio.member('data');
  const base64 = data.word().replace(/^data:[^,]*;base64,/i, '');
  return isBase64(base64) ? { kind: 'audio', base64, format: audio.member('format').word() } : data.wrong('base64');
}
